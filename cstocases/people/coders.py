"""Who filled in a sheet: the row in `coders`, and the page that thanks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cstocases.errors import Problem, count
from cstocases.people.proposal import Row
from cstocases.resolution.data import Data


def coder_row(data: Data, name: str, content: Mapping[str, Any], saw_values: str) -> tuple[list[Row], list[Problem]]:
    """The row to add for the coder of a returned file, none if there is one already; and what is wrong with the coder.

    `content` has coder and shown_as. A model cannot fill in a sheet, and who had seen the values cannot code blind
    under the same name.
    """
    coder, shown = content["coder"], content.get("shown_as", "").strip()
    known = data.parsed["coders"].texts.set_index("coder") if "coders" in data.parsed else None
    if known is None:
        return [], [Problem(name, 0, "coder", "coder", "this dataset has no table of coders")]
    if coder not in known.index:
        values = (coder, "person", shown or "withheld", saw_values, data.package.version)
        return [dict(zip(data.package.table("coders").names, values, strict=True))], []
    if known.at[coder, "coder_kind"] != "person":
        return [], [Problem(name, 0, "coder", "coder", f"{coder} is a model; choose another name")]
    if saw_values == "no" != known.at[coder, "saw_values"]:
        seen = known.at[coder, "saw_values"]
        message = f"{coder} has seen published values ({seen}); a blind coding needs another name, such as {coder}-2"
        return [], [Problem(name, 0, "saw_values", "coder", message)]
    return [], []


def contributors(data: Data) -> str:
    """CONTRIBUTORS.md: who coded and checked how much, people under the name they chose, then the models."""
    coders, codings, checks = (data.parsed[name].texts for name in ("coders", "codings", "checks"))
    coded, checked = codings["coder"].value_counts(), checks["checker"].value_counts()
    lines: dict[str, list[str]] = {"person": [], "model": []}
    unnamed = 0
    for coder, kind, shown in zip(coders["coder"], coders["coder_kind"], coders["shown_as"], strict=True):
        did = [f"coded {count(int(coded.get(coder, 0)), 'cell')}"] * (coder in coded.index)
        did += [f"checked {count(int(checked.get(coder, 0)), 'cell')}"] * (coder in checked.index)
        hidden = kind == "person" and shown in data.package.missing
        unnamed += hidden
        if not hidden:
            name = f"{shown} (`{coder}`)" if kind == "person" else f"`{coder}`"
            lines[kind].append(f"- {name}: {' and '.join(did) or 'corrected or judged'}")
    lines["person"] += [f"- and {count(unnamed, 'person')} who did not want to be named"] * bool(unnamed)
    people = lines["person"] or ["Nobody yet; CONTRIBUTING.md says how to be the first."]
    parts = [
        "# Who took part",
        "Made from the table `coders`; `cstocases enter --write` renews it.",
        "## People",
        "\n".join(people),
    ]
    return "\n\n".join([*parts, "## Models", "\n".join(lines["model"])]) + "\n"
