"""JSON files from strangers, read strictly, and the values they may hold. No pandas here.

Each function takes a value and its address, such as `schema/cases.json#/fields/0/name`,
and gives the value back, or raises SchemaFileError with that address.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from cstocases.errors import SchemaFileError, UnknownNameError, quoted

MAX_BYTES = 4 * 2**20
MAX_NAME, MAX_TITLE = 32, 80  # Stata's limits on names and variable labels
MAX_LABEL = 120  # SPSS's limit on a value label, in bytes
MAX_TEXT = 32_767  # Excel's limit on a cell
MAX_EXACT = 2**53  # up to here the numbers of JSON are exact in every program
URL = re.compile(r"https?://[^\s\"<>\\^`{|}]+")


def read(home: Path, path: str) -> dict[str, Any]:
    """The JSON object in a file. A key that stands twice in an object is kept under None, for `members` to find.

    Raises:
        SchemaFileError: it is no plain file, too large, not UTF-8 or not a JSON object.
    """
    file = home / path
    try:
        if not file.is_file():
            raise SchemaFileError(f"{path}: {'is not a plain file' if file.exists() else 'no such file'}")
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SchemaFileError(f"{path}: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise SchemaFileError(f"{path}: is larger than {MAX_BYTES // 2**20} MiB")
    if raw.startswith(codecs.BOM_UTF8):
        raise SchemaFileError(f"{path}: starts with a byte order mark; save as UTF-8 without it")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_pairs, parse_int=_integer)
    except UnicodeDecodeError:
        raise SchemaFileError(f"{path}: not UTF-8") from None
    except json.JSONDecodeError as error:
        raise SchemaFileError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise SchemaFileError(f"{path}: nested too deeply") from None
    if not isinstance(value, dict):
        raise SchemaFileError(f"{path}: not a JSON object")
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str | None, Any]:
    value: dict[str | None, Any] = dict(pairs)
    if len(value) < len(pairs):
        value[None] = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return value


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < 20 else float(digits)  # int() refuses some thousand digits


def members(value: Any, at: str, allowed: Collection[str], needed: Iterable[str] = ()) -> dict[str, Any]:
    """An object that has only keys among `allowed`, all of `needed`, and none twice."""
    if not isinstance(value, dict):
        raise SchemaFileError(f"{at}: must be an object")
    for key in value:
        if key is not None and key not in allowed:
            raise SchemaFileError(f"{at}: {UnknownNameError('keyword', key, allowed)}")
    if None in value:
        raise SchemaFileError(f"{at}/{value[None]}: stands twice in one object")
    for key in needed:
        if key not in value:
            raise SchemaFileError(f"{at}/{key}: missing")
    return value


def items(value: Any, at: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise SchemaFileError(f"{at}: must be a list")
    return value


def text(value: Any, at: str) -> str:
    """A text that shows all it holds, on one line: it may stand in a comment of a script."""
    if not isinstance(value, str) or not value.strip():
        raise SchemaFileError(f"{at}: must be a text")
    if not value.isprintable():
        unseen = next(c for c in value if not c.isprintable())
        raise SchemaFileError(f"{at}: holds the invisible character U+{ord(unseen):04X}; retype it")
    if value != value.strip():
        raise SchemaFileError(f"{at}: begins or ends with a space; remove it")
    if not unicodedata.is_normalized("NFC", value):
        raise SchemaFileError(f"{at}: is not in Unicode normal form C")
    if len(value) > MAX_TEXT:
        raise SchemaFileError(f"{at}: longer than {MAX_TEXT} characters (Excel)")
    return value


def title(value: Any, at: str) -> str:
    """A text short enough for the label of a variable."""
    found = text(value, at)
    if len(found) > MAX_TITLE:
        raise SchemaFileError(f"{at}: longer than {MAX_TITLE} characters (Stata)")
    return found


def label(value: Any, at: str) -> str:
    """A text short enough for the label of a value."""
    found = text(value, at)
    if len(found.encode()) > MAX_LABEL:
        raise SchemaFileError(f"{at}: longer than {MAX_LABEL} bytes in UTF-8 (SPSS)")
    return found


def name(value: Any, at: str) -> str:
    """A name in lower_snake_case: it may stand in a path or a script as it is."""
    if not is_name(text(value, at)):
        raise SchemaFileError(
            f"{at}: {quoted(value)} must be lower_snake_case of at most {MAX_NAME} characters (Stata)"
        )
    return str(value)


def is_name(value: object) -> bool:
    """Whether it is a name in lower_snake_case."""
    return isinstance(value, str) and len(value) <= MAX_NAME and re.fullmatch(r"[a-z][a-z0-9_]*", value) is not None


def word(value: Any, at: str) -> str:
    """A code: one word, which no script or markup takes for anything else."""
    if not re.fullmatch(r"\w[\w.+/-]*", title(value, at)):
        raise SchemaFileError(f"{at}: {quoted(value)} must be one word of letters, digits and . + / _ -")
    return str(value)


def url(value: Any, at: str) -> str:
    """A web address: it may stand between brackets as it is."""
    if not URL.fullmatch(text(value, at)):
        raise SchemaFileError(f"{at}: {quoted(value)} is not the address of a web page")
    return str(value)


def flag(value: Any, at: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise SchemaFileError(f"{at}: must be true or false")
    return value


def number(value: Any, at: str) -> float:
    """A number that every program can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SchemaFileError(f"{at}: must be a number")
    if not math.isfinite(value) or abs(value) > MAX_EXACT:
        raise SchemaFileError(f"{at}: must be a number from -2^53 to 2^53")
    return value
