"""The derived tables, never stored: the comparison, one row a request, and the status of each cell."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cstocases.derived.computed import DERIVED, INGREDIENTS, OF_REQUEST
from cstocases.derived.hanging import hangs
from cstocases.derived.member_years import member_years
from cstocases.derived.outcomes import FORUM_OF, UNSURE, was_helped
from cstocases.derived.request_members import request_members
from cstocases.files import judged
from cstocases.parsing.cell_values import DTYPES, as_text, typed
from cstocases.parsing.joins import joined, lookup, positions
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, cut_date
from cstocases.schema.model import Dummies, Table

PANELS = {"request_members": request_members, "member_years": member_years}
FORUMS = {"csto_": "csto", "bilateral_": "bilateral"}


class Column(NamedTuple):
    """A column of the comparison, one element a request: the texts of the values, and what `Comparison` says of each."""

    texts: Sequence[str | None]
    missing_codes: Sequence[str | None]
    records: Sequence[str | None]
    status: Sequence[str | None]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The comparison by column, and as four frames, one row a request in the order of the requests.

    `frame` the typed values, `missing_codes` the missing-value codes, `records` the row another table
    holds the cell in and `status` what its readings make of it; both NA where the
    cell is computed, but for an outcome that hangs on a conflicting reading, which is contested. A cell of a decision that does not exist is not_applicable.
    """

    table: Table
    columns: Mapping[str, Column]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The values, typed."""
        return self.typed(self.table.names)

    @cached_property
    def missing_codes(self) -> pd.DataFrame:
        """The missing-value codes. Dtype: string."""
        return pd.DataFrame({name: column.missing_codes for name, column in self.columns.items()}, dtype="string")

    @cached_property
    def records(self) -> pd.DataFrame:
        """The ids of the rows that hold the cells. Dtype: string."""
        return pd.DataFrame({name: column.records for name, column in self.columns.items()}, dtype="string")

    @cached_property
    def status(self) -> pd.DataFrame:
        """The status of the cells. Dtype: string."""
        return pd.DataFrame({name: column.status for name, column in self.columns.items()}, dtype="string")

    def text(self, name: str, row: int) -> str | None:
        """A cell as text, a date cut to its precision; None where it is missing."""
        precision = self.columns.get(f"{name}_precision")
        return cut_date(self.columns[name].texts[row], precision and precision.texts[row])

    def typed(self, names: Sequence[str]) -> pd.DataFrame:
        """Some columns of `frame`."""
        texts = {name: pd.Series(self.columns[name].texts, dtype="string") for name in names}
        return pd.DataFrame({name: typed(self.table.field(name), text) for name, text in texts.items()}, copy=False)


@functools.lru_cache(maxsize=8)
def comparison(data: Data) -> Comparison:
    """The comparison, derived from the tables it refers to."""
    table = data.package.table("comparison")
    raw = judged.recall(data.digest, "comparison.json") if data.digest else None
    with contextlib.suppress(ValueError):
        if raw is not None:
            return Comparison(table, {name: Column(*column) for name, column in json.loads(raw).items()})
    made = Comparison(table, columns_of(data, table.names))
    if data.digest:
        judged.keep(data.digest, "comparison.json", json.dumps(made.columns).encode())
    return made


def columns_of(data: Data, names: Sequence[str]) -> dict[str, Column]:
    """Some columns of the comparison, by name."""
    table = data.package.table("comparison")
    fields = [table.field(name) for name in names]
    taken = _taken(data, table)
    requests = Comparison(table, taken).typed(OF_REQUEST)
    nothing = [None] * len(requests)
    dummies = _dummies(data, {f.dummy_of for f in fields if f.dummy_of}, requests)
    columns = {}
    for f in fields:
        if f.ref:
            columns[f.name] = taken[f.name]
        elif f.dummy_of:
            columns[f.name] = Column(*dummies[f.name], nothing, nothing)
        else:
            value = DERIVED[f.name](data, requests)
            unsure = [v is UNSURE for v in value]
            texts = _strings(
                as_text(f, value.mask(pd.Series(unsure, index=value.index, dtype=bool)).astype(DTYPES[f.type]))
            )
            codes = _codes(f.name, taken, unsure)
            codes = [code if text is None else None for text, code in zip(texts, codes, strict=True)]
            columns[f.name] = Column(texts, codes, nothing, _hanging(data, requests, f.name) or nothing)
    return columns


def _hanging(data: Data, requests: pd.DataFrame, name: str) -> list[str | None]:
    """Contested for each request whose outcome would be another under a conflicting reading; empty for other columns."""
    if name not in FORUM_OF:
        return []
    return ["contested" if hangs(data, request, name) else None for request in requests["request_id"]]


def _strings(texts: pd.Series) -> list[str | None]:
    return [None if text is pd.NA else text for text in texts]


def _taken(data: Data, table: Table) -> dict[str, Column]:
    """The columns of the comparison that stand in another table."""
    places = {name: _source(data, name).tolist() for name in ("request", "case", "csto", "bilateral")}
    status = dict(zip(joined(*(data.statuses[name] for name in CELL)), data.statuses["status"], strict=True))

    def take(column: list[str | None], source: str, beyond: str | None = None) -> list[str | None]:
        return [beyond if row < 0 else column[row] for row in places[source]]

    out = {}
    for f in table.fields:
        if f.ref is None:
            continue
        origin, field = f.ref
        source, parsed = source_of(f.name, origin), data.parsed[origin]
        texts, codes = (part.to_pylist() for part in parsed.split(field))
        ids = parsed.columns[parsed.table.primary_key[0]].to_pylist()
        records = take(ids, source)
        out[f.name] = Column(
            take(texts, source),
            take(codes, source, "not_applicable"),
            records,
            [status.get(f"{origin}\t{record}\t{field}") for record in records],
        )
    return out


def _codes(name: str, taken: Mapping[str, Column], unsure: list[bool]) -> list[str | None]:
    """The missing-value code that each cell of a computed column has if it has no value."""
    ingredients = [taken[ingredient].missing_codes for ingredient in INGREDIENTS.get(name, ())]
    fallback = ["unknown" if is_unsure else "not_applicable" for is_unsure in unsure]
    return [next(filter(None, codes)) for codes in zip(*ingredients, fallback, strict=True)]


def derived(data: Data, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A derived table and its missing-value codes."""
    if name in PANELS:
        return _panel(data, name)
    if name == "comparison":
        made = comparison(data)
        return made.frame, made.missing_codes
    columns = {"value": "published_value", "n_evidence": "n_readings", "status": "cell_status"}
    table = data.package.table(name)
    status = data.statuses.rename(columns=columns).sort_values(list(table.primary_key), ignore_index=True)
    frame = pd.DataFrame({f.name: status[f.name].astype(DTYPES[f.type]) for f in table.fields})
    kinds = pd.DataFrame(pd.NA, index=frame.index, columns=frame.columns, dtype="string")
    kinds["published_value"] = status["kind"].where(frame["published_value"].isna()).astype("string")
    kinds["conflict"] = pd.Series("not_applicable", index=frame.index, dtype="string").where(frame["conflict"].isna())
    return frame, kinds


