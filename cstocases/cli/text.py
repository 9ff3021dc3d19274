"""Frames as plain text or Markdown, without colour, so that a terminal and a file show the same."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Sequence

import pandas as pd

from cstocases.markup import cell as escaped
from cstocases.markup import plain

WIDTH = 80
GAP = "  "


# A source and its speaker are printed again at each cell that they speak to.
@functools.lru_cache(maxsize=4096)
def wrap(text: str, width: int = WIDTH, indent: str = "", first: str | None = None) -> str:
    """Text filled to a width; `first` is the indent of the first line."""
    return textwrap.fill(
        text,
        width,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def filled(text: str, indent: str = "", first: str | None = None) -> str:
    """Text of the data filled to the width, with what Markdown would take for markup escaped."""
    return wrap(plain(text), indent=indent, first=first)


def as_written(frame: pd.DataFrame, booleans: bool = True) -> pd.DataFrame:
    """A frame with dates, and booleans if wanted, as the texts that stand in the CSV files."""
    out = frame.copy()
    for name in frame.select_dtypes("datetime").columns:
        out[name] = frame[name].dt.strftime("%Y-%m-%d")
    for name in frame.select_dtypes(["bool", "boolean"]).columns if booleans else []:
        out[name] = frame[name].map({True: "true", False: "false"})
    return out


def _table(frame: pd.DataFrame, width: int = WIDTH) -> str:
    """A frame in aligned columns that fit a width, long cells wrapped, a rule under the header."""
    rows = [[str(name) for name in frame.columns], *_strings(frame)]
    widths = _widths(rows, width)
    lines = []
    for number, row in enumerate(rows):
        boxes = [_box(cell, w) for cell, w in zip(row, widths, strict=True)]
        for i in range(max(len(box) for box in boxes)):
            parts = [(box[i] if i < len(box) else "").ljust(w) for box, w in zip(boxes, widths, strict=True)]
            lines.append(GAP.join(parts).rstrip())
        if number == 0:
            lines.append(GAP.join("-" * w for w in widths))
    return "\n".join(lines)


def _markdown(frame: pd.DataFrame) -> str:
    """A frame as a Markdown table; what cells hold is text, not markup."""
    rows = [[str(name) for name in frame.columns], ["---"] * len(frame.columns), *_strings(frame)]
    return "\n".join(f"| {' | '.join(map(escaped, row))} |" for row in rows)


def _strings(frame: pd.DataFrame) -> list[list[str]]:
    return [["" if pd.isna(cell) else str(cell) for cell in row] for row in frame.itertuples(index=False, name=None)]


def _box(cell: str, width: int) -> list[str]:
    lines = []
    for part in cell.split("\n"):
        lines += textwrap.wrap(part, width, break_on_hyphens=False) or [""]
    return lines


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Column widths: what each column needs, and where that is too much the widest give way."""
    needed = [max(max(len(part) for part in cell.split("\n")) for cell in column) for column in zip(*rows, strict=True)]
    room = max(width - len(GAP) * (len(needed) - 1), 6 * len(needed))
    # No column gets narrower than its longest word while another can still give way.
    words = [max(len(word) for cell in column for word in (cell.split() or [""])) for column in zip(*rows, strict=True)]
    widths = list(needed)
    while sum(widths) > room:
        spare = [i for i, w in enumerate(widths) if w > words[i]] or range(len(widths))
        widths[max(spare, key=lambda i: widths[i])] -= 1
    return widths


def table(frame: pd.DataFrame, markdown: bool = False) -> str:
    """A frame as the table that is wanted, its cells as they stand in the CSV files."""
    return (_markdown if markdown else _table)(as_written(frame))
