"""A correction: one cell that should be otherwise, or a source that says otherwise, as a TOML sheet."""

from __future__ import annotations

from functools import partial

from cstocases.errors import UnknownNameError, quoted
from cstocases.people.changes import Change, changed, entry, verdict_of_change
from cstocases.people.coders import counted, signed, who, who_toml
from cstocases.people.draft import Draft, near, present, read, today
from cstocases.people.proposal import Proposal, ReturnError
from cstocases.people.statements import (
    BLANK_SOURCE,
    BLANK_STATEMENT,
    SOURCE_KEYS,
    STATEMENT_KEYS,
    address,
    cell_of,
    correctable,
    source,
    statement,
    statement_keys,
)
from cstocases.people.stubs import codes, keys, kinds_of_missing, meaning, quote, sheet
from cstocases.people.toml_lines import Path
from cstocases.resolution.data import Data
from cstocases.schema.model import Table

KEYS = ("cstocases", "by", "shown_as", "reason", "cite", "source", "statement", "change")
SLIP = "# To mend a slip no source is needed: then take out all from here to [[change]].\n"
SAYS = """\
says = {{ {cell} = "" }}
# Cells in says that follow only together with other knowledge
# inferred = [{cell}]"""


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
    if field not in (columns := _changeable(package.table(table))):
        raise UnknownNameError(f"column of {table} that can be changed", field, columns)
    cell, evidenced = quote(f"{table}/{record}/{field}"), wanted in package.table(table).evidenced
    cases = data.parsed["cases"].texts["case_id"].tolist()
    case = max((one for one in cases if f"{record}-".startswith(f"{one}-")), key=len, default="")
    return sheet(
        "correction",
        who=who_toml(data, coder),
        slip="" if evidenced else SLIP,
        source=keys(package.table("sources"), {"accessed": today()}, leave=["citekey"], blank=BLANK_SOURCE),
        statement=[*statement_keys(package, {"case_id": case}), *([SAYS.format(cell=cell)] if evidenced else [])],
        cell=cell,
        was=quote(present(data, table, record, field)),
        meaning=[*meaning(wanted), *codes(wanted)],
        missing=kinds_of_missing(package),
    )


def proposal(data: Data, text: str, name: str) -> Proposal:
    """What a filled correction would do to the data; nothing, and a line that says so, if it is in them already.

    Raises:
        ReturnError: it cannot be entered; every reason with its line.
    """
    draft = read(data, text, name)
    draft.only((), KEYS)
    coder, reason = who(draft), draft.text("reason")
    if not reason.strip():
        draft.wrong(("reason",), "lacking", "is not filled in; say why in a sentence")
    citekey, offered = _source(draft)
    _statements(draft, citekey)
    changes = [change for path in draft.blocks(("change",), True) if (change := _change(draft, path))]
    made = [change for change in changes if change.was != change.now]
    if not {"evidence", "readings"} & set(draft.rows) and not made and not draft.problems and (citekey or changes):
        return Proposal("correction", {}, said=[f"{name} adds nothing: the data have all of it"])
    if offered:
        message = f"the data have this source; take out [source] and write cite = {quote(citekey)} above it"
        draft.wrong(("source", "url"), "known-source", message)
    for change in changes:
        _may_change(draft, change, [other.cell for other in changes].count(change.cell))
    if not citekey and not changes and not draft.problems:
        draft.wrong((), "lacking", "says nothing; add a [[statement]] or a [[change]]")
    cells = [one for change in made for one in (*changed(draft, change), *verdict_of_change(draft, change, reason))]
    if draft.problems:
        raise ReturnError(draft.problems)
    said = counted(draft, coder)
    said += [f"{'/'.join(change.cell)}: {quoted(change.was)} becomes {quoted(change.now)}" for change in made]
    told = signed(draft, entry(draft, made, cells, reason))
    return Proposal("correction", draft.rows, cells, told, said, draft.lines)


def _source(draft: Draft) -> tuple[str, bool]:
    """The citekey of the source, "" if there is none, and whether it is that of a source described again."""
    cite, known = draft.text("cite"), draft.data.parsed["sources"].texts["citekey"].tolist()
    if cite and cite not in known:
        draft.wrong(("cite",), "reference", near("citekey", cite, known))
    described = draft.blocks(("source",), False)
    if cite and described:
        draft.wrong(("cite",), "form", "names a source, and [source] describes one; take one of the two out")
    elif described:
        draft.only(("source",), SOURCE_KEYS)
        return source(draft, ("source",))
    return cite, False


def _statements(draft: Draft, citekey: str) -> None:
    found = draft.blocks(("statement",), True)
    for path in found:
        draft.only(path, STATEMENT_KEYS)
        statement(draft, path, citekey, BLANK_STATEMENT["case_id"], partial(cell_of, draft))
    if found and not citekey:
        draft.wrong(found[0], "lacking", "has no source; add [source], or cite = above the first block")
    if citekey and not found:
        draft.wrong(("source",), "lacking", "no [[statement]] is taken from it")


def _change(draft: Draft, path: Path) -> Change | None:
    """A change, if its cell can be found and its value be one; what is wrong with it is noted."""
    draft.only(path, ("cell", "was", "now"))
    name, was, now = (draft.text(*path, key) for key in ("cell", "was", "now"))
    if not now:
        message = "is not filled in; take out [[change]] to add only what the source says"
        draft.wrong((*path, "now"), "lacking", message)
    cell = address(draft, (*path, "cell"), name)
    if cell is None:
        return None
    table = draft.package.table(cell[0])
    if cell[2] not in (open_ := _changeable(table)):
        draft.wrong((*path, "cell"), "cell", near(f"column of {table.name} that can be changed", cell[2], open_))
        return None
    before, is_now = len(draft.problems), present(draft.data, *cell)
    draft.cell((*path, "now"), table, table.field(cell[2]), now)
    draft.lines[cell] = draft.line((*path, "now"))
    sound = now and len(draft.problems) == before
    if was != is_now != now:
        message = (
            f"{quoted(was)} is not the present value, {quoted(is_now)}; look whether the correction is still needed"
        )
        draft.wrong((*path, "was"), "stale", message)
    return Change(path, cell, is_now, now) if sound else None


def _changeable(table: Table) -> list[str]:
    """The columns but the key, those that say what a date's own text says, and ids that were merged."""
    closed = {*table.primary_key, *table.precisions, "merged_ids"}
    return [name for name in table.names if name not in closed]


def _may_change(draft: Draft, change: Change, times: int) -> None:
    """Note why a change cannot be made: it is made twice, or no source gives the new value."""
    path, cell, now = change.path, change.cell, change.now
    if times > 1:
        draft.wrong((*path, "cell"), "cell", "is changed twice in this file; take one [[change]] out")
    evidenced = cell[2] in [f.name for f in draft.package.table(cell[0]).evidenced]
    if evidenced and not now.startswith("(") and now not in draft.readings_of(cell) and cell not in draft.doubtful:
        message = f"no statement says {quoted(now)}; add {quote('/'.join(cell))} = {quote(now)} to says"
        draft.wrong((*path, "now"), "no-reading", message)
