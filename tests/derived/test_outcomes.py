"""What came of a request, from its asks and answers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from helpers import mostly_slow
from hypothesis import given
from hypothesis import strategies as st

import cstocases
from cstocases.dataset import data
from cstocases.derived.outcomes import (
    ANY_STATE,
    COLUMNS,
    MILITARY,
    UNSURE,
    Answer,
    Ask,
    agreed,
    asked_and_answered,
    forces_sent,
    outcome,
    unasked,
)
from cstocases.resolution.rules import RULES

C, H, F, M = "consultations", "help_unspecified", "forces_protective", "materiel"


def said(kind: str, answer: str | None, day: int, to: str | None = "same", taken: str | None = "accepted", delivery: str | None = None) -> Answer:  # fmt: skip
    """An answer to the ask of its own kind, or to another, on the nth day."""
    return Answer(kind if to == "same" else to, kind, answer, taken, delivery, (0, str(day)))


# Asks by kind, answers, and the outcome and delivery of all that was asked and of military help.
CASES = {
    "a meeting asked for and held": ([C], [said(C, "agreed", 1, delivery="delivered")], ("granted", "delivered"), ("not_asked", None)),
    "a meeting held and help on a condition": ([C, H], [said(C, "agreed", 1, delivery="delivered"), said(H, "conditional", 1)], ("granted_in_part", "delivered"), ("unclear", None)),
    "put off, then promised and not sent": ([M], [said(M, "deferred", 1), said(M, "agreed", 2, delivery="not_delivered")], ("granted", "not_delivered"), ("granted", "not_delivered")),
    "refused, then an offer turned down": ([C, F], [said(C, "agreed", 1, delivery="delivered"), said(F, "refused", 1), said(F, "agreed_in_part", 2, taken="refused")], ("granted_in_part", "delivered"), ("offer_not_taken", None)),
    "help of no named kind met with arms": ([H], [said("weapons", "agreed", 1, H, delivery="partly_delivered")], ("granted", "partly_delivered"), ("granted", "partly_delivered")),
    "put off, then refused": ([F], [said(F, "deferred", 1), said(F, "refused", 2)], ("refused", None), ("refused", None)),
    "given, and refused later": ([F], [said(F, "agreed", 1, delivery="delivered"), said(F, "refused", 2)], ("granted", "delivered"), ("granted", "delivered")),
    "promised, not sent, and refused later": ([F], [said(F, "agreed", 1, delivery="not_delivered"), said(F, "refused", 2)], ("refused", "not_delivered"), ("refused", "not_delivered")),
    "nothing said": ([F], [], ("no_decision", None), ("no_decision", None)),
    "an answer of unknown content": ([F], [said(F, None, 1)], (UNSURE, None), (UNSURE, None)),
    "an unknown answer that cannot matter": ([C, F], [said(C, "agreed", 1, delivery="delivered"), said(F, "agreed_in_part", 1, delivery=None), said(F, None, 1)], ("granted_in_part", UNSURE), ("granted_in_part", UNSURE)),
    "two answers of one day": ([F], [said(F, "refused", 1), said(F, "agreed", 1, delivery="delivered")], ("granted", "delivered"), ("granted", "delivered")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_came_of_it(name: str) -> None:
    """The outcome of all that was asked and of military help, whatever the order of the rows."""
    kinds, answers, everything, military = CASES[name]
    asks = [Ask(kind, kind, "documented") for kind in kinds]
    for order in itertools.permutations(answers):
        assert everything == tuple(outcome(asks, order))
        assert military == tuple(outcome(asks, order, "military"))


def test_only_alleged_asks_do_not_count() -> None:
    """An ask that is none_documented is as if nobody had asked."""
    assert "not_asked" == outcome([Ask(F, F, "none_documented")], [said(F, "refused", 1)]).outcome


def test_unasked_help() -> None:
    """Help without an ask is listed; consultations on the way and what was refused are not."""
    answers = [
        said(F, "agreed", 1, None),
        said(C, "agreed", 1, None),
        said(M, "refused", 1, None),
        said(M, "agreed", 1),
    ]
    assert F == unasked(answers)
    assert M == agreed(answers)


ASKS = st.lists(st.sampled_from([C, H, F, M, "weapons"]), unique=True, max_size=3)
ANSWERS = st.lists(
    st.builds(
        said,
        st.sampled_from([C, H, F, M, "weapons"]),
        st.sampled_from(["agreed", "agreed_in_part", "conditional", "refused", "deferred", None]),
        st.integers(1, 3),
        delivery=st.sampled_from(["delivered", "partly_delivered", "not_delivered", None]),
    ),
    max_size=5,
)


@given(ASKS, ANSWERS)
def test_unknown_answers_never_decide(kinds: list[str], answers: list[Answer]) -> None:
    """Where an outcome stands although an answer is unknown, it stands whatever that answer was."""
    asks = [Ask(kind, kind, "documented") for kind in kinds]
    made = outcome(asks, answers).outcome
    if made != UNSURE:
        for i, answer in enumerate(answers):
            if answer.answer is None and not [a for a in answers if a.ask_id == answer.ask_id and a is not answer]:
                for other in ("agreed", "refused", "conditional"):
                    told = [*answers[:i], answer._replace(answer=other), *answers[i + 1 :]]
                    assert made == outcome(asks, told).outcome
    assert len(ANY_STATE) == len(set(ANY_STATE))


# What an open cell leaves open: an ask, its answer, the outcome of all and of military help.
OPEN = {
    "whether it was asked": (Ask(F, F, None), said(F, "refused", 1), UNSURE, UNSURE),
    "what kind of help was asked for": (Ask("x", UNSURE, "documented"), said(F, "refused", 1, "x"), "refused", UNSURE),
    "what kind of help answered an open ask": (
        Ask(H, H, "documented"),
        said(UNSURE, "agreed", 1, H),
        "granted",
        UNSURE,
    ),
    "the kind, where the ask is military": (
        Ask(M, M, "documented"),
        said(UNSURE, "agreed", 1, M),
        "granted",
        "granted",
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_an_open_cell_leaves_open_what_hangs_on_it(name: str) -> None:
    """Where an ask or a kind of help is not known, an outcome stands only if it is the same either way."""
    ask, answer, everything, military = OPEN[name]
    assert everything == outcome([ask], [answer]).outcome
    assert military == outcome([ask], [answer], "military").outcome


def test_forces_sent() -> None:
    """Forces count once some arrived, asked for or not; goods do not; an open answer on forces leaves it open."""
    arrived = said(F, "agreed", 1, None, delivery="partly_delivered")
    assert forces_sent([arrived]) is True
    assert forces_sent([said(M, "agreed", 1, delivery="delivered")]) is False
    assert forces_sent([said(F, "agreed", 1, delivery="not_delivered"), said(F, "refused", 2)]) is False
    assert forces_sent([arrived._replace(taken="refused")]) is False
    assert UNSURE == forces_sent([said(F, "agreed", 1, delivery=None)]) == forces_sent([said(F, None, 1)])
    assert UNSURE == forces_sent([arrived._replace(kind=UNSURE)])


def shipped(rule: str, as_of: str | None) -> Iterator[tuple[str, str, list[Ask], list[Answer]]]:
    """Every request and forum of the shipped data that took a decision, with its asks and answers."""
    found = data(None, rule, as_of)
    for request in cstocases.load("requests")["request_id"]:
        for forum in ("csto", "bilateral"):
            both = asked_and_answered(found, request, forum)
            if both is not None:
                yield request, forum, *both


@pytest.mark.parametrize("rule", mostly_slow(RULES, "published", "strict"))
@pytest.mark.parametrize("as_of", mostly_slow([None, "2021-01-01", "2012-01-01"], None))
def test_the_same_asks_and_answers_give_the_same_outcome(rule: str, as_of: str | None) -> None:
    """Two requests with the same asks and answers have the same computed outcomes in the comparison, under each rule and on each day."""
    wide = cstocases.load("comparison", rule=rule, as_of=as_of).set_index("request_id")
    seen: dict[object, object] = {}
    pairs = list(shipped(rule, as_of))
    for request, forum, asks, answers in pairs:
        name = {ask.ask_id: n for n, ask in enumerate(sorted(asks, key=lambda ask: (ask.kind, str(ask.status))))}
        key = (
            tuple(sorted((ask.kind, str(ask.status)) for ask in asks)),
            tuple(sorted({(str(name.get(str(a.ask_id))), a.kind, str(a.answer), str(a.taken), str(a.delivery)) for a in answers})),
        )  # fmt: skip
        made = tuple(str(wide.at[request, f"{forum}_{column}"]) for column in COLUMNS if column != "contested")
        assert made == seen.setdefault(key, made), request
    assert len(pairs) > len(seen)
    assert set(MILITARY) < {c.value for c in cstocases.package().table("asks").field("help_kind").categories}


def test_only_kazakhstan_got_the_troops_it_asked_for() -> None:
    """The founding claim can be read off the comparison: who asked for forces, and what each got of the CSTO."""
    asks = cstocases.load("asks")
    forces = asks.loc[asks["help_kind"].isin(["forces_combat", "forces_protective"]), "request_id"]
    wide = cstocases.load("comparison").set_index("request_id")["csto_outcome_military"].dropna()
    assert {
        "kaz-2022-appeal": "granted",
        "kgz-2010-interposition": "refused",
        "kgz-2010-troops": "refused",
        "kgz-2022-2-contingent": "no_decision",
    } == wide[wide.index.isin(forces)].to_dict()
