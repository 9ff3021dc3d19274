"""How faults are planted in copies of the shipped data, and how a command is judged; the catalogue is in faults.py."""

from __future__ import annotations

import csv
import functools
import io
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from helpers import copy_untouched, csv_path

import cstocases

TABLES = cstocases.package().stored
MISSING = set(cstocases.package().missing)

Row = dict[str, str]
Spot = tuple[str, Row, str]  # a table, a row of it, a column of it; * is any column
# Columns of names, each spelt one way.
NAMES = {"actor", "author", "dataset", "dataset_version", "instrument_name", "measure", "office", "origin", "person", "publisher", "quantity", "requester", "speaker", "speaker_office", "unit"}  # fmt: skip
KEPT = "its key"  # in the place of a column: what only needs the row to keep its key
Planter = Callable[..., Any]


class Place(NamedTuple):
    """A column, or the part of one that holds values of one other column, with what its cells may hold."""

    table: str
    column: str
    field: Any
    rows: list[Row]
    tags: frozenset[str]


class Cell(NamedTuple):
    """A cell to spoil, and the tables around it."""

    book: Book
    place: Place
    row: Row
    value: str

    @property
    def rng(self) -> random.Random:
        """The random numbers of this copy."""
        return self.book.rng

    def read(self) -> set[str]:
        """What the readings of the cell say."""
        return {r["reading"] for r in self.book.readings(self.place.table, self.row, self.place.column)}

    def gives(self, new: str) -> bool:
        """Whether a reading of the cell says so, or less exactly."""
        said = self.read()
        return any(s[: len(new)] == new[: len(s)] for s in said) if self.place.field.type == "date" else new in said


@dataclass
class Edit:
    """What a fault does to the tables, what must then be named, and what must stay as it is for that."""

    cells: list[tuple[Spot, str]] = field(default_factory=list)
    at: list[Spot] = field(default_factory=list)
    also: list[Spot] = field(default_factory=list)
    lost: list[tuple[str, Row]] = field(default_factory=list)
    added: list[tuple[str, Row, Row]] = field(default_factory=list)  # a table, the row above, the row


class Kind(NamedTuple):
    """A line of the catalogue: a name, whose doing it is, how it is planted, and the rules that may name it (*: any)."""

    name: str
    hand: str
    plant: Planter
    rules: str = "*"


class Section(NamedTuple):
    """Kinds that one command must name, and what plants them in copies of the data."""

    by: str
    kinds: list[Kind]
    copies: Callable[[list[Kind], random.Random], Iterator[tuple[Path, list[Fault]]]]


