"""A correction: one cell that should be otherwise, or a source that says otherwise, as a TOML sheet."""

from __future__ import annotations

from typing import Any

from cstocases.errors import UnknownNameError, count, quoted
from cstocases.people.changes import Change, changed, entry, verdict
from cstocases.people.draft import Address, Draft, line_of, present, today
from cstocases.people.filled import as_cell, blocks, kind_is, near, only, read, text_at
from cstocases.people.proposal import Proposal, ReturnError
from cstocases.people.statements import (
    BLANK_SOURCE,
    BLANK_STATEMENT,
    KEY_OF,
    STATEMENT_KEYS,
    address,
    cell_of,
    source,
    statement,
)
from cstocases.people.stubs import codes, keys, kinds_of_missing, meaning, quote
from cstocases.people.toml_lines import Path
from cstocases.resolution.data import Data
from cstocases.schema.model import Package, Table

KEYS = ("cstocases", "by", "reason", "cite", "coder", "source", "statement", "change")


def correction_toml(data: Data, table: str, record: str, field: str, coder: str = "") -> str:
    """A sheet for the correction of one cell, to be filled in: TOML, with the present value, the codes and the day in it.

    Raises:
        UnknownNameError: no such table, record or field.
    """
    package = data.package
    if table not in package.stored:
        raise UnknownNameError("stored table", table, package.stored)
    wanted = package.table(table).field(field)
    if line_of(data, table, record) is None:
        raise UnknownNameError(
            f"record of {table}", record, data.parsed[table].texts[package.table(table).primary_key[0]]
        )
    cell, known = quote(f"{table}/{record}/{field}"), coder in data.parsed["coders"].texts["coder"].tolist()
    texts = data.parsed[table].texts.loc[line_of(data, table, record)]
    case = texts.get("case_id", record if record in data.parsed["cases"].texts["case_id"].tolist() else "")
    off = "# " if known else ""
    return "\n".join(
        [
            "# A correction. Fill in what stands between quotes; lines that begin with # are only remarks.",
            "# `cstocases enter FILE` shows what would follow and writes nothing; with --write it enters the data.",
            'cstocases = "correction"',
            "# Who you are: a word of small letters and digits",
            f"by = {quote(coder)}",
            "# Why the value is wrong, or what the source adds, in a sentence",
            'reason = ""',
            "# Where the data have the source already: its citekey. Then take out [source] and its keys.",
            '# cite = ""',
            "",
            *(
                ["# You are new here: the name under which you want to be thanked; (withheld) for none"]
                if not known
                else []
            ),
            f"{off}[coder]",
            f'{off}shown_as = ""',
            "",
            "[source]",
            *keys(package.table("sources"), {"accessed": today()}, leave=["citekey"], blank=BLANK_SOURCE),
            "",
            "# One [[statement]] for each thing the source says, with the cells it speaks of.",
            "[[statement]]",
            *statement_keys(package, {"case_id": case}),
            f'says = {{ {cell} = "" }}',
            "# Cells in says that follow only together with other knowledge",
            f"# inferred = [{cell}]",
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
    coder, reason = _coder(draft), text_at(filled, ("reason",), filled.value)
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


def _coder(draft: Draft) -> dict[str, str] | None:
    """The row of a coder whom the data do not know; None for one they know. Who corrects has seen the values."""
    filled, table = draft.filled, draft.package.table("coders")
    by = as_cell(filled, ("by",), draft.package, table, table.field("coder"), text_at(filled, ("by",), filled.value))
    known, shown = draft.data.parsed["coders"].texts["coder"].tolist(), ""
    if not by and not any(problem.column == "by" for problem in filled.problems):
        filled.wrong(("by",), "lacking", "is not filled in; say who you are")
    elif by and by not in known and "coder" not in filled.value:
        message = f'{near("coder", by, known)}; if you are new, add [coder] and shown_as = "NAME" or "(withheld)"'
        filled.wrong(("by",), "coder", message)
    for path, block in blocks(filled, ("coder",), False):
        where = (*path, "shown_as")
        only(filled, path, block, ["shown_as"])
        shown = as_cell(filled, where, draft.package, table, table.field("shown_as"), text_at(filled, where, block))
        if by not in known and not block.get("shown_as"):
            filled.wrong(where, "lacking", "is not filled in; write (withheld) to stay unnamed")
    row = {"coder": by, "coder_kind": "person", "shown_as": shown, "saw_values": "yes"}
    return None if by in known else {**row, "codebook_version": draft.package.version}


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
