"""What can go wrong, and how it reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One fact about the data that breaks a rule, with its address.

    `path` is relative to the dataset's folder, `line` counts from 1 in the file and
    is 0 where the file as a whole is meant, `column` is empty where the row is.
    """

    path: str
    line: int
    column: str
    rule: str
    message: str
    value: str = ""

    def __str__(self) -> str:
        address = [self.path]
        if self.line:
            address.append(str(self.line))
        if self.column:
            address.append(self.column)
        return f"{':'.join(address)}: {self.message} [{self.rule}]"

    def as_dict(self) -> dict[str, object]:
        """The problem as plain data, for JSON."""
        return asdict(self)


class CstocasesError(Exception):
    """Anything this package raises on purpose."""


class SchemaFileError(CstocasesError, ValueError):
    """A schema file is itself wrong; the message carries file and JSON pointer."""


class DataError(CstocasesError, ValueError):
    """The data have problems, so they were not loaded."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        shown = "\n".join(f"  {problem}" for problem in problems[:3])
        more = f"\n  and {len(problems) - 3} more" if len(problems) > 3 else ""
        super().__init__(
            f"{count(len(problems), 'problem')} in the data; `cstocases validate` lists all:\n{shown}{more}"
        )


FEW = 12  # names that a message still lists


class UnknownNameError(CstocasesError, LookupError):
    """No table, field, case or record of that name."""

    def __init__(self, kind: str, name: str, known: Iterable[str]):
        names = sorted(known) if isinstance(known, (set, frozenset)) else list(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        near = near or [one for one in names if one.casefold() == name.casefold()]
        few = f"; there are {', '.join(names)}" if 0 < len(names) <= FEW else ""
        hint = f"; did you mean {' or '.join(near)}?" if near else few
        super().__init__(f"no {kind} named {quoted(name)}{hint}")


class ComparisonError(CstocasesError, ValueError):
    """Two versions of the data cannot be compared, or changes do not fit the data; the message carries the address."""


class ExportError(CstocasesError, OSError):
    """An export could not be written where it was asked for."""


def visible(text: str) -> str:
    """A text with escapes in place of what a terminal would act on or not show.

    >>> visible("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def quoted(value: str, most: int = 60) -> str:
    """A text as it stands in a message: quoted, invisible characters spelt out, a long one cut.

    >>> quoted("x" * 1000, most=3)
    "'xxx…' (1,000 characters)"
    """
    return repr(value) if len(value) <= most else f"{value[:most] + '…'!r} ({len(value):,} characters)"


def cut(message: str, most: int = 700) -> str:
    """A message as somebody may still read it: the values in it may be long, or the codes many.

    >>> cut("abc", most=2)
    'ab…'
    """
    return message if len(message) <= most else f"{message[:most]}…"


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "problem"), count(2, "problem")
    ('1 problem', '2 problems')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