@dataclass
class Fault:
    """A planted fault: the addresses that must be named, and how it was missed, if it was."""

    kind: Kind
    at: list[Any]
    before: str = ""
    after: str = ""
    missed: str = "nothing was run"
    records: list[tuple[str, str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        where = ", ".join(":".join(str(part) for part in at if part) for at in self.at[:3])
        cells = f" {self.before[:80]!r} became {self.after[:80]!r}:" if self.before or self.after else ""
        return f"{where}{', ...' * (len(self.at) > 3)}: {self.kind.name}:{cells} {self.missed}"


# What people code, check and correct must not change what a seed plants.
_folder = tempfile.TemporaryDirectory()
SHIPPED = copy_untouched(Path(_folder.name))


@functools.cache
def shipped() -> dict[str, list[Row]]:
    """The rows of the shipped tables."""
    texts = {name: csv_path(SHIPPED, name).read_text(encoding="utf-8") for name in TABLES}
    return {name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in texts.items()}


def field_of(table: str, column: str) -> Any:
    """What a reading or a coding of a column may say."""
    if column == "record":
        verdicts = cstocases.package().table("adjudications").field("verdict").categories[:1] * 3
        codes = tuple(replace(c, value=v) for c, v in zip(verdicts, ("yes", "no", "unclear"), strict=True))
        return replace(field_of("cases", "crisis_type"), name=column, categories=codes)
    owners = [t for t in TABLES.values() if column in t.names and (t.name == table or t.field(column).evidenced)]
    owner = TABLES[table] if TABLES[table] in owners else owners[0]
    return replace(owner.field(column), evidenced=False, required=True, unique=False)


@functools.cache
def tags_of(table: str, column: str, f: Any) -> frozenset[str]:
    """By which words the catalogue picks a column: its name, its table, its type and what it holds."""
    owner, code, url, measured = TABLES[table], bool(f.categories), "http" in (f.pattern or ""), f.name == "covariate_value"  # fmt: skip
    key = column == "record_id" or bool(f.pattern and not url and not measured)
    words = f.type == "string" and not (code or key or url or measured)
    held = f.evidenced or column in ("reading", "coded_value")
    precision, dated = column.endswith("_precision"), f"{column}_precision" in owner.names
    is_ = {
        "any": True, "code": code, "key": key, "url": url, "words": words, "coded": code or f.type != "string",
        "open": not (key or url or measured), "required": f.required, "evidenced": f.evidenced,
        "link": column == "record_id" or any(column in k.fields for k in owner.foreign_keys), "name": column in NAMES,
        "minimum": f.minimum is not None, "maximum": bool(f.maximum), "optional": not (f.required or precision or dated),
        "prose": words and not (held or f.unique or column in NAMES | {"external_id", "merged_ids", "values_judged"} | set(owner.primary_key)),
        "preferred": column.endswith("_reason") and f"{column.removesuffix('reason')}best" in owner.names,
        "unheld": not (held or precision or column in ("forum", "access", "belongs_to", "bound_by", "text_read", "verdict")),
    }  # fmt: skip
    return frozenset({column, table, f.type, *(tag for tag, holds in is_.items() if holds)})


def cell_of(row: Row) -> tuple[str, str, str]:
    """The cell that a reading, a coding, a search or an adjudication is about."""
    return row["table_name"], row["record_id"], row["field_name"]


class Book:
    """The tables of one copy while faults are planted; rows are dicts, so that a fault can hold on to a row that moves."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.rows = {name: [dict(row) for row in rows] for name, rows in shipped().items()}
        self.by_key = {
            (name, "/".join(row[key] for key in table.primary_key)): row
            for name, table in TABLES.items()
            for row in self.rows[name]
        }
        self.id = {id(row): key for (_, key), row in self.by_key.items()}
        self.taken: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.read: defaultdict[tuple[str, str, str], list[Row]] = defaultdict(list)
        self.referring: defaultdict[tuple[str, str], list[Spot]] = defaultdict(list)
        for row in self.rows["readings"]:
            self.read[cell_of(row)].append(row)
        for name, table in TABLES.items():
            for row in self.rows[name]:
                for key in table.foreign_keys:
                    self.referring[key.table, row[key.fields[0]]].append((name, row, key.fields[0]))
                # A coding of an ask or an answer needs no published row.
                if "record_id" in row and not (
                    name in ("codings", "adjudications") and row["table_name"] in ("asks", "answers")
                ):
                    self.referring[row["table_name"], row["record_id"]].append((name, row, "record_id"))
        self.places = list(self._places())

    def _places(self) -> Iterator[Place]:
        for name, table in TABLES.items():
            for f in table.fields:
                if f.name not in ("reading", "coded_value"):
                    yield Place(name, f.name, f, self.rows[name], tags_of(name, f.name, f))
                    continue
                parts = defaultdict(list)  # these columns hold values of other columns
                for row in self.rows[name]:
                    parts[row["table_name"], row["field_name"]].append(row)
                for of, rows in sorted(parts.items()):
                    yield Place(name, f.name, field_of(*of), rows, tags_of(name, f.name, field_of(*of)))

    def mixed(self, items: Iterable[Any]) -> list[Any]:
        """The items in random order."""
        listed = list(items)
        return self.rng.sample(listed, len(listed))

    def pick(self, table: str, where: Callable[[Row], bool]) -> Row:
        """A random row that no fault has changed.

        Raises:
            LookupError: there is none.
        """
        rows = (row for row in self.mixed(self.rows[table]) if "*" not in self.taken[table, self.id[id(row)]])
        found = next((row for row in rows if where(row)), None)
        if found is None:
            raise LookupError(table)
        return found

    def said(self, table: str, row: Row, column: str) -> str:
        """A cell as a reading would give it: a date cut to its precision."""
        return row[column][: {"month": 7, "year": 4}.get(row.get(f"{column}_precision", ""))]

    def readings(self, table: str, row: Row, column: str) -> list[Row]:
        """The readings of a cell."""
        return self.read[table, self.id[id(row)], column]

    def alike(self, table: str, row: Row, column: str, new: str) -> list[tuple[Spot, str]]:
        """A cell and every reading that supports it, changed alike, so that only a rule can object."""
        said = self.said(table, row, column)
        support = [read for read in self.readings(table, row, column) if read["reading"] == said]
        return [((table, row, column), new), *((("readings", read, "reading"), new) for read in support)]

    def free(self, table: str, row: Row, column: str) -> bool:
        """Whether no fault holds the cell yet (*: any cell of the row)."""
        claims = self._claims(table, row, column)
        return not any(self.taken[r] & ({c, "*"} - {KEPT}) or (c == "*" and self.taken[r]) for r, c in claims)

    def do(self, kind: Kind, edit: Edit, whole_rows: bool) -> Fault | None:
        """The edit made, as a fault; nothing if it need name nothing or touches what another fault holds."""
        rows = [*edit.also, *((table, row, "*") for table, row in edit.lost)]
        rows += [(t, row, "*" if whole_rows else column) for t, row, column in [*(s for s, _ in edit.cells), *edit.at]]
        if not edit.at or not all(self.free(*spot) for spot in rows):
            return None
        for spot in rows:
            for record, column in self._claims(*spot):
                self.taken[record].add(column)
        before = [row[column] for (_, row, column), _ in edit.cells] + [",".join(row.values()) for _, row in edit.lost]
        for (_, row, column), new in edit.cells:
            row[column] = new
        for table, row in edit.lost:
            self.rows[table] = [other for other in self.rows[table] if other is not row]
        for table, above, row in edit.added:
            self.rows[table].insert(next(i for i, r in enumerate(self.rows[table]) if r is above) + 1, row)
        after = [new for _, new in edit.cells] + [",".join(row.values()) for *_, row in edit.added]
        return Fault(kind, list(edit.at), " | ".join(before), " | ".join(after))

    def _claims(self, table: str, row: Row, column: str) -> list[tuple[tuple[str, str], str]]:
        """Records and columns a fault holds, lest another hide it; a date goes with its precision, a reading with its cell."""
        whole = column == "*" or column in TABLES[table].primary_key or table == "readings"
        record = self.id.setdefault(id(row), f"new row {len(self.id)}")
        claims = [((table, record), "*" if whole else column.removesuffix("_precision"))]
        if "record_id" in row:
            claims.append(((row["table_name"], row["record_id"]), row["field_name"]))
        if table == "readings":
            claims.append((("evidence", row["evidence_id"]), "*"))
        return claims

    def write(self, home: Path) -> dict[int, int]:
        """Write every table; the line of every row by the id of the object."""
        lines = {}
        for name, rows in self.rows.items():
            at = 2
            for row in rows:
                lines[id(row)] = at
                at += 1 + sum(cell.count("\n") for cell in row.values())
            with csv_path(home, name).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([TABLES[name].names, *(row.values() for row in rows)])
        return lines


def cells(where: str, change: Callable[[Cell], str | None], missing: bool = False) -> Planter:
    """Plants in one cell of the columns that have all tags of `where`, or with | one of them; the cell must be named."""

    def fits(place: Place) -> bool:
        return any(all((tag[0] != "!") == (tag.strip("!") in place.tags) for tag in way.split()) for way in where.split("|"))  # fmt: skip

    def plant(book: Book, kind: Kind) -> Fault | None:
        for place in book.mixed(place for place in book.places if fits(place)):
            for row in book.mixed(place.rows):
                value, spot = row[place.column], (place.table, row, place.column)
                if (value in MISSING or value.startswith("(")) == missing and book.free(*spot):
                    cell = Cell(book, place, row, value)
                    try:
                        new = change(cell)
                    except LookupError:
                        continue
                    sound = new is None or new == value or (place.field.evidenced and cell.gives(new))
                    if not sound and (fault := book.do(kind, Edit([(spot, new)], [spot]), False)):
                        return fault
        return None

    return plant


def edits(make: Callable[[Book, str, Row], Edit | None], *tables: str, whole_rows: bool = True) -> Planter:
    """Plants an edit at a row of these tables (default: of all); no other fault may touch the rows it changes or names."""

    def plant(book: Book, kind: Kind) -> Fault | None:
        for table in book.mixed(tables or TABLES):
            for row in book.mixed(book.rows[table]):
                try:
                    edit = make(book, table, row) if book.free(table, row, "*" if whole_rows else "") else None
                except LookupError:
                    continue  # it cannot be planted here
                if edit and (fault := book.do(kind, edit, whole_rows)):
                    return fault
        return None

    return plant


def split(line: str) -> list[str]:
    """The cells of a line of CSV."""
    return next(csv.reader([line]), [])


def join(row: list[str], **how: Any) -> str:
    """A line of CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="", **how).writerow(row)
    return out.getvalue()


def whole(change: Callable[[list[str], random.Random], bytes | str | None], *lines: int) -> Planter:
    """Plants in the lines of a file as a whole, which must be named at these lines (0: as a file)."""

    def plant(home: Path, table: str, rng: random.Random) -> list[tuple[str, int]] | None:
        file = csv_path(home, table)
        new = change(file.read_text(encoding="utf-8").split("\n")[:-1], rng)
        if new is None:
            return None
        file.write_bytes(new.encode() if isinstance(new, str) else new)
        return [(f"cases/{table}.csv", line) for line in lines]

    return plant


def line(change: Callable[[str, random.Random], list[str] | str | None], *offsets: int) -> Planter:
    """Plants in one line of a file: lines that take its place, or what the file then ends with; named there, or so much below."""

    def plant(home: Path, table: str, rng: random.Random) -> list[tuple[str, int]] | None:
        file = csv_path(home, table)
        lines = file.read_text(encoding="utf-8").split("\n")[:-1]
        for at in rng.sample(range(1, len(lines)), len(lines) - 1):
            new = change(lines[at], rng)
            if new is not None:
                parts = [*lines[:at], new] if isinstance(new, str) else [*lines[:at], *new, *lines[at + 1 :], ""]
                file.write_text("\n".join(parts), encoding="utf-8", newline="", errors="surrogateescape")
                return [(f"cases/{table}.csv", at + 1 + offset) for offset in offsets or (0,)]
        return None

    return plant


def in_tables(times: int) -> Callable[[list[Kind], random.Random], Iterator[tuple[Path, list[Fault]]]]:
    """So many faults of each kind in one copy, and in further ones those that found no room."""

    def copies(kinds: list[Kind], rng: random.Random) -> Iterator[tuple[Path, list[Fault]]]:
        left = kinds * times
        while left:
            book = Book(rng)
            tried = [(kind, kind.plant(book, kind)) for kind in book.mixed(left)]
            faults = [fault for _, fault in tried if fault]
            if not faults:
                return
            left = [kind for kind, fault in tried if fault is None]
            with tempfile.TemporaryDirectory() as folder:
                lines = book.write(copy_untouched(Path(folder)))
                for fault in faults:
                    fault.records = [(table, book.id[id(row)], column) for table, row, column in fault.at]
                    fault.at = [(TABLES[table].path, lines.get(id(row), 0), column) for table, row, column in fault.at]
                yield Path(folder), faults

    return copies


def in_files(most: int) -> Callable[[list[Kind], random.Random], Iterator[tuple[Path, list[Fault]]]]:
    """Copies with one fault in a file and at most so many in a copy, until each kind is planted."""

    def copies(kinds: list[Kind], rng: random.Random) -> Iterator[tuple[Path, list[Fault]]]:
        waiting = rng.sample(kinds, len(kinds))
        while waiting:
            with tempfile.TemporaryDirectory() as folder:
                home, faults = copy_untouched(Path(folder)), []
                for table in rng.sample(list(TABLES), most):
                    tried = ((kind, kind.plant(home, table, rng)) for kind in waiting)
                    kind, at = next(((kind, at) for kind, at in tried if at), (None, []))
                    if kind:
                        waiting.remove(kind)
                        faults.append(Fault(kind, [(path, number, "*" if number else "") for path, number in at]))
                yield home, faults

    return copies


def judge(command: str, home: Path, faults: list[Fault]) -> None:
    """Let the command look at a copy, and note at each fault how it was missed: not at all if its address was named."""
    named: defaultdict[tuple[str, int, str], set[str]] = defaultdict(set)
    seen: set[Any] = set()
    try:
        for problem in cstocases.validate(home, release=True):
            for column in (problem.column, "*"):
                named[problem.path, problem.line, column].add(problem.rule)
        if command == "diff" and not named:
            frame = cstocases.diff(SHIPPED, home)[["table_name", "record_id", "field_name"]]
            seen = set(frame.itertuples(index=False, name=None))
        elif command == "format --check" and not named:
            texts = {table.path: cstocases.canonical(name, home) for name, table in TABLES.items()}
            seen = {path for path, text in texts.items() if (home / path).read_bytes() != text.encode()}
    except cstocases.SchemaFileError as error:
        named[str(error).partition(".json")[0] + ".json", 0, ""].add(str(error))
    except Exception as error:
        for fault in faults:
            fault.missed = f"killed the run: {type(error).__name__}: {error}"
        return
    for fault in faults:
        rules = set(fault.kind.rules.split())
        if command == "validate":
            lost = [at for at in fault.at if not (named[at] if rules == {"*"} else named[at] & rules)]
            fault.missed = f"{lost[0]} is named by {sorted(named[lost[0]]) or 'nothing'}" if lost else ""
        elif named:
            at, rules = next(iter(named.items()))
            fault.missed = f"declared for {command}, but validate speaks of {at} in this copy: {sorted(rules)}"
        else:
            wanted = fault.records if command == "diff" else [path for path, *_ in fault.at]
            lost = [at for at in wanted if at not in seen]
            fault.missed = f"{command} does not name {lost[0]}" if lost else ""
