"""The sheets of a coding workbook that are only read: evidence, codebook, and the hidden lists of choices."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import Any

MAX_LINK = 2_000  # characters of an address that Excel still follows
LINE = 15.0  # height of a line of text, in points
OF = {  # what a variable is asked of
    "cases": "The case",
    "requests": "Request",
    "asks": "Kind of help asked for",
    "decisions": "Answer",
    "answers": "Kind of help in an answer",
    "rationales": "Statement",
    "explanations": "Statement",
}
TYPED = {
    "date": "Write a year, month or day: 2010, 2010-06 or 2010-06-12.",
    "integer": "Write a whole number, such as 120.",
}
SAW = {
    "no": "No: I saw the codebook and the evidence only.",
    "partly": "Partly: I had seen some of the values, or a report on them.",
    "yes": "Yes: I knew the values.",
}
EVIDENCE = {  # heading of a column by key of the sheet, and its width
    "day": ("when", 12),
    "said": ("said on", 12),
    "actor": ("who", 22),
    "speaker": ("speaker", 24),
    "statement": ("statement", 64),
    "locator": ("where in it", 22),
    "publisher": ("publisher", 20),
    "source_kind": ("kind", 20),
    "url": ("link", 44),
}
CODEBOOK = {"asked of": 26, "question": 34, "value": 26, "label": 44, "definition": 90}


def short(text: str, most: int) -> str:
    """A text cut to so many characters, with a sign that it was."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def height(*texts: tuple[str, float]) -> float:
    """The height of a row with these texts in columns of these widths. Not every program finds it out by itself."""
    lines = max(len(textwrap.wrap(text, int(1.05 * width))) for text, width in texts)
    return LINE * max(lines, 1)


def list_name(variable: str) -> str:
    """The defined name of a variable's list."""
    return variable.replace(".", "_")


def write_choices(book: Any, to: Any, sheet: Mapping[str, Any]) -> None:
    """The lists, in the columns that XLSForm has for them, each under a name of its own."""
    missing = [(m["value"], m["label"]) for m in sheet["missing"]]
    lists = {"missing_values": missing, "saw_values": list(SAW.items())}
    for variable, v in sheet["variables"].items():
        if v["choices"]:
            lists[list_name(variable)] = [*((c["value"], c["label"]) for c in v["choices"]), *missing]
    to.write_row(0, 0, ("list_name", "name", "label"))
    n = 1
    for name, items in lists.items():
        book.define_name(name, f"=choices!$B${n + 1}:$B${n + len(items)}")
        for value, label in items:
            for column, text in enumerate((name, value, label)):
                to.write_string(n, column, text)
            n += 1


def write_head(to: Any, columns: Mapping[str, float], formats: Mapping[str, Any]) -> None:
    """The first row, frozen and printed on every page, and the widths."""
    for column, (name, width) in enumerate(columns.items()):
        to.set_column(column, column, width)
        to.write_string(0, column, name, formats["head"])
    to.set_row(0, 20)
    to.freeze_panes(1, 0)
    to.repeat_rows(0)


def write_evidence(to: Any, sheet: Mapping[str, Any], formats: Mapping[str, Any]) -> None:
    """The statements on the case, and after them those of no case, each with its source."""
    write_head(to, {"no.": 6, "of": 12, **dict(EVIDENCE.values())}, formats)
    n = 0
    for what, rows in (("this case", sheet["evidence"]), ("background", sheet["background"])):
        for k, row in enumerate(rows, 1):
            n += 1
            to.write_string(n, 0, str(k), formats["text"])
            to.write_string(n, 1, what, formats["text"])
            to.set_row(n, height(*((str(row[name]), width) for name, (_, width) in EVIDENCE.items() if name != "url")))
            for column, name in enumerate(EVIDENCE, 2):
                text = str(row[name])
                if name == "url" and re.match(r"https?://", text) and len(text) <= MAX_LINK:
                    to.write_url(n, column, text, formats["link"], text)
                else:
                    to.write_string(n, column, text, formats["text"])
    to.autofilter(0, 0, n, len(EVIDENCE) + 1)


def write_codebook(to: Any, sheet: Mapping[str, Any], formats: Mapping[str, Any]) -> None:
    """What every question means, and every value that may be given."""
    write_head(to, CODEBOOK, formats)
    n = 0

    def write(texts: tuple[str, ...], form: str) -> None:
        nonlocal n
        n += 1
        to.set_row(n, height(*zip(texts, CODEBOOK.values(), strict=True)))
        for column, text in enumerate(texts):
            to.write_string(n, column, text, formats[form])

    of, title = "anything", "Where no value can be given"
    write((of, title, "", "", "Instead of a value, where the statements give none."), "band")
    for m in sheet["missing"]:
        write((of, title, m["value"], m["label"], m["description"]), "text")
    kinds = {row["label"]: row["description"] for g in sheet["groups"] for grid in g["grids"] for row in grid["rows"]}
    of, title = "request, answer", "Kinds of help"
    write((of, title, "", "", "Of each request and each answer there are questions about each of these."), "band")
    for label, description in kinds.items():
        write((of, title, "", label, description), "text")
    for name, v in sheet["variables"].items():
        of = OF.get(name.partition(".")[0], "")
        typed = f" {TYPED[v['type']]}" if v["type"] in TYPED else ""
        write((of, v["title"], "", "", v["description"] + typed), "band")
        for c in v["choices"]:
            write((of, v["title"], c["value"], c["label"], c["description"]), "text")
    to.autofilter(0, 0, n, 4)
