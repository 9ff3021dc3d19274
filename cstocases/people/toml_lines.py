"""The line of every key of a TOML text, which tomllib does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]  # the keys that lead to a value; a number counts in an array
# In this order; the text is TOML that was read before, so that what is no other token belongs to a plain value.
TOKEN = re.compile(
    r'''(?P<skip>[ \t\r]+|\#[^\n]*)
    |(?P<text>"""(?:\\[\s\S]|[^\\])*?"""(?!")|\'\'\'[\s\S]*?\'\'\'(?!')|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<word>[A-Za-z0-9_-]+)
    |(?P<mark>[\[\]{}=,.\n])
    |(?P<other>.)''',
    re.VERBOSE,
)


def lines_of(text: str) -> dict[Path, int]:
    """The line on which each key, table and item of an array of a sound TOML text stands.

    >>> lines_of('a = 1\\n[[b]]\\nc = { d = 2 }')
    {('a',): 1, ('b',): 2, ('b', 0): 2, ('b', 0, 'c'): 3, ('b', 0, 'c', 'd'): 3}
    """
    return _Scan(text).found


class _Scan:
    """A walk over the tokens of a text; `found` are the lines."""

    def __init__(self, text: str):
        self.tokens = list(_tokens(text))
        self.at = 0
        self.found: dict[Path, int] = {}
        self.sizes: dict[Path, int] = {}  # of arrays of tables
        prefix: Path = ()
        while self.at < len(self.tokens):
            if self.next("\n"):
                continue
            prefix = self.header() if self.peek() == "[" else self.pair(prefix)

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def next(self, mark: str) -> bool:
        """Whether this token comes next; if so it is taken."""
        there = self.peek() == mark
        self.at += there
        return there

    def key(self) -> tuple[list[str], int]:
        """The parts of a key and its line."""
        line, parts = self.tokens[self.at][1], []
        while self.peek() not in ("=", "]", ""):
            if not self.next("."):
                word = self.peek()
                parts.append(next(iter(tomllib.loads(f"{word} = 0"))))
                self.at += 1
        return parts, line

    def put(self, path: Path, line: int) -> None:
        for end in range(1, len(path) + 1):
            self.found.setdefault(path[:end], line)

    def header(self) -> Path:
        """The path that a line in brackets opens."""
        self.at += 1
        many = self.next("[")
        parts, line = self.key()
        self.at += 1 + many
        path: Path = ()
        for part in parts[:-1]:
            path = self.inside((*path, part))
        path = (*path, parts[-1])
        if many:
            self.sizes[path] = self.sizes.get(path, 0) + 1
            path = self.inside(path)
        self.put(path, line)
        return path

    def inside(self, path: Path) -> Path:
        """The newest table of an array of tables; the path itself if it leads to none."""
        return (*path, self.sizes[path] - 1) if path in self.sizes else path

    def pair(self, prefix: Path) -> Path:
        """Take a key and its value; the same prefix."""
        parts, line = self.key()
        self.at += 1
        path = (*prefix, *parts)
        self.put(path, line)
        self.value(path)
        return prefix

    def value(self, path: Path) -> None:
        if self.next("{"):
            while not self.next("}"):
                if not (self.next(",") or self.next("\n")):
                    self.pair(path)
        elif self.next("["):
            n = 0
            while not self.next("]"):
                if not (self.next(",") or self.next("\n")):
                    self.put((*path, n), self.tokens[self.at][1])
                    self.value((*path, n))
                    n += 1
        else:
            while self.peek() not in ("\n", ",", "]", "}", ""):
                self.at += 1


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Each token that counts, and its line."""
    line = 1
    for match in TOKEN.finditer(text):
        token = match[0]
        if match.lastgroup != "skip":
            yield token, line
        line += token.count("\n")
