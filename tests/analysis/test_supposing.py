"""What would follow if one cell had another value."""

from __future__ import annotations

import helpers
import pytest

import cstocases

PACKAGE = "arm-2022-aid-package-military-unspecified"


def told(*cell: str) -> set[str]:
    """What follows of another value, a line a cell."""
    return {" ".join(row) for row in cstocases.suppose(*cell).itertuples(index=False, name=None)}


def test_what_follows_is_told_in_every_table() -> None:
    """Had Armenia taken the package of 2022, military help would have been granted: in the comparison, the panel and the QCA scores."""
    found = told("answers", PACKAGE, "taken", "accepted")
    assert {
        "comparison arm-2022-appeal csto_outcome_military offer_not_taken granted",
        "comparison arm-2022-appeal csto_delivery_military (not_applicable) not_delivered",
        "member_years ARM/2022 outcome_military_best offer_not_taken granted",
        "qca Armenia 2022 MILITARY 0 1",
    } <= found
    assert {line.split()[1] for line in found} == {"arm-2022-appeal", "ARM/2022", "Armenia"}


def test_a_criterion_moves_the_inclusion() -> None:
    """Without a criterion an occasion is no case; with a value it has already nothing follows."""
    assert {"candidates kgz-2010 included true false"} == told("candidates", "kgz-2010", "asked_csto", "false")
    assert set() == told("candidates", "kgz-2010", "asked_csto", "true")


def test_a_text_read_otherwise_moves_the_duties() -> None:
    """If the agreement on forces did not oblige in 2022, what the allies of Kazakhstan owed would be unclear."""
    found = told("text_tests", "kaz-2022-appeal-forces-protective-forces-2-2010", "text_says", "does_not_cover")
    assert {f"request_members kaz-2022-appeal/{ally} kept honoured unclear" for ally in ("ARM", "KGZ", "TJK")} <= found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("answer", PACKAGE, "taken", "accepted"), "no table with evidence named 'answer'; did you mean answers"),
        (("answers", "arm-2022", "taken", "accepted"), "no record of answers named 'arm-2022'"),
        (("answers", PACKAGE, "take", "accepted"), "no evidenced field of answers named 'take'; did you mean taken"),
        (("answers", PACKAGE, "taken", "accept"), "answers.taken: 'accept' is not a code of taken: accepted, refused"),
        (("answers", PACKAGE, "taken", "(unknwn)"), "no missing-value code named 'unknwn'; did you mean unknown"),
    ],
)
def test_wrong_words(words: tuple[str, ...], said: str) -> None:
    """Wrong input is answered in a line."""
    done = helpers.run("suppose", *words)
    assert (1, "") == (done.exit_code, done.stdout)
    assert said in done.stderr


def test_the_page() -> None:
    """The page has a line a cell, and says when nothing follows."""
    page = helpers.run("suppose", "answers", PACKAGE, "taken", "accepted").stdout
    assert "- comparison arm-2022-appeal csto_outcome_military: offer_not_taken -> granted" in page.splitlines()
    assert helpers.run("suppose", "answers", PACKAGE, "taken", "refused").stdout.startswith("nothing would change")
