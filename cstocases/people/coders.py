"""Who filled in a sheet: the keys that ask for it, the row in `coders`, and the page that thanks them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from cstocases.errors import Problem, count
from cstocases.people.draft import Draft, near
from cstocases.people.proposal import Row
from cstocases.people.stubs import quote
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


def who_toml(data: Data, coder: str) -> list[str]:
    """The lines of a sheet in TOML that ask who fills it in."""
    known = coder in data.parsed["coders"].texts["coder"].tolist()
    new = ["# You are new here: the name under which you want to be thanked; (withheld) for none", 'shown_as = ""']
    return ["# Who you are: a word of small letters and digits", f"by = {quote(coder)}", *([] if known else new)]


def who(draft: Draft) -> list[Row]:
    """The row of who filled in a sheet in TOML, none if the data know them; what is wrong is noted. Who corrects has seen the values."""
    table = draft.package.table("coders")
    by = draft.cell(("by",), table, table.field("coder"), draft.text("by"))
    shown = draft.cell(("shown_as",), table, table.field("shown_as"), draft.text("shown_as"))
    wrong = {problem.column for problem in draft.problems}
    if not by and "by" not in wrong:
        draft.wrong(("by",), "lacking", "is not filled in; say who you are")
    rows, problems = coder_row(draft.data, draft.name, {"coder": by, "shown_as": shown}, "yes") if by else ([], [])
    for problem in problems:
        draft.wrong(("by",), problem.rule, problem.message)
    if rows and "shown_as" not in draft.value:
        known = draft.data.parsed["coders"].texts["coder"].tolist()
        message = f'{near("coder", by, known)}; if you are new, add shown_as = "NAME" or "(withheld)" below'
        draft.wrong(("by",), "coder", message)
    elif rows and not shown and "shown_as" not in wrong:
        draft.wrong(("shown_as",), "lacking", "is not filled in; write (withheld) to stay unnamed")
    return rows


def counted(draft: Draft, coder: list[Row]) -> list[str]:
    """How many rows a sheet adds to each table, that of its coder among them, which is added here."""
    for row in coder:
        draft.add("coders", row, ("by",), {"coder": ("by",)})
    return [f"{count(len(rows), 'row')} for {table}" for table, rows in draft.rows.items()]


def signed(draft: Draft, entry: str) -> str:
    """An item for the changelog with the name of the coder, from which `contributors` counts."""
    return f"{entry} By `{draft.text('by')}`."


def contributors(data: Data, changelog: str) -> str:
    """CONTRIBUTORS.md: who coded, checked and judged how much, and what the changelog says that they corrected and added.

    People stand under the name they chose, then come the models.
    """
    coders = data.parsed["coders"].texts
    work = {"coded": ("codings", "coder"), "checked": ("checks", "checker"), "judged": ("adjudications", "judge")}
    done = {verb: data.parsed[table].texts[column].value_counts() for verb, (table, column) in work.items()}
    items = [" ".join(item.split()) for item in re.split("^- ", changelog, flags=re.MULTILINE)]
    by = [(item, re.search(r" By `([a-z0-9-]+)`\.", item)) for item in items]
    made = Counter((name[1], ": a new case, " in item) for item, name in by if name)
    lines: dict[str, list[str]] = {"person": [], "model": []}
    unnamed = 0
    for coder, kind, shown in zip(coders["coder"], coders["coder_kind"], coders["shown_as"], strict=True):
        counts = {
            **{verb: (cells.get(coder, 0), "cell") for verb, cells in done.items()},
            "made": (made[coder, False], "correction"),
            "added": (made[coder, True], "case"),
        }
        did = [f"{verb} {count(int(n), what)}" for verb, (n, what) in counts.items() if n]
        hidden = kind == "person" and shown in data.package.missing
        unnamed += hidden
        if not hidden:
            name = f"{shown} (`{coder}`)" if kind == "person" else f"`{coder}`"
            lines[kind].append(f"- {name}: {', '.join(did) or 'took part'}")
    lines["person"] += [f"- and {count(unnamed, 'person')} who did not want to be named"] * bool(unnamed)
    people = lines["person"] or ["Nobody yet; CONTRIBUTING.md says how to be the first."]
    parts = [
        "# Who took part",
        "Made from the table `coders` and CHANGELOG.md; `cstocases enter --write` renews it.",
        "## People",
        "\n".join(people),
    ]
    return "\n\n".join([*parts, "## Models", "\n".join(lines["model"])]) + "\n"
