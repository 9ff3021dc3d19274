"""JSON files from strangers, read strictly. No pandas here."""

from __future__ import annotations

import codecs
import json
import re
import stat
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from cstocases.errors import SchemaFileError, visible

MAX_BYTES = 4 * 2**20


def read(home: Path, path: str) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        SchemaFileError: it is no plain file, too large, not UTF-8 or not a JSON object, or a key in it is duplicated.
    """
    return parse(read_bytes(home, path), path)


def read_bytes(home: Path, path: str) -> bytes:
    """The bytes of a file that is neither special nor large.

    Raises:
        SchemaFileError: it is no plain file, or too large.
    """
    try:
        if not stat.S_ISREG((home / path).stat().st_mode):
            raise SchemaFileError(f"{visible(path)}: is not a plain file")
        with (home / path).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except SchemaFileError:
        raise
    except (OSError, ValueError) as error:
        raise SchemaFileError(f"{visible(path)}: {getattr(error, 'strerror', error)}") from None
    if len(raw) > MAX_BYTES:
        raise SchemaFileError(f"{visible(path)}: is larger than {MAX_BYTES // 2**20} MiB")
    return raw


def parse(raw: bytes, path: str) -> dict[str, Any]:
    """The JSON object in these bytes of a file.

    Raises:
        SchemaFileError: they are not UTF-8 or not a JSON object, or a key in it is duplicated.
    """

    def refuse(word: str) -> NoReturn:  # NaN or Infinity, which Python's reader takes for numbers
        raise SchemaFileError(f"{path}: {word} is not JSON; write a number")

    if raw.startswith(codecs.BOM_UTF8):
        raise SchemaFileError(f"{path}: starts with a byte order mark; save as UTF-8 without it")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_pairs, parse_int=_integer, parse_constant=refuse)
        _refuse_duplicates(value, f"{path}#")
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
    """An object; a key that is duplicated is kept under None, because its address is not known here."""
    value: dict[str | None, Any] = dict(pairs)
    if len(value) < len(pairs):
        value[None] = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return value


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < 20 else float(digits)  # int() refuses some thousand digits


def _refuse_duplicates(value: Any, at: str) -> None:
    if isinstance(value, dict) and None in value:
        raise SchemaFileError(f"{at}/{visible(value[None])}: is duplicated in one object")
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            _refuse_duplicates(item, f"{at}/{visible(str(key))}")


def is_name(value: object) -> bool:
    """Whether it is a name in lower_snake_case, of at most 32 characters as in Stata."""
    return isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,31}", value) is not None
