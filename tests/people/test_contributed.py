"""After people coded, checked, corrected and judged: the tests find again what they start from, and the README counts."""

from __future__ import annotations

from pathlib import Path

import applying
import fresh
import helpers
import pytest
from answers import checks, coding
from spoil_returns import CORRECTION

from cstocases.dataset import data
from cstocases.people import codings, corrections
from cstocases.people.checks import proposal

ADDRESSEE = "requests/kgz-2016-session/addressee"


@pytest.mark.slow
def test_what_people_did_can_be_taken_out(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data are sound with it, the README counts it, and in the copy that tests start from nothing is left of it but what a source says."""
    before = helpers.copy_untouched(tmp_path / "before")
    for made in (
        codings.proposal(data(), "anna.json", coding("kgz-2016", {ADDRESSEE: "third_party"})),
        proposal(data(), "ben.json", checks("kgz-2016", {ADDRESSEE: ("agree", "")}, "ben")),
        corrections.proposal(data(), CORRECTION.replace("anna", "cora").replace("06-18", "06-11"), "fix.toml"),
    ):
        applying.put(home, made)
    table, record, field = ADDRESSEE.split("/")
    helpers.add(home, "adjudications", table_name=table, record_id=record, field_name=field, values_judged="third_party", verdict="kept", verdict_reason="As read.", judge="cora")  # fmt: skip
    monkeypatch.setattr(helpers, "SHIPPED", home)
    monkeypatch.setattr("cstocases.schema.reader.default_home", lambda: home)
    after = helpers.copy_untouched(tmp_path / "after")

    assert "**1 of " == fresh.counts("**0 of 3,038 cells**")[:7]
    changed = {path.stem for path in before.glob("cases/*") if path.read_bytes() != (after / "cases" / path.name).read_bytes()}  # fmt: skip
    assert {"sources", "evidence", "readings"} == changed