def _panel(data: Data, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A table of PANELS and its missing-value codes, computed once for a judged content."""
    return data.kept(name, lambda: PANELS[name](data)[0]), data.kept(f"{name}-missing", lambda: PANELS[name](data)[1])


def n_rows(data: Data, name: str) -> int:
    """How many rows a derived table has."""
    if name in PANELS:
        return len(_panel(data, name)[0])
    return len(data.parsed["requests"].lines if name == "comparison" else data.statuses)


def source_of(name: str, origin: str) -> str:
    """Which row of a request a field of the comparison is taken from: request, case, csto or bilateral."""
    prefix = next((forum for start, forum in FORUMS.items() if name.startswith(start)), None)
    return prefix or {"requests": "request", "cases": "case"}[origin]


def _source(data: Data, name: str) -> np.ndarray:
    """For each request, the place of the row another table holds for it; -1 where there is none."""
    requests = data.frames["requests"]
    if name == "request":
        return np.arange(len(requests))
    if name == "case":
        return positions(requests["case_id"], data.frames["cases"]["case_id"])
    decisions = data.frames["decisions"]
    final = (decisions["is_final"] & (decisions["forum"] == name)).fillna(False).astype(bool)
    return positions(requests["request_id"], decisions["request_id"].where(final))


def _dummies(data: Data, columns: set[Dummies], requests: pd.DataFrame) -> dict[str, tuple[Any, Any]]:
    """Each dummy column: whether the code occurs in the rows of each request, and the missing-value code.

    It cannot be told where a row has no code, or no value in the column that says whether it
    counts. Then the cell has the missing-value code of that row, `disputed` before any other.
    """
    found = {}
    for prefix, table, field, where in {column[:4] for column in columns}:
        labels = pd.Series(list(data.package.table(table).field(field).labels), dtype="string")
        line, owner, in_doubt = CODED[table](data, requests)
        rows, codes = data.frames[table].iloc[line], data.missing_codes[table].iloc[line]
        code = positions(rows[field], labels)
        counts, reason = np.ones(len(rows), dtype=bool), codes[field].fillna(pd.Series(in_doubt, rows.index))
        doubted = np.array([doubt is not None for doubt in in_doubt], dtype=bool)
        if where:
            counts = rows[where[0]].isin(list(where[1])).to_numpy(dtype=bool, na_value=False)
            doubted = rows[where[0]].isna().to_numpy()
            reason = codes[field].fillna(codes[where[0]])
        size = len(requests), len(labels)
        occurs = np.zeros(size, dtype=bool)
        why = np.full(size, None, dtype=object)
        sure = counts & ~doubted & (code >= 0)
        occurs[owner[sure], code[sure]] = True
        for row in np.flatnonzero(doubted | (counts & (code < 0))):
            which = slice(None) if code[row] < 0 else slice(code[row], code[row] + 1)
            cell = why[owner[row], which]
            why[owner[row], which] = np.where(cell == "disputed", "disputed", reason.iloc[row])
        why[occurs] = None
        for place, label in enumerate(labels):
            codes_of, occurs_in = why[:, place].tolist(), occurs[:, place].tolist()
            texts = [None if c else str(o).lower() for c, o in zip(codes_of, occurs_in, strict=True)]
            found[f"{prefix}_{label}"] = texts, codes_of
    return found


Rows = tuple[np.ndarray, np.ndarray, list[str | None]]


def _reasons(data: Data, requests: pd.DataFrame) -> Rows:
    """The places of the rationales that belong to an ask or an answer, those of their requests, and no doubt about any."""
    asks, answers, decisions, said = (data.frames[name] for name in ("asks", "answers", "decisions", "rationales"))
    decision = lookup(said["answer_id"], answers["answer_id"], answers["decision_id"])
    request = lookup(said["ask_id"], asks["ask_id"], asks["request_id"])
    owner = positions(
        request.fillna(lookup(decision, decisions["decision_id"], decisions["request_id"])), requests["request_id"]
    )
    line = np.flatnonzero(owner >= 0)
    return line, owner[line], [None] * len(line)


def _explanations(data: Data, requests: pd.DataFrame) -> Rows:
    """The places of the explanations of what came of each request, those of the requests, and the missing-value code where that cannot be told."""
    argued, codes = data.frames["explanations"], data.missing_codes["explanations"]["explains"].tolist()
    explains: dict[str, list[tuple[int, str | None]]] = {}
    for line, (case, what) in enumerate(zip(argued["case_id"].tolist(), argued["explains"].tolist(), strict=True)):
        explains.setdefault(case, []).append((line, None if what is pd.NA else what))
    rows: list[tuple[int, int, str | None]] = []
    of_case = zip(requests["request_id"].tolist(), requests["case_id"].tolist(), strict=True)
    for place, (request, case) in enumerate(of_case):
        helped = was_helped(data, request)
        for line, what in explains.get(case, ()):
            if what is None:
                rows.append((line, place, codes[line]))
            elif helped is None and what in ("grant", "refusal"):
                rows.append((line, place, "unknown"))
            elif what in ("both", "grant" if helped else "refusal"):
                rows.append((line, place, None))
    lines, owners, doubts = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(lines, dtype=int), np.array(owners, dtype=int), list(doubts)


# By table of coded reasons, what finds its rows that count for each request.
CODED: Mapping[str, Callable[[Data, pd.DataFrame], Rows]] = {"rationales": _reasons, "explanations": _explanations}
