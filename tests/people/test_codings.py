"""Blind codings that come back: each answer is a row, a blank is none, and what cannot be is refused by its place."""

from __future__ import annotations

import pytest
from answers import DAY, coding

from cstocases.dataset import data
from cstocases.people.codings import proposal
from cstocases.people.proposal import ReturnError

CASE = "kgz-2016"
ADDRESSEE = "requests/kgz-2016-session/addressee"
SESSION = "asks/kgz-2016-session-consultations/record"
TROOPS = "asks/kgz-2016-session-forces-combat/record"


def problems(content: dict) -> list[str]:
    """What is refused."""
    with pytest.raises(ReturnError) as raised:
        proposal(data(), "anna.json", content)
    return [str(problem) for problem in raised.value.problems]


def token(content: dict) -> str:
    """The token of the only answer."""
    return next(iter(content["answers"]))


def test_each_answer_is_a_row() -> None:
    """Values, missing-value codes and kinds of help that are not published become rows of codings; the coder a row of coders."""
    made = proposal(
        data(),
        "anna.json",
        coding(CASE, {ADDRESSEE: "csto_body", SESSION: "yes", TROOPS: "no", "cases/kgz-2016/end_date": "(unknown)"}),
    )
    head = ["anna", DAY]

    assert [[*head, *cell.split("/"), value, "not_applicable"] for cell, value in (
        (ADDRESSEE, "csto_body"), (SESSION, "yes"), (TROOPS, "no"), ("cases/kgz-2016/end_date", "(unknown)"))
    ] == [list(row.values()) for row in made.rows["codings"]]  # fmt: skip
    assert [["anna", "person", "Anna A.", "no", data().package.version]] == [
        list(r.values()) for r in made.rows["coders"]
    ]


def test_who_wants_no_name_gets_none() -> None:
    """A coder who leaves the name blank is withheld."""
    made = proposal(data(), "anna.json", coding(CASE, {ADDRESSEE: "csto_body"}, shown_as=" "))

    assert "withheld" == made.rows["coders"][0]["shown_as"]


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        (ADDRESSEE, "bishkek", "Request 1: Addressee: 'bishkek' is not a code of addressee: csto_council"),
        (ADDRESSEE, "(no_evidence_found)", "is none of (unknown), (not_applicable), (disputed) [coding-value]"),
        ("cases/kgz-2016/start_date", "2016-13", "The case: Start: '2016-13' is not a day of the calendar [coding-value]"),
        ("cases/kgz-2016/start_date", "18.3.2016", "is not a date; write YYYY, YYYY-MM or YYYY-MM-DD [coding-value]"),
        (SESSION, "perhaps", "Request 1, Consultations: Asked for?: 'perhaps' is no verdict on a row as a whole: yes, no, unclear"),
    ],
)  # fmt: skip
def test_a_value_that_the_cell_cannot_have(cell: str, value: str, said: str) -> None:
    """The value is named with its token, and where on the sheet it stands."""
    content = coding(CASE, {cell: value})
    (found,) = problems(content)

    assert f"anna.json:answers.{token(content)}: " == found[: len(found.split(": ")[0]) + 2]
    assert said in found
    assert found.endswith("[coding-value]")


def test_what_is_stale_or_unknown() -> None:
    """Other evidence, a question in other words and a token of another sheet are all named at once."""
    content = coding(CASE, {ADDRESSEE: "csto_body"}, evidence_digest="0" * 16)
    content["answers"][token(content)]["digest"] = "0" * 8
    content["answers"]["f" * 12] = {"value": "yes", "note": "", "digest": "0" * 8}

    assert ["no-question", "stale", "stale"] == sorted(line.rsplit("[", 1)[1].rstrip("]") for line in problems(content))


def test_names_that_are_taken() -> None:
    """A model cannot fill in a sheet."""
    assert ["anna.json:coder: coder-a is a model; choose another name [coder]"] == problems(
        coding(CASE, {ADDRESSEE: "csto_body"}, "coder-a")
    )
