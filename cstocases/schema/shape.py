"""Schema files held against JSON Schemas of their own, `table.schema.json` and `dataset.schema.json`.

Imports jsonschema, which takes as long as a whole command: only for files that were not judged yet.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import math
import re
import unicodedata
import warnings
from pathlib import Path
from typing import Any

import jsonschema
import referencing

from cstocases.errors import SchemaFileError, UnknownNameError, quoted, visible

TYPES = {"object": "an object", "array": "a list", "string": "a text", "boolean": "true or false", "number": "a number"}
FORMATS = jsonschema.FormatChecker(formats=())
# Patterns are run by RE2, whose time is linear. What it, Python and ECMAScript read alike:
PATTERN = re.compile(
    r"""(?:
        \((?:\?:)? | \|
        | (?: [^\\^$.|?*+(){}\[\]] | \. | \\[S\\^$.|?*+(){}\[\]/-]  # a character, any character, an escape
            | \[\^?(?: [^\W_]-[^\W_] | [^\\\[\]^&|~-] | \\[\\\[\]^-] )+-?\]  # a set
            | \)
          )
          (?: [*+?] | \{[0-9]{1,3}(?:,[0-9]{0,3})?\} )?
    )+""",
    re.VERBOSE,
)
MAX_PATTERN = 500
MAX_REPEATS = 1_000  # RE2's limit on counted repeats, multiplied where they nest


def check(value: dict[str, Any], kind: str, at: str) -> None:
    """Refuse what is no schema file of its kind, `table` or `dataset`; `at` is its address.

    Raises:
        SchemaFileError: the first fault, with its JSON pointer and what to do.
    """
    try:
        error = next(_validator(kind).iter_errors(value), None)
    except RecursionError:
        raise SchemaFileError(f"{at.removesuffix('#')}: nested too deeply") from None
    if error is not None:
        place = "".join(f"/{visible(str(part))}" for part in error.absolute_path)
        raise SchemaFileError(f"{at}{place}{_message(error)}")


@functools.cache
def _validator(kind: str) -> Any:
    folder = Path(__file__).parent
    known = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.schema.json")}
    registry = referencing.Registry().with_resources(
        (name, referencing.Resource.from_contents(contents)) for name, contents in known.items()
    )
    return jsonschema.Draft202012Validator({"$ref": f"{kind}.schema.json"}, registry=registry, format_checker=FORMATS)


def _message(error: Any) -> str:
    """What is wrong at the place of an error; for a key that is missing its own place comes first."""
    value, keyword, asked = error.instance, error.validator, error.validator_value
    if keyword == "required":
        return f"/{next(key for key in asked if key not in value)}: missing; add it"
    if keyword == "additionalProperties":
        known = set(error.schema["properties"])
        return f": {UnknownNameError('keyword', next(key for key in value if key not in known), known)}"
    if keyword == "type" and asked in TYPES:
        return f": must be {TYPES[asked]}"
    if keyword == "format":
        return f": {error.cause}"
    if keyword == "enum":
        return f": {UnknownNameError('type', value, asked)}"
    told = error.schema.get("errorMessage", f"more than {asked}")
    named = isinstance(value, str) and told.startswith(("must be ", "is ", "cannot "))
    return f": {quoted(value)} {told}" if named else f": {told}"


def _text(value: object) -> bool:
    """A text that shows all it holds, on one line: it may stand in a comment of a script."""
    if not isinstance(value, str):
        return True
    if not value.strip():
        raise ValueError("must be a text; it is empty")
    if not value.isprintable():
        unseen = next(c for c in value if not c.isprintable())
        raise ValueError(f"holds the invisible character U+{ord(unseen):04X}; retype it")
    if value != value.strip():
        raise ValueError("begins or ends with a space; remove it")
    if not unicodedata.is_normalized("NFC", value):
        raise ValueError("is not in Unicode normal form C; retype it")
    return True


def _label(value: object) -> bool:
    if isinstance(value, str) and len(value.encode(errors="surrogatepass")) > 120:
        raise ValueError("longer than 120 bytes in UTF-8 (SPSS)")
    return True


def _day(value: object) -> bool:
    with contextlib.suppress(ValueError):
        if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}", value):
            return bool(datetime.date.fromisoformat(value))
    raise ValueError(f"{quoted(str(value))} is not a day; write YYYY-MM-DD")


def check_pattern(value: object) -> bool:
    """Whether it is a regular expression that means one thing to Python, RE2 and ECMAScript.

    Raises:
        ValueError: it is none, and why.
    """
    if not isinstance(value, str):
        return True
    if len(value) > MAX_PATTERN:
        raise ValueError(f"longer than {MAX_PATTERN} characters")
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of sets that PATTERN refuses
            re.compile(value)
    except (re.error, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if not PATTERN.fullmatch(value):
        raise ValueError(
            f"{quoted(value)} holds more than sets, groups, alternatives and repeats: no look-around, no "
            "reference back, no ^ and $ (the whole value must match), no class but \\S (write [0-9] for \\d)"
        )
    counts = [int(n) for part in re.findall(r"\{([0-9,]+)\}", value) for n in part.split(",") if n]
    if math.prod(max(n, 1) for n in counts) > MAX_REPEATS:
        raise ValueError(f"its counted repeats come to more than {MAX_REPEATS}")
    return True


for name, function in {"text": _text, "label": _label, "day": _day, "pattern": check_pattern}.items():
    FORMATS.checks(f"cstocases-{name}", raises=ValueError)(function)
