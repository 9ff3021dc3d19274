"""What hands, spreadsheets, word processors and wrong encodings leave in a text that no text of the data should hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MARKERS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
MAX_CHARACTERS = 32_767  # of a cell, as in a spreadsheet
PAGES = ("cp1252", "cp1251")  # as which UTF-8 is misread in the West and in Russia
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_OTHER = "\u0370-\u03ff\u0400-\u052f\u0531-\u0556\u0561-\u0587"  # Greek, Cyrillic and Armenian, many like Latin ones
_MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# Each pattern and how it is said; re and RE2 read them alike.
LEFT = (
    (f"[{_LATIN}][{_OTHER}]|[{_OTHER}][{_LATIN}]", "mixes letters of two scripts in one word; retype it"),
    (
        rf"^(#(REF!|NAME\?|VALUE!|DIV/0!|N/A|NUM!|NULL!)|#{{3,}}|[0-9]{{1,2}}-{_MONTH}(-[0-9]+)?|{_MONTH}-[0-9]+)$",
        "is what a spreadsheet made of the text; retype it",
    ),
    (r"^-?[0-9](\.[0-9]+)?[Ee][-+][0-9]+$", "is what a spreadsheet made of a number; retype it"),
    (
        r'&(#x?[0-9A-Fa-f]+|[A-Za-z][a-z]{1,7});|</?[A-Za-z]+ ?/?>|\\["\'/nrtux]|""',
        "holds mark-up or an escape of a program; write the character itself",
    ),
    ("  ", "holds two spaces in a row; remove one"),
    ("[\ufb00-\ufb06\uff01-\uff5e]", "holds a ligature or a wide letter; retype it"),
)
QUESTION = rf"\?[{_LATIN}{_OTHER}0-9_]|\?\?\?"  # nothing amiss in the query of an address
TRACES = [(re.compile(pattern), said) for pattern, said in LEFT]
# What shows nothing though its category is a letter's, a mark's or none: Unicode's default ignorables, the blank of Braille, and what XML forbids.
IGNORED = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffe\uffff\U000e0000-\U000e0fff]"
)
# What a text without faults never matches, though some that match have none; RE2 runs it over whole columns.
SUSPECT = "|".join(["[^ -~]", "^ | $", *(f"^{re.escape(m)}" for m in MARKERS), QUESTION, *(p for p, _ in LEFT[1:-1])])


def faults(value: str) -> Iterator[str]:
    """What is wrong with a text, and what to do about it.

    >>> list(faults("see  below"))
    ['holds two spaces in a row; remove one']
    """
    if len(value) > MAX_CHARACTERS:
        yield f"is longer than the {MAX_CHARACTERS:,} characters of a spreadsheet's cell; is a quote left open?"
    if "\ufffd" in value:
        yield "holds U+FFFD, left by a wrong encoding; retype it"
    unseen = next((c for c in value if c < " " or (c > "~" and _unseen(c))), None)
    if unseen:
        yield f"holds the invisible character U+{ord(unseen):04X}; retype it"
    if value != value.strip():
        yield "begins or ends with a space; remove it"
    if not unicodedata.is_normalized("NFC", value):
        yield "is not in Unicode normal form C; `cstocases format` writes it"
    if value.startswith(MARKERS):
        yield "is a conflict marker of a merge"
    if page := misread(value):
        yield f"is UTF-8 read as {page}; retype it"
    yield from (said for trace, said in TRACES if trace.search(value))
    if "://" not in value and re.search(QUESTION, value):
        yield "holds a question mark for a letter; retype it"


def misread(value: str) -> str | None:
    """The code page as which UTF-8 was read, if the whole text turns back into other UTF-8."""
    for page in () if value.isascii() else PAGES:
        try:
            value.encode(page).decode("utf-8")
        except UnicodeError:
            continue
        return page
    return None


def _unseen(character: str) -> bool:
    """Whether it makes two cells look alike and compare unequal, or turns text around."""
    # Not Cn: which characters are not yet assigned depends on the version of Python.
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs")
    return hidden or IGNORED.match(character) is not None
