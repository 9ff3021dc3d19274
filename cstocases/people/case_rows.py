"""The blocks of a new case as rows, and the short names under which its statements speak of their cells."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from cstocases.errors import quoted
from cstocases.people.draft import Address, Draft, line_of, near
from cstocases.people.proposal import Cell, Row
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
OF_SEARCH = ("search_id", "table_name", "record_id", "field_name")  # columns that the sheet fills by itself


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
            found = draft.blocks((kind.block,), kind.many)
            if not found and kind.block in ("candidate", "case", "request") and kind.block not in draft.value:
                draft.wrong((), "lacking", f"has no {f'[[{kind.block}]]' if kind.many else f'[{kind.block}]'}")
            for path in found:
                self._row(kind, path)

    def _row(self, kind: Kind, path: Path) -> None:
        """Add the row of a block."""
        draft, table = self.draft, self.draft.package.table(kind.table)
        columns = [name for name in table.names if name not in {*kind.own, *table.precisions}]
        draft.only(path, [*kind.keys, *columns])
        row = filled_row(draft, table, path, kind.own)
        own, short = self._ids(kind, path, row)
        row |= own
        record = row[table.primary_key[0]]
        self.records.append(Record(kind.block, record.removeprefix(f"{self.id}-"), short, kind.table, record, path))
        paths = {column: (*path, column.removesuffix("_id")) for column in kind.own}
        if kind.block == "candidate" and line_of(draft.data, kind.table, record) is not None:
            old = draft.data.parsed[kind.table].texts.loc[line_of(draft.data, kind.table, record)]
            self.cells += [Cell(kind.table, record, n, str(old[n]), row[n]) for n in table.names if old[n] != row[n]]
            draft.lines |= {(kind.table, record, n): draft.line((*path, n)) for n in table.names}
        else:
            draft.add(kind.table, row, path, {**paths, table.primary_key[0]: (*path, "id")})

    def _ids(self, kind: Kind, path: Path, row: Row) -> tuple[Row, str]:
        """The columns that a block leaves to the sheet, and the row's short name."""
        key = self.draft.package.table(kind.table).primary_key[0]
        if not kind.many:
            return dict.fromkeys(kind.own, self.id), self.id
        of = {"request": "", "position": "", "ask": "request", "decision": "request"}.get(kind.block, "decision")
        parent = self._named(of, path) if of else None
        own = {f"{of}_id": parent.id if parent else ""} if of else {"case_id": self.id}
        if kind.block in ("contribution", "position"):
            short = row["state"].lower()
        elif "id" in kind.keys:
            short = _id(self.draft, path)
        else:
            short = row["help_kind"].replace("_", "-")
        if kind.block == "answer":
            suffix, own["ask_id"] = self._asked(path, short)
            short += suffix
        return {**own, key: f"{parent.id if parent else self.id}-{short}"}, short

    def _asked(self, path: Path, kind: str) -> tuple[str, str]:
        """How the id of an answer with this kind of help ends, and the id of the ask that it answers."""
        name = self.draft.text(*path, "ask")
        if not name:
            message = f"is not filled in; write the kind of help asked for, or {UNASKED} if nobody had asked"
            self.draft.wrong((*path, "ask"), "lacking", message)
        record = self._named("ask", path) if name and name != UNASKED else None
        if record is None:
            return "-unasked" if name == UNASKED else "", UNASKED.strip("()")
        return "" if record.short == kind else f"-to-{record.short}", record.id

    def _named(self, block: str, path: Path) -> Record | None:
        """The block that a key names; the only one where it is left blank."""
        there = [record for record in self.records if record.block == block]
        name = self.draft.text(*path, block).replace("_", "-")  # a kind of help may be written as its code
        found = [record for record in there if not name or name in (record.short, record.name, record.id)]
        if len(found) == 1:
            return found[0]
        names = [record.name for record in there]
        which = f"does not say which {block}; there are {', '.join(names)}"
        message = near(block, name, names) if name and not found else which
        self.draft.wrong((*path, block), "reference", message if there else f"there is no [[{block}]] above")
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
        names, (block, *middle, column) = self.names, name.split(".")
        name = ".".join([block, *(one.replace("_", "-") for one in middle), column])
        if name not in names:
            message = near("cell", name, names)
            self.draft.wrong(where, "cell", message)
            # What a misspelt name means has its value said, as far as can be told.
            self.draft.doubtful |= {cell for known, cell in names.items() if known in message}
        return names.get(name)


def _id(draft: Draft, path: Path) -> str:
    """The words of an id; that they are lacking is noted."""
    short = draft.text(*path, "id")
    if not short:
        draft.wrong((*path, "id"), "lacking", "is not filled in; a word or two of small letters, joined by -")
    return short


def searches(case: Case) -> None:
    """Add a row for each cell that a search was made for; a search that the data have keeps its id."""
    draft, table = case.draft, case.draft.package.table("searches")
    texts = draft.data.parsed["searches"].texts
    for path in draft.blocks(("search",), True):
        draft.only(path, ["cells", *(name for name in table.names if name not in OF_SEARCH)])
        row = filled_row(draft, table, path, OF_SEARCH)
        named = draft.at((*path, "cells"))
        if not isinstance(named, list) or not named or not all(isinstance(one, str) for one in named):
            message = 'write cells = ["case.deaths_best"], with the cells searched for'
            draft.wrong((*path, "cells"), "form", message)
            continue
        for n, name in enumerate(named):
            cell = case.resolve((*path, "cells", n), name)
            made = row | dict(zip(OF_SEARCH[1:], cell or (), strict=False))
            if cell and not (texts[list(made)] == list(made.values())).all(axis=1).any():
                made["search_id"] = draft.free("searches", "add-s")
                draft.add("searches", made, path, dict.fromkeys(OF_SEARCH[1:], (*path, "cells")))


def events(case: Case) -> dict[Path, tuple[Address, str, bool]]:
    """Add the events that statements describe; of each place that names one, its date, what the statement says of it, and whether by inference."""
    draft, table = case.draft, case.draft.package.table("events")
    found: dict[Path, tuple[Address, str, bool]] = {}
    for place in draft.blocks(("statement",), True):
        statement = draft.at(place)
        named = statement.get("event")
        for path in draft.blocks((*place, "event"), isinstance(named, list)) if named else []:
            draft.only(path, ["id", "date", "event_kind", "actor", "description", "inferred"])
            block = draft.at(path)
            short = _id(draft, path)
            record, described = f"{case.id}-{short}", set(block) - {"id", "date", "inferred"}
            block |= {name: statement[name] for name in ("date", "actor") if name in statement and name not in block}
            if short and described:
                row = filled_row(draft, table, path, ("event_id", "case_id"), {"date": "unknown"})
                case.records.append(Record("event", short, short, "events", record, path))
                draft.add("events", {**row, "event_id": record, "case_id": case.id}, path, {"event_id": (*path, "id")})
            day = draft.text(*path, "date")
            known = bool(day) and day.strip("()") not in draft.package.missing
            cell = ("events", record, "date" if known else RECORD)
            found[path] = (cell, day if known else "yes", block.get("inferred") is True)
    ids = {row["event_id"] for row in draft.rows.get("events", [])}
    for path in [path for path, (cell, *_) in found.items() if cell[1] not in ids]:
        short = found.pop(path)[0][1].removeprefix(f"{case.id}-")
        message = f"no statement describes the event {quoted(short)}; add event_kind and description = {quote('...')}"
        if short:
            draft.wrong((*path, "id"), "reference", message)
    return found
