"""The blocks of a new case as rows, and the short names under which its statements speak of their cells."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from cstocases.errors import quoted
from cstocases.people.draft import Address, Draft, Row, line_of
from cstocases.people.filled import blocks, near, only, text_at
from cstocases.people.proposal import Cell
from cstocases.people.statements import cell_of, filled_row
from cstocases.people.stubs import quote
from cstocases.people.toml_lines import Path
from cstocases.resolution.readings import RECORD


class Kind(NamedTuple):
    """A kind of block: its key, its table, the columns that the sheet fills by itself, and the keys that are no columns."""

    block: str
    table: str
    own: tuple[str, ...]
    keys: tuple[str, ...] = ()
    many: bool = True


# In this order, as each may name blocks before it.
KINDS = (
    Kind("candidate", "candidates", ("candidate_id", "case_id"), many=False),
    Kind("case", "cases", ("case_id",), many=False),
    Kind("request", "requests", ("request_id", "case_id"), ("id",)),
    Kind("ask", "asks", ("ask_id", "request_id"), ("request",)),
    Kind("decision", "decisions", ("decision_id", "request_id"), ("id", "request")),
    Kind("answer", "answers", ("answer_id", "decision_id", "ask_id"), ("decision", "ask")),
    Kind("contribution", "contributions", ("contribution_id", "decision_id"), ("decision",)),
    Kind("position", "positions", ("position_id", "case_id")),
)
UNASKED = "(not_applicable)"  # an answer that nobody had asked for


class Record(NamedTuple):
    """A row of the new case: its block, its id without that of the case, the short name that will do where no other has it, and its place."""

    block: str
    name: str
    short: str
    table: str
    id: str
    path: Path


class Case:
    """The rows of a new case while they are made. `cells` are those of a candidate that the data have."""

    def __init__(self, draft: Draft, case_id: str):
        self.draft, self.id = draft, case_id
        self.records: list[Record] = []
        self.cells: list[Cell] = []
        for kind in KINDS:
            found = blocks(draft.filled, (kind.block,), kind.many)
            if not found and kind.block in ("candidate", "case", "request") and kind.block not in draft.filled.value:
                draft.filled.wrong((), "lacking", f"has no {f'[[{kind.block}]]' if kind.many else f'[{kind.block}]'}")
            for path, block in found:
                self._row(kind, path, block)

    def _row(self, kind: Kind, path: Path, block: Mapping[str, Any]) -> None:
        """Add the row of a block."""
        draft, table = self.draft, self.draft.package.table(kind.table)
        columns = [name for name in table.names if name not in {*kind.own, *table.precisions}]
        only(draft.filled, path, block, [*kind.keys, *columns])
        row = filled_row(draft, table, path, block, {}, {}, kind.own)
        own, short = self._ids(kind, path, block, row)
        row |= own
        record = row[table.primary_key[0]]
        self.records.append(Record(kind.block, record.removeprefix(f"{self.id}-"), short, kind.table, record, path))
        paths = {column: (*path, column.removesuffix("_id")) for column in kind.own}
        if kind.block == "candidate" and line_of(draft.data, kind.table, record) is not None:
            old = draft.data.parsed[kind.table].texts.loc[line_of(draft.data, kind.table, record)]
            self.cells += [Cell(kind.table, record, n, str(old[n]), row[n]) for n in table.names if old[n] != row[n]]
            draft.lines |= {(kind.table, record, n): draft.filled.line((*path, n)) for n in table.names}
        else:
            draft.add(kind.table, row, path, {**paths, table.primary_key[0]: (*path, "id")})

    def _ids(self, kind: Kind, path: Path, block: Mapping[str, Any], row: Row) -> tuple[Row, str]:
        """The columns that a block leaves to the sheet, and the row's short name."""
        key = self.draft.package.table(kind.table).primary_key[0]
        if not kind.many:
            return dict.fromkeys(kind.own, self.id), self.id
        if kind.block == "position":
            short = row["state"].lower()
            return {key: f"{self.id}-{short}", "case_id": self.id}, short
        of = {"request": "", "ask": "request", "decision": "request"}.get(kind.block, "decision")
        parent = self._named(of, path, block) if of else None
        own = {f"{of}_id": parent.id if parent else ""} if of else {"case_id": self.id}
        if kind.block == "contribution":
            short = row["state"].lower()
        elif "id" in kind.keys:
            short = text_at(self.draft.filled, (*path, "id"), block)
            if not short:
                self.draft.filled.wrong(
                    (*path, "id"), "lacking", "is not filled in; a word or two of small letters, joined by -"
                )
        else:
            short = row["help_kind"].replace("_", "-")
        if kind.block == "answer":
            suffix, own["ask_id"] = self._asked(path, block, short)
            short += suffix
        return {**own, key: f"{parent.id if parent else self.id}-{short}"}, short

    def _asked(self, path: Path, block: Mapping[str, Any], kind: str) -> tuple[str, str]:
        """How the id of an answer with this kind of help ends, and the id of the ask that it answers."""
        name = text_at(self.draft.filled, (*path, "ask"), block)
        if not name:
            message = f"is not filled in; write the kind of help asked for, or {UNASKED} if nobody had asked"
            self.draft.filled.wrong((*path, "ask"), "lacking", message)
        record = self._named("ask", path, block) if name and name != UNASKED else None
        if record is None:
            return "-unasked" if name == UNASKED else "", UNASKED.strip("()")
        return "" if record.short == kind else f"-to-{record.short}", record.id

    def _named(self, block: str, path: Path, given: Mapping[str, Any]) -> Record | None:
        """The block that a key names; the only one where it is left blank."""
        there = [record for record in self.records if record.block == block]
        name = text_at(self.draft.filled, (*path, block), given)
        found = [record for record in there if not name or name in (record.short, record.name, record.id)]
        if len(found) == 1:
            return found[0]
        names = [record.name for record in there]
        message = (
            near(block, name, names)
            if name and not found
            else f"does not say which {block}; there are {', '.join(names)}"
        )
        self.draft.filled.wrong((*path, block), "reference", message if there else f"there is no [[{block}]] above")
        return None

    @cached_property
    def names(self) -> dict[str, Address]:
        """The cells of the case that a statement can say, by each name they have: case.start_date, request.date, request.session.date.

        To be asked for when all blocks and events are rows.
        """
        out: dict[str, Address] = {}
        for record in self.records:
            alike = [other for other in self.records if other.block == record.block]
            prefixes = [record.block] if len(alike) == 1 else []
            if record.id != self.id:
                names = dict.fromkeys([record.short, record.name])
                shorts = [other.short for other in alike]
                prefixes += [f"{record.block}.{one}" for one in names if one == record.name or shorts.count(one) == 1]
            fields = [*(f.name for f in self.draft.package.table(record.table).evidenced), RECORD]
            out |= {f"{prefix}.{name}": (record.table, record.id, name) for prefix in prefixes for name in fields}
        return out

    def resolve(self, where: Path, name: str) -> Address | None:
        """The cell that a name in `says` or in a search means; None, and why is noted, if there is none."""
        if "/" in name:
            return cell_of(self.draft, where, name)
        names = self.names
        if name not in names:
            message = near("cell", name, names)
            self.draft.filled.wrong(where, "cell", message)
            # What a misspelt name means has its value said, as far as can be told.
            self.draft.doubtful |= {cell for known, cell in names.items() if known in message}
        return names.get(name)


