"""What `enter` prints: what came back, the rows and cells it changes, and what follows."""

from __future__ import annotations

import pandas as pd

from cstocases.analysis.differences import OPEN, differences_of
from cstocases.analysis.pairs import with_models_of
from cstocases.cli.render import changes_page
from cstocases.cli.text import wrap
from cstocases.errors import count
from cstocases.people.entering import Entered

LEFT_OUT = "(left out)"  # of a derived table, as `moved` has it; of QCA a single score can be
BY_NUMBER = ("codings", "checks")  # of these the number of rows is enough


def entered_page(done: Entered, changes: pd.DataFrame, most: int | None) -> str:
    """The changes (as `folded`) and what follows, at most `most` lines of each; None for all."""
    parts = [*done.proposal.said]
    for name in BY_NUMBER:
        if n := int((changes["table_name"] == name).sum()):
            parts.append(f"{name}: {count(n, 'row')} added")
    if done.proposal.kind == "coding" and done.proposal.rows["codings"]:
        parts += ["", *_beside_models(done)]
    listed = changes[~changes["table_name"].isin(BY_NUMBER)]
    if len(listed):
        parts += ["", "What changes:", _first(changes_page(listed).split("\n"), most)]
    if done.proposal.changelog:
        parts += ["", "CHANGELOG.md:", wrap(done.proposal.changelog, indent="  ")]
    if len(done.follows):
        lines = [wrap(line, indent="    ", first="- ") for line in _follows(done.follows)]
        parts += ["", "What follows from it:", _first(lines, most)]
    return "\n".join(parts)


def _follows(rows: pd.DataFrame) -> list[str]:
    """A line for each derived cell that changes, and one for each derived row that comes or goes."""
    lines = []
    for t, r, f, old, new in rows.itertuples(index=False, name=None):
        came = "added" if old == LEFT_OUT else "removed" if new == LEFT_OUT else ""
        lines.append(f"{t} {r}: {came}" if came and t != "qca" else f"{t} {r} {f}: {old} -> {new}")
    return list(dict.fromkeys(lines))


def _beside_models(done: Entered) -> list[str]:
    """How far the coder agrees with each model, and how many codings differ from what is published."""
    coder = done.proposal.rows["codings"][0]["coder"]
    differing = differences_of(done.after, coder)
    judged = int((differing["outcome"] != OPEN).sum())
    rows = with_models_of(done.after, coder)
    parts = ["Beside the models, which coded the same cells blind:"]
    for model in sorted({*rows["coder_a"], *rows["coder_b"]} - {coder}):
        mine = rows[(rows["coder_a"] == model) | (rows["coder_b"] == model)]
        same = float((mine["n"] * mine["agreement"]).sum() / mine["n"].sum())
        parts.append(f"- {model}: {same:.0f} % of {count(int(mine['n'].sum()), 'cell')} alike")
    before = f", {judged} of them on values that were judged before" if judged else ""
    told = f"{count(len(differing), 'coding')} by {coder} not as published{before}; somebody else judges what is right."
    return [
        *(parts if len(parts) > 1 else []),
        wrap(told),
        wrap("After --write, by variable: cstocases reliability --coder " + coder),
    ]


def _first(lines: list[str], most: int | None) -> str:
    if most is None or len(lines) <= most:
        return "\n".join(lines)
    return "\n".join([*lines[:most], f"... and {len(lines) - most:,} more; `| cat` shows all"])
