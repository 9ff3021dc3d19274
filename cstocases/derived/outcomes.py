"""What came of a request: computed from what was asked and what was answered, never coded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from cstocases.derived.rows import by, known
from cstocases.resolution.data import Data

UNSURE = "?"  # what a computed cell is while its ingredients leave it open; missing, and unknown, in the table
MILITARY = (
    "forces_combat", "forces_protective", "weapons", "materiel", "training_advisers", "intelligence", "funding",
    "access", "military_unspecified",
)  # fmt: skip
OPEN_KIND = "help_unspecified"  # may have been military help or not
GIVEN = ("agreed", "agreed_in_part")
# What becomes of an ask by its last answer; the more generous first, which counts where two are of one day.
STATES = {"agreed": "met", "agreed_in_part": "partly", "conditional": "conditional", "refused": "refused"}
ANY_STATE = ("met", "partly", "offer", "conditional", "refused", "open")
SCOPES = ("all", "military")


class Ask(NamedTuple):
    """What was asked for: its id, the kind of help, and how well it is established."""

    ask_id: str
    kind: str
    status: str | None


class Answer(NamedTuple):
    """An answer: to which ask (None for help nobody asked for), the kind of help, and what it was; None where unknown."""

    ask_id: str | None
    kind: str
    answer: str | None
    taken: str | None
    delivery: str | None
    order: tuple[int, str]  # later answers have higher ones


class Outcome(NamedTuple):
    """What came of a request in a forum, and what arrived of what was agreed; UNSURE where unknown answers leave it open."""

    outcome: str
    delivery: str | None


def outcome(asks: Iterable[Ask], answers: Sequence[Answer], scope: str = "all") -> Outcome:
    """What came of the asks of one request, by the answers of one forum.

    Asks that are none_documented do not count. The scope `military` keeps military help; help of
    an unnamed kind stays there only if it was answered with military help, and makes the outcome
    `unclear` if nothing else is left. The state of an ask is that of its last answer that is not
    deferred; what was agreed, taken and at least partly delivered is not undone by a later refusal. Then:
    nothing asked, not_asked; all met, granted; something met in part, granted_in_part; an offer turned down,
    offer_not_taken; a condition, conditional; a refusal, refused; else no_decision. The moves are those
    of CAMEO (appeal, agree, give, reject); that a duty is only kept by what was asked for follows
    Leeds, Mitchell and Long 2000.
    """
    inside: dict[str, list[Answer]] = {}
    unclear = False
    for ask in asks:
        mine = [answer for answer in answers if answer.ask_id == ask.ask_id]
        if ask.status == "none_documented":
            continue
        if scope == "military" and ask.kind == OPEN_KIND:
            mine = [answer for answer in mine if answer.kind in MILITARY]
            if not any(answer.answer in STATES for answer in mine):
                unclear = True
                continue
        elif scope == "military" and ask.kind not in MILITARY:
            continue
        inside[ask.ask_id] = mine
    if not inside:
        return Outcome("unclear" if unclear else "not_asked", None)
    return Outcome(
        _folded([_state(mine) for mine in inside.values()]), _delivery(a for mine in inside.values() for a in mine)
    )


def _state(answers: Sequence[Answer]) -> str:
    """What became of one ask."""
    rows = sorted(answers, key=lambda answer: answer.order)
    live = [answer for answer in rows if answer.answer in STATES]
    if not live:
        return "unknown" if any(answer.answer is None for answer in rows) else "open"
    arrived = [a for a in live if a.answer in GIVEN and a.taken != "refused" and a.delivery in ("delivered", "partly_delivered")]  # fmt: skip
    of_last = [answer for answer in live if answer.order == live[-1].order]
    last = min(of_last, key=lambda answer: list(STATES).index(str(answer.answer)))
    if arrived and last.answer not in GIVEN:
        last = arrived[-1]
    if last.taken == "refused":
        return "partly" if arrived else "offer"
    return STATES[str(last.answer)]


def _folded(states: Sequence[str]) -> str:
    """The outcome of several asks; where unknown states leave it open, UNSURE."""
    found = {_fold(some) for some in product(*(ANY_STATE if s == "unknown" else (s,) for s in states))}
    return found.pop() if len(found) == 1 else UNSURE


def _fold(states: Sequence[str]) -> str:
    if all(state == "met" for state in states):
        return "granted"
    if any(state in ("met", "partly") for state in states):
        return "granted_in_part"
    for state, named in (("offer", "offer_not_taken"), ("conditional", "conditional"), ("refused", "refused")):
        if state in states:
            return named
    return "no_decision"


def _delivery(answers: Iterable[Answer]) -> str | None:
    """What arrived of what was agreed and taken; None where there was nothing."""
    arrived = {a.delivery for a in answers if a.answer in GIVEN and a.taken != "refused"}
    if not arrived:
        return None
    if None in arrived:
        return UNSURE
    return arrived.pop() if len(arrived) == 1 else "partly_delivered"


def unasked(answers: Iterable[Answer]) -> list[str]:
    """The kinds of help that were agreed though nobody had asked for them; consultations on the way to a decision are none."""
    return sorted({a.kind for a in answers if a.ask_id is None and a.answer in GIVEN and a.kind != "consultations"})


def asked_and_answered(data: Data, request: str, forum: str) -> tuple[list[Ask], list[Answer]] | None:
    """The asks of a request and the answers of one forum (csto, bilateral); None where it took no decision or the data hold no asks."""
    if not {"asks", "answers"} <= set(data.parsed):
        return None
    mine = by(data, "decisions", "request_id", "forum").get((request, forum))
    if mine is None:
        return None
    # A final decision of unknown day comes after the others, any other before them.
    found = [
        Answer(
            known(r["ask_id"]),
            known(r["help_kind"]) or UNSURE,
            known(r["answer"]),
            known(r["taken"]),
            known(r["delivery"]),
            order,
        )
        for row in mine
        for order in [(int(known(row["date"]) is None and row["is_final"] == "true"), known(row["date"]) or "")]
        for r in by(data, "answers", "decision_id").get((row["decision_id"],), ())
    ]
    wanted = by(data, "asks", "request_id").get((request,), ())
    return [Ask(r["ask_id"], known(r["help_kind"]) or UNSURE, known(r["status"])) for r in wanted], found


def of_request(data: Data, request: str, forum: str) -> dict[str, object]:
    """The computed outcome of a request in a forum: outcome_all, delivery_all, outcome_military, delivery_military, unasked, contested.

    `contested` says whether an ask that is contested decides one of the outcomes. Empty where the forum took no decision.
    """
    both = asked_and_answered(data, request, forum)
    if both is None:
        return {}
    asks, answers = both
    sure = [ask for ask in asks if ask.status != "contested"]
    kinds = unasked(answers)
    found: dict[str, object] = {"unasked": UNSURE if UNSURE in kinds else "; ".join(kinds) or None}
    contested = False
    for scope in SCOPES:
        made = outcome(asks, answers, scope)
        found |= {f"outcome_{scope}": made.outcome, f"delivery_{scope}": made.delivery}
        contested |= made != outcome(sure, answers, scope)
    return {**found, "contested": contested}
