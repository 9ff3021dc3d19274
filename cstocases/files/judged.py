"""Which contents were judged and found sound, and what was computed from them, so that no process does it again.

Each judged content has a folder in the user's cache. Its name is a SHA-256 over this
package's code and the content, so another version of either is judged and computed anew.
`validate` never asks here: it always judges.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import platformdirs

CACHE = "CSTOCASES_CACHE"  # environment variable: another folder for the cache
MAX_KEPT = 20  # contents; some megabytes each


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
    files = sorted([*root.rglob("*.py"), *root.rglob("*.schema.json")])
    return b"".join(file.relative_to(root).as_posix().encode() + b"\n" + file.read_bytes() for file in files)


def is_judged(digest: str) -> bool:
    """Whether a content was judged and found sound on this machine."""
    return recall(digest, "sound") is not None


def remember(digest: str) -> None:
    """Keep that a content is sound. Where nothing can be written, the next process judges it again."""
    with contextlib.suppress(OSError):
        others = sorted(_folder().glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in others[MAX_KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)
    keep(digest, "sound", b"")


def keep(digest: str, name: str, raw: bytes) -> None:
    """Keep, under a name, what was computed from a judged content."""
    with contextlib.suppress(OSError):
        folder = _folder() / digest
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(raw)
        Path(file.name).replace(folder / name)


def recall(digest: str, name: str) -> bytes | None:
    """What `keep` was given; None if there is nothing."""
    try:
        return (_folder() / digest / name).read_bytes()
    except OSError:
        return None


def _folder() -> Path:
    return Path(os.environ[CACHE]) if CACHE in os.environ else platformdirs.user_cache_path("cstocases") / "judged"
