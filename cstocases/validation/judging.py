"""A dataset judged: its tables as read, and every problem they have by themselves, with each other and under the rules."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cstocases.errors import Problem
from cstocases.parsing import column_rules, csv_reader, parsed_table
from cstocases.parsing.parsed_table import Parsed
from cstocases.resolution.data import Data
from cstocases.schema.model import Package, Table
from cstocases.validation import content, sourcing


def judged(
    dataset: Package,
    raw: Mapping[str, bytes],
    absent: list[Problem],
    *,
    watch: Callable[[int, int], None] | None = None,
    release: bool = False,
    known: Mapping[str, Parsed] | None = None,
) -> tuple[Data, list[Problem]]:
    """The tables whose files are there, parsed, and every problem of the dataset, those of absent files among them.

    Of tables in `known`, which were found sound before, only the references and what the rules ask are judged again.
    """
    known = known or {}
    parsed = dict[str, Parsed]()
    data, problems = Data(dataset, parsed), list(absent)

    def read(table: Table) -> list[Problem]:
        found = list[Problem]()
        if table.name in known:
            parsed[table.name] = known[table.name]
        elif table.path in raw:
            parsed[table.name], found = _alone(dataset, table, raw[table.path])
        else:
            parsed[table.name] = parsed_table.unread(dataset, table)
        return found

    rules = [*content.RULES, *sourcing.RULES, *(sourcing.FOR_RELEASE if release else ())]
    steps: list[Callable[[], Iterable[Problem]]] = [
        *(functools.partial(read, table) for table in dataset.stored.values()),
        *(functools.partial(_bounded, _connected, parsed, name) for name in dataset.stored),
        *(functools.partial(_bounded, rule, data) for rule in rules),
    ]
    for done, step in enumerate(steps, 1):
        problems += step()
        if watch:
            watch(done, len(steps))
    order = {table.path: i for i, table in enumerate(dataset.stored.values())}
    return data, sorted(problems, key=lambda p: (order.get(p.path, len(order)), p.line, p.column, p.rule, p.message))


def _bounded(rule: Callable[..., Iterable[Problem]], *asked: Any) -> Iterator[Problem]:
    """The first problems of each kind that a rule finds, and how many more there are."""
    told: Counter[tuple[str, str, str]] = Counter()
    for problem in rule(*asked):
        kind = (problem.path, problem.column, problem.rule)
        told[kind] += 1
        if told[kind] <= csv_reader.MAX_REPORTED:
            yield problem
    for (path, column, name), n in told.items():
        if n > csv_reader.MAX_REPORTED:
            yield Problem(path, 0, column, name, f"and {n - csv_reader.MAX_REPORTED:,} more of this kind")


_ALONE: dict[str, tuple[bytes, Parsed, list[Problem]]] = {}


def _alone(dataset: Package, table: Table, raw: bytes) -> tuple[Parsed, list[Problem]]:
    """A table by itself: as read, and every problem that no other table is needed for.

    The last content of each path is kept, so that an edit of one file does not have the others read again.
    """
    kept = _ALONE.get(table.path)
    if kept and kept[0] == raw and kept[1].table == table and kept[1].tokens == tuple(dataset.missing):
        return kept[1:]
    parsed = parsed_table.parse(dataset, table, raw)
    broken = [*_bounded(column_rules.check_columns, parsed), *_bounded(column_rules.check_keys, parsed)]
    _ALONE[table.path] = raw, parsed, parsed.problems + broken
    return _ALONE[table.path][1:]


def _connected(parsed: dict[str, Parsed], name: str) -> Iterable[Problem]:
    mine = parsed[name]
    yield from column_rules.check_references(mine, parsed)
    again = mine.frame.duplicated(list(mine.table.primary_key))
    if again.any():
        # Rules join tables by their keys; with keys that stand many times on both sides a join fills the memory.
        parsed[name] = mine.with_texts(mine.texts[~again])
