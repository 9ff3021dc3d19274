"""What `enter` prints: what came back, the rows and cells it changes, and what follows."""

from __future__ import annotations

import pandas as pd

from cstocases.cli.render import changes_page
from cstocases.cli.text import filled as wrap
from cstocases.errors import count
from cstocases.people.entering import Entered

BY_NUMBER = ("codings", "checks")  # of these the number of rows is enough


def entered_page(done: Entered, changes: pd.DataFrame, most: int | None) -> str:
    """The changes (as `folded`) and what follows, at most `most` lines of each; None for all."""
    parts = [*done.proposal.said]
    for name in BY_NUMBER:
        if n := int((changes["table_name"] == name).sum()):
            parts.append(f"{name}: {count(n, 'row')} added")
    listed = changes[~changes["table_name"].isin(BY_NUMBER)]
    if len(listed):
        parts += ["", "What changes:", _first(changes_page(listed).split("\n"), most)]
    if done.proposal.changelog:
        parts += ["", "CHANGELOG.md:", wrap(done.proposal.changelog, indent="  ")]
    if len(done.follows):
        rows = done.follows.itertuples(index=False, name=None)
        lines = [wrap(f"{t} {r} {f}: {old} -> {new}", indent="    ", first="- ") for t, r, f, old, new in rows]
        parts += ["", "What follows from it:", _first(lines, most)]
    return "\n".join(parts)


def _first(lines: list[str], most: int | None) -> str:
    if most is None or len(lines) <= most:
        return "\n".join(lines)
    return "\n".join([*lines[:most], f"... and {len(lines) - most:,} more; `| cat` shows all"])
