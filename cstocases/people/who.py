"""Who fills in a sheet in TOML: `by`, and [coder] for somebody whom the data do not know."""

from __future__ import annotations

from cstocases.people.draft import Draft, Row
from cstocases.people.filled import as_cell, blocks, near, only, text_at
from cstocases.people.stubs import quote
from cstocases.resolution.data import Data


def who_toml(coder: str) -> list[str]:
    """The lines of a sheet for `by`."""
    return ["# Who you are: a word of small letters and digits", f"by = {quote(coder)}"]


def coder_toml(data: Data, coder: str) -> list[str]:
    """The lines of a sheet for [coder], as remarks where the data know the coder."""
    known = coder in data.parsed["coders"].texts["coder"].tolist()
    new = "# You are new here: the name under which you want to be thanked; (withheld) for none"
    return ["# [coder]", '# shown_as = ""', ""] if known else [new, "[coder]", 'shown_as = ""', ""]


def who(draft: Draft) -> Row | None:
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