def searches(case: Case) -> None:
    """Add a row for each cell that a search was made for; a search that the data have keeps its id."""
    draft, table = case.draft, case.draft.package.table("searches")
    own = ("search_id", "table_name", "record_id", "field_name")
    for path, block in blocks(draft.filled, ("search",), True):
        only(draft.filled, path, block, ["cells", *(name for name in table.names if name not in own)])
        row = filled_row(draft, table, path, block, {}, {}, own)
        named = block.get("cells", [])
        if not isinstance(named, list) or not named or not all(isinstance(one, str) for one in named):
            draft.filled.wrong(
                (*path, "cells"), "form", 'write cells = ["case.deaths_best"], with the cells searched for'
            )
            continue
        for n, name in enumerate(named):
            cell = case.resolve((*path, "cells", n), name)
            if cell is not None:
                _search(draft, path, {**row, **dict(zip(own[1:], cell, strict=True))})


def _search(draft: Draft, path: Path, row: Row) -> None:
    texts = draft.data.parsed["searches"].texts
    if not (texts[list(row)] == list(row.values())).all(axis=1).any():
        cells = ("table_name", "record_id", "field_name")
        draft.add(
            "searches",
            {**row, "search_id": draft.free("searches", "add-s")},
            path,
            dict.fromkeys(cells, (*path, "cells")),
        )


def events(case: Case) -> dict[Path, tuple[Address, str, bool]]:
    """Add the events that statements describe; of each place that names one, its date, what the statement says of it, and whether by inference."""
    draft, table = case.draft, case.draft.package.table("events")
    found: dict[Path, tuple[Address, str, bool]] = {}
    for place, statement in blocks(draft.filled, ("statement",), True):
        named = statement.get("event", [])
        many = isinstance(named, list)
        for path, block in blocks(draft.filled, (*place, "event"), many) if named else []:
            only(draft.filled, path, block, ["id", "date", "event_kind", "actor", "description", "inferred"])
            merged = {"date": statement.get("date", ""), "actor": statement.get("actor", ""), **block}
            short = text_at(draft.filled, (*path, "id"), block)
            record = f"{case.id}-{short}"
            if not short:
                draft.filled.wrong(
                    (*path, "id"), "lacking", "is not filled in; a word or two of small letters, joined by -"
                )
            elif len(block) > len({"id", "date", "inferred"} & set(block)):
                row = filled_row(draft, table, path, merged, {"date": "unknown"}, {}, ("event_id", "case_id"))
                case.records.append(Record("event", short, short, "events", record, path))
                draft.add("events", {**row, "event_id": record, "case_id": case.id}, path, {"event_id": (*path, "id")})
            day = text_at(draft.filled, (*path, "date"), merged)
            known = bool(day) and day.strip("()") not in draft.package.missing
            cell = ("events", record, "date" if known else RECORD)
            found[path] = (cell, day if known else "yes", block.get("inferred") is True)
    ids = {row["event_id"] for row in draft.rows.get("events", [])}
    for path in [path for path, (cell, *_) in found.items() if cell[1] not in ids]:
        short = found.pop(path)[0][1].removeprefix(f"{case.id}-")
        message = f"no statement describes the event {quoted(short)}; add event_kind and description = {quote('...')}"
        if short:
            draft.filled.wrong((*path, "id"), "reference", message)
    return found
