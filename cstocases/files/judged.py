"""Which contents were judged and found sound, so that no process judges the same bytes a second time.

One empty file per judged content stands in the user's cache folder. Its name is a SHA-256
over this package's code and the content, so another version of either is judged anew.
`validate` never asks here: it always judges.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import platformdirs

CACHE = "CSTOCASES_CACHE"  # environment variable: another folder for the cache


def content_digest(files: Iterable[tuple[str, bytes]]) -> str:
    """The SHA-256, in hexadecimal digits, over this package's code and these files, given as name and bytes."""
    made = hashlib.sha256(_code())
    for name, raw in sorted(files):
        made.update(f"{len(name)} {len(raw)} {name}\n".encode(errors="surrogateescape"))
        made.update(raw)
    return made.hexdigest()


@cache
def _code() -> bytes:
    root = Path(__file__).resolve().parents[1]
    made = hashlib.sha256()
    for file in sorted([*root.rglob("*.py"), *root.rglob("*.schema.json")]):
        made.update(file.relative_to(root).as_posix().encode() + b"\n" + file.read_bytes())
    return made.digest()


def is_judged(digest: str) -> bool:
    """Whether a content was judged and found sound on this machine."""
    try:
        return (_folder() / digest).is_file()
    except OSError:
        return False


def remember(digest: str) -> None:
    """Keep that a content is sound. Where nothing can be written, the next process judges it again."""
    with contextlib.suppress(OSError):
        _folder().mkdir(parents=True, exist_ok=True)
        (_folder() / digest).touch()


def _folder() -> Path:
    return Path(os.environ[CACHE]) if CACHE in os.environ else platformdirs.user_cache_path("cstocases") / "judged"
