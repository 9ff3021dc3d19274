"""A correction: one cell that should be otherwise, or a source that says otherwise, as a TOML sheet."""

from __future__ import annotations

from typing import Any

from cstocases.errors import UnknownNameError, count, quoted
from cstocases.people.changes import Change, changed, entry, verdict
from cstocases.people.draft import Address, Draft, present, today
from cstocases.people.filled import as_cell, blocks, kind_is, near, only, read, text_at
from cstocases.people.proposal import Proposal, ReturnError
from cstocases.people.statements import (
    BLANK_SOURCE,
    BLANK_STATEMENT,
    KEY_OF,
    STATEMENT_KEYS,
    address,
    cell_of,
    correctable,
    source,
    statement,
)
from cstocases.people.stubs import codes, keys, kinds_of_missing, meaning, quote
from cstocases.people.toml_lines import Path
from cstocases.people.who import coder_toml, who, who_toml
from cstocases.resolution.data import Data
from cstocases.schema.model import Package, Table

KEYS = ("cstocases", "by", "reason", "cite", "coder", "source", "statement", "change")


def correction_toml(data: Data, table: str, record: str, field: str, coder: str = "") -> str:
    """A sheet for the correction of one cell, to be filled in: TOML, with the present value, the codes and the day in it.

    Raises:
        UnknownNameError: no such table, record or field.
    """
    package, tables = data.package, correctable(data.package)
    if table not in tables:
        raise UnknownNameError("table with cells to correct", table, tables)
    wanted = package.table(table).field(field)
    ids = data.parsed[table].texts[package.table(table).primary_key[0]].tolist()
    if record not in ids:
        raise UnknownNameError(f"record of {table}", record, ids)
    if not _can_change(package.table(table), field):
        columns = [one for one in package.table(table).names if _can_change(package.table(table), one)]
        raise UnknownNameError(f"column of {table} that can be changed", field, columns)
    cell, evidenced = quote(f"{table}/{record}/{field}"), wanted in package.table(table).evidenced
    cases = data.parsed["cases"].texts["case_id"].tolist()
    case = max((one for one in cases if f"{record}-".startswith(f"{one}-")), key=len, default="")
    says = [f'says = {{ {cell} = "" }}', "# Cells in says that follow only together with other knowledge"]
    says += [f"# inferred = [{cell}]"]
    return "\n".join(
        [
            "# A correction. Fill in what stands between quotes; lines that begin with # are only remarks.",
            "# `cstocases enter FILE` shows what would follow and writes nothing; with --write it enters the data.",
            'cstocases = "correction"',
            *who_toml(coder),
            "# Why the value is wrong, or what the source adds, in a sentence",
            'reason = ""',
            "# Where the data have the source already: its citekey. Then take out [source] and its keys.",
            '# cite = ""',
            "",
            *coder_toml(data, coder),
            *(
                []
                if evidenced
                else ["# To mend a slip no source is needed: then take out all from here to [[change]]."]
            ),
            "[source]",
            *keys(package.table("sources"), {"accessed": today()}, leave=["citekey"], blank=BLANK_SOURCE),
            "",
            "# One [[statement]] for each thing the source says, with the cells it speaks of.",
            "[[statement]]",
            *statement_keys(package, {"case_id": case}),
            *(says if evidenced else []),
            "",
            "# Without [[change]] the value stays, and what the source says of it is added.",
            "[[change]]",
            f"cell = {cell}",
            f"was = {quote(present(data, table, record, field))}",
            *meaning(wanted),
            *codes(wanted),
            "# or why there is none:",
            *kinds_of_missing(package),
            'now = ""',
            "",
        ]
    )


def statement_keys(package: Package, values: dict[str, str]) -> list[str]:
    """The keys of a statement but `says`, to be filled in."""
    return keys(package.table("evidence"), values, KEY_OF, ("evidence_id", "citekey", "merged_ids"), BLANK_STATEMENT)


