"""Returned files, as a browser would save them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from cstocases.dataset import data
from cstocases.people.checks import checks_sheet
from cstocases.people.codings import questions_of
from cstocases.people.questions import coding_sheet

DAY = datetime.date.today().isoformat()  # a day in the future is refused


def coding(
    case: str, values: dict[str, str], coder: str = "anna", home: Path | None = None, **other: Any
) -> dict[str, Any]:
    """A returned coding: `values` by table/record/field."""
    asked = coding_sheet(data(home), case, coder)
    tokens, questions = {"/".join(cell): token for token, cell in asked.cells.items()}, questions_of(asked.sheet)
    answers = {
        tokens[cell]: {"value": value, "note": "", "digest": questions[tokens[cell]]["digest"]}
        for cell, value in values.items()
    }
    said = {
        "coder": coder,
        "case": case,
        "day": DAY,
        "shown_as": "Anna A.",
        "saw_values": "no",
        "answers": answers,
    }
    kept = {name: asked.sheet[name] for name in ("cstocases", "version", "evidence_digest")}
    return kept | said | other


def checks(
    case: str, verdicts: dict[str, tuple[str, str]], coder: str = "anna", home: Path | None = None, **other: Any
) -> dict[str, Any]:
    """Returned checks: verdict and reason by table/record/field."""
    sheet, tokens = checks_sheet(data(home), case, coder)
    digests = {cell["token"]: cell["digest"] for record in sheet["records"] for cell in record["cells"]}
    named = {"/".join(key): token for token, (key, _) in tokens.items()}
    answers = {
        named[cell]: {"verdict": verdict, "reason": reason, "opened": True, "digest": digests[named[cell]]}
        for cell, (verdict, reason) in verdicts.items()
    }
    said = {"coder": coder, "case": case, "day": DAY, "shown_as": "Anna A.", "answers": answers}
    return {"cstocases": "checks", "version": sheet["version"]} | said | other


def saved(content: dict[str, Any], path: Path) -> Path:
    """The content as a file."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
