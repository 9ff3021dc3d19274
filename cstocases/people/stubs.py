"""The text of sheets in TOML: keys to fill in, each with what it means and the codes it can have, as comments."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

from cstocases.schema.model import Field, Package, Table

WIDTH = 118
DAY = "2010-06-12"
DATES = "2010, 2010-06 or 2010-06-12"
HINTS = {  # what a title leaves open, by column, or table and column
    "sources.origin": "the agency or office that wrote it, where the page only relays it",
    "language": 'two small letters, such as "ru"',
    "cue": "which is meant, in neutral words for blind coders",
    "evidence.actor": "who did it or is spoken of; of words, who spoke them",
    "evidence.speaker": "whose words the source gives, if not its own",
    "evidence.locator": "where in the source: para. 3",
    "evidence.date": "when it happened",
    "evidence.said_date": "when the speaker said so",
}


def hint(table: Table, f: Field) -> str:
    """What the title of a column leaves open, or nothing."""
    return HINTS.get(f"{table.name}.{f.name}") or HINTS.get(f.name, "")


def sheet(kind: str, **parts: str | list[str]) -> str:
    """The sheet of this kind with its parts, each a text or lines, in their places."""
    texts = {name: part if isinstance(part, str) else "\n".join(part) for name, part in parts.items()}
    return Path(__file__).with_name(f"sheet_{kind}.txt").read_text(encoding="utf-8").format(**texts)


def quote(text: str) -> str:
    """A text as TOML writes it, in double quotes.

    >>> print(quote('say "yes"'))
    "say \\"yes\\""
    """
    return json.dumps(text, ensure_ascii=False).replace("\\x7f", "\\\\u007f")


def remark(text: str, indent: str = "") -> list[str]:
    """A text as comment lines."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=f"# {indent}", subsequent_indent=f"#   {indent}", break_on_hyphens=False
    )


def codes(f: Field) -> list[str]:
    """The codes of a field with their labels, as comment lines that break between codes alone."""
    if f.type == "boolean":
        return ["#   true, false"]
    said = "; ".join(f"{c.value} ({c.label})".replace(" ", "\0") for c in f.offered)
    return [line.replace("\0", " ") for line in remark(said, "  ")]


def kinds_of_missing(package: Package) -> list[str]:
    """Why a value may be missing, as comment lines."""
    return [f"#   ({token}): {label}" for token, label in package.missing.items() if token]


def keys(
    table: Table,
    values: Mapping[str, str],
    names: Mapping[str, str] | None = None,
    leave: Iterable[str] = (),
    blank: Mapping[str, str] | None = None,
    star: str = "",
    remarks: bool = True,
) -> list[str]:
    """A line to fill in for each column, but those in `leave` and precisions, with its title and codes above it.

    `values` are those already known, `names` the keys of columns that are not called by their name, `blank` what a
    column is that may stay blank, `star` a mark for columns whose value needs a reading. Without `remarks` no titles and codes.
    """
    leave, out = {*leave, *table.precisions}, list[str]()
    for f in (f for f in table.fields if f.name not in leave):
        form = DATES if table.precision_of(f.name) else DAY if f.type == "date" else ""
        may = f"may stay blank: ({blank[f.name]})" if blank and f.name in blank and not values.get(f.name) else ""
        notes = [note for note in (hint(table, f), form, may) if note]
        title = f.title + star * f.evidenced + (f" ({'; '.join(notes)})" if notes else "")
        out += [*remark(title), *codes(f)] if remarks else []
        out += [f"{(names or {}).get(f.name, f.name)} = {quote(values.get(f.name, ''))}"]
    return out


def meaning(f: Field) -> list[str]:
    """What a field means and how its values are written in a sheet, as comment lines."""
    said = f.description.replace(
        " If only the month or the year is known, its first day is written and the next column says which.", ""
    )
    return remark(f"{f.title}: {said}" + (f" Write {DATES}." if f.type == "date" else ""))