def proposal(data: Data, text: str, name: str) -> Proposal:
    """What a filled correction would do to the data; nothing, and a line that says so, if it is in them already.

    Raises:
        ReturnError: it cannot be entered; every reason with its line.
    """
    filled = read(text, name)
    draft = Draft(data, filled)
    only(filled, (), filled.value, KEYS)
    kind_is(filled, "correction")
    coder, reason = who(draft), text_at(filled, ("reason",), filled.value)
    if not reason.strip():
        filled.wrong(("reason",), "lacking", "is not filled in; say why in a sentence")
    citekey, offered = _source(draft)
    _statements(draft, citekey)
    changes = [change for path, block in blocks(filled, ("change",), True) if (change := _change(draft, path, block))]
    made = [change for change in changes if change.was != change.now]
    if not {"evidence", "readings"} & set(draft.rows) and not made and not filled.problems and (citekey or changes):
        return Proposal("correction", {}, [], "", [f"{name} adds nothing: the data have all of it"])
    if offered:
        message = f"the data have this source; take out [source] and write cite = {quote(citekey)} above it"
        filled.wrong(("source", "url"), "known-source", message)
    for change in changes:
        _may_change(draft, change, [other.cell for other in changes].count(change.cell))
    if not citekey and not changes and not filled.problems:
        filled.wrong((), "lacking", "says nothing; add a [[statement]] or a [[change]]")
    cells = [one for change in made for one in (*changed(draft, change), *verdict(draft, change, reason))]
    if filled.problems:
        raise ReturnError(filled.problems)
    if coder:
        draft.add("coders", coder, ("coder",), {"coder": ("by",)})
    said = [f"{count(len(rows), 'row')} for {table}" for table, rows in draft.rows.items()]
    said += [f"{'/'.join(change.cell)}: {quoted(change.was)} becomes {quoted(change.now)}" for change in made]
    return Proposal("correction", draft.rows, cells, entry(draft, made, cells, reason), said, draft.lines)


def _source(draft: Draft) -> tuple[str, bool]:
    """The citekey of the source, "" if there is none, and whether it is that of a source described again."""
    filled = draft.filled
    cite = text_at(filled, ("cite",), filled.value)
    known = draft.data.parsed["sources"].texts["citekey"].tolist()
    if cite and cite not in known:
        filled.wrong(("cite",), "reference", near("citekey", cite, known))
    described = blocks(filled, ("source",), False)
    if cite and described:
        filled.wrong(("cite",), "form", "names a source, and [source] describes one; take one of the two out")
    elif described:
        return source(draft, *described[0])
    return cite, False


def _statements(draft: Draft, citekey: str) -> None:
    found = blocks(draft.filled, ("statement",), True)
    for path, block in found:
        only(draft.filled, path, block, STATEMENT_KEYS)
        statement(
            draft, path, block, citekey, BLANK_STATEMENT["case_id"], lambda where, name: cell_of(draft, where, name)
        )
    if found and not citekey:
        draft.filled.wrong(found[0][0], "lacking", "has no source; add [source], or cite = above the first block")
    if citekey and not found:
        draft.filled.wrong(("source",), "lacking", "no [[statement]] is taken from it")


def _change(draft: Draft, path: Path, block: dict[str, Any]) -> Change | None:
    """A change, if its cell can be found and its value be one; what is wrong with it is noted."""
    filled = draft.filled
    only(filled, path, block, ("cell", "was", "now"))
    name, was, now = (text_at(filled, (*path, key), block) for key in ("cell", "was", "now"))
    if not now:
        filled.wrong(
            (*path, "now"), "lacking", "is not filled in; take out [[change]] to add only what the source says"
        )
    cell = address(draft, (*path, "cell"), name)
    if cell is None:
        return None
    table = draft.package.table(cell[0])
    if not _can_change(table, cell[2]):
        open_ = [one for one in table.names if _can_change(table, one)]
        filled.wrong((*path, "cell"), "cell", near(f"column of {table.name} that can be changed", cell[2], open_))
        return None
    before = len(filled.problems)
    as_cell(filled, (*path, "now"), draft.package, table, table.field(cell[2]), now)
    draft.lines[cell] = filled.line((*path, "now"))
    if now and len(filled.problems) == before:
        return Change(path, cell, present(draft.data, *cell), now)
    if was != present(draft.data, *cell):
        _stale(draft, path, cell, was)
    return None


def _can_change(table: Table, field_name: str) -> bool:
    """Whether a column is one, and neither the key nor what a date's own text says."""
    return field_name in table.names and field_name not in {*table.primary_key, *table.precisions, "merged_ids"}


def _stale(draft: Draft, path: Path, cell: Address, was: str) -> None:
    now = present(draft.data, *cell)
    message = f"{quoted(was)} is not the present value, {quoted(now)}; look whether the correction is still needed"
    draft.filled.wrong((*path, "was"), "stale", message)


def _may_change(draft: Draft, change: Change, times: int) -> None:
    """Note why a change cannot be made: the cell is not what the sheet says it was, or no source gives the new value."""
    path, cell, now = change.path, change.cell, change.now
    was = text_at(draft.filled, (*path, "was"), blocks(draft.filled, ("change",), True)[int(path[-1])][1])
    if was != change.was:
        _stale(draft, path, cell, was)
    if times > 1:
        draft.filled.wrong((*path, "cell"), "cell", "is changed twice in this file; take one [[change]] out")
    evidenced = cell[2] in [f.name for f in draft.package.table(cell[0]).evidenced]
    if evidenced and not now.startswith("(") and now not in draft.readings_of(cell) and cell not in draft.doubtful:
        message = f"no statement says {quoted(now)}; add {quote('/'.join(cell))} = {quote(now)} to says"
        draft.filled.wrong((*path, "now"), "no-reading", message)
