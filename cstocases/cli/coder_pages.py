"""What `reliability` prints for a reader: agreement by variable, by pair of coders, and what became of one coder's work."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cstocases.analysis.pairs import WITH_PUBLISHED
from cstocases.analysis.reliability import OVERALL
from cstocases.cli import text
from cstocases.errors import count

UNDEFINED = "undefined: "  # how a note begins that says why there is no alpha
BY_KIND = "All variables, by kind of pair; n counts the cells that both of a pair coded, alpha is the mean of the alphas defined, weighted by n:"
OURS = "Coders against the published values. This is agreement with ours, not reliability: the values were not coded blind, and some were corrected after these codings."
OUTCOMES = {
    "open": "No verdict yet",
    "kept": "The published value was kept",
    "corrected": "The published value was corrected",
}


def reliability_page(frame: pd.DataFrame, bases: pd.DataFrame, markdown: bool = False) -> str:
    """Agreement and alpha by variable, rounded, where one is undefined the note says why; by day; then the readings by their basis."""
    shown = _rounded(frame)
    is_day = frame["pass_date"].notna()
    parts = [text.table(shown[~is_day].drop(columns="pass_date"), markdown)]
    if is_day.any():
        names = ["variable", "pass_date", "units", "coders", "agreement", "alpha"]
        parts += ["Variables that were coded on several days, by day:", text.table(shown.loc[is_day, names], markdown)]
    share = ["undefined" if pd.isna(value) else f"{value:.0f}%" for value in bases["share_stated"]]
    parts.append("Readings that their statement states, and readings that need an inference:")
    return "\n\n".join([*parts, text.table(bases.assign(share_stated=share), markdown)])


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Agreement in per cent and alpha to two places, or the word undefined, for which the note has the reason."""
    return frame.assign(
        agreement=["undefined" if pd.isna(value) else f"{value:.0f}%" for value in frame["agreement"]],
        alpha=["undefined" if pd.isna(value) else f"{value:.2f}" for value in frame["alpha"]],
        note=frame["note"].str.removeprefix(UNDEFINED),
    )


def pairs_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """The kinds of pairs, then the pairs, then each variable by pair; agreement with the published values by itself, at the end."""
    shown = _rounded(frame).rename(columns={"pair_kind": "kind", "coder_a": "coder"})
    shown.insert(1, "coders", frame["coder_a"] + ", " + frame["coder_b"])
    whole, of_kind = (frame["variable"] == OVERALL).astype(bool), frame["coder_a"].isna()
    ours = (frame["pair_kind"] == WITH_PUBLISHED).astype(bool)
    measures = ["n", "agreement", "alpha", "note"]

    def said(words: str) -> str:
        return words if markdown else text.wrap(words)

    parts = [] if (~ours).any() else ["No two coders coded a cell in common."]
    if (~ours).any():
        parts += [said(BY_KIND), text.table(shown.loc[of_kind, ["kind", *measures]], markdown)]
        rows = shown.loc[whole & ~of_kind & ~ours, ["coders", "kind", *measures]]
        parts += ["All variables, by pair:", text.table(rows, markdown)]
        parts += ["By variable:", *_by_variable(shown[~whole & ~ours], "coders", markdown)]
    if ours.any():
        parts += [said(OURS), text.table(shown.loc[whole & ours, ["coder", *measures]], markdown)]
        parts += ["By variable:", *_by_variable(shown[~whole & ours], "coder", markdown)]
    return "\n\n".join(parts)


def _by_variable(shown: pd.DataFrame, who: str, markdown: bool) -> list[str]:
    """A table of these rows, `who` being the column that names the coders, and below it why an alpha is undefined."""
    reasons = {note: number for number, note in enumerate(dict.fromkeys(n for n in shown["note"] if n), 1)}
    marked = [f"{a} ({reasons[n]})" if n else a for a, n in zip(shown["alpha"], shown["note"], strict=True)]
    parts = [text.table(shown.assign(alpha=marked)[["variable", who, "n", "agreement", "alpha"]], markdown)]
    if reasons:
        lines = [text.wrap(f"({number}) {note}", indent="    ") for note, number in reasons.items()]
        parts.append(("\n\n" if markdown else "\n").join(line.strip() for line in lines))
    return parts


def differences_page(frame: pd.DataFrame, measures: pd.DataFrame, coder: str, markdown: bool = False) -> str:
    """The cells in which a coder differs, by what came of them; then her agreement by variable with each model coder (rows of `pairs`)."""
    told = {outcome: frame[frame["outcome"] == outcome] for outcome in OUTCOMES}
    counts = ", ".join(f"{outcome} {len(rows)}" for outcome, rows in told.items())
    head = f"{count(len(frame), 'coding')} of {coder} not as published: {counts}."
    parts = [head if markdown else text.wrap(head)]
    for outcome, rows in told.items():
        if len(rows):
            title = f"{OUTCOMES[outcome]} ({len(rows)})"
            lines = [_difference(row) for row in rows.astype(object).where(rows.notna(), None).itertuples()]
            parts.append("\n".join([f"### {title}\n" if markdown else f"{title}:", *lines]))
    if measures.empty:
        return "\n\n".join([*parts, f"No model coder coded a cell that {coder} coded."])
    shown = _rounded(measures)
    shown["with"] = measures["coder_b"].where((measures["coder_a"] == coder).astype(bool), measures["coder_a"])
    said = f"Agreement of {coder} with each model coder, by variable:"
    return "\n\n".join([*parts, said, *_by_variable(shown, "with", markdown)])


def _difference(row: Any) -> str:
    published = "nothing" if row.published is None else row.published
    now = "now published" if row.outcome == "corrected" else "published"
    cell = f"{row.table_name} {row.record_id} {row.field_name}"
    lines = [text.filled(f"{cell}: coded {row.coded_value}, {now} {published}", indent="    ", first="- ")]
    for who, said in (("Reason", row.verdict_reason), ("Note of the coder", row.coding_note)):
        if said is not None:
            lines.append(text.filled(f"{who}: {said}", indent="    "))
    return "\n".join(lines)
