"""What came of a request: computed from what was asked and what was answered, never coded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from cstocases.derived.rows import Row, by, known
from cstocases.resolution.data import Data

UNSURE = "?"  # what a computed cell is while its ingredients leave it open; missing, and unknown, in the table
MILITARY = (
    "forces_combat", "forces_protective", "weapons", "materiel", "training_advisers", "intelligence", "funding",
    "access", "military_unspecified",
)  # fmt: skip
OPEN_KIND = "help_unspecified"  # may have been military help or not
FORCES = ("forces_combat", "forces_protective")
GIVEN = ("agreed", "agreed_in_part")
ARRIVED = ("delivered", "partly_delivered")
# What becomes of an ask by its last answer; the more generous first, which counts where two are of one day.
STATES = {"agreed": "met", "agreed_in_part": "partly", "conditional": "conditional", "refused": "refused"}
ANY_STATE = ("met", "partly", "offer", "conditional", "refused", "open")
SCOPES = ("all", "military")
FORUMS = ("csto", "bilateral")
COLUMNS = (
    "outcome_all", "delivery_all", "outcome_military", "delivery_military", "agreed", "unasked", "forces_sent", "contested",
)  # fmt: skip
# The columns of the comparison that are computed from asks, and from the answers of a forum.
FORUM_OF: dict[str, str | None] = {"asked": None, **{f"{forum}_{name}": forum for forum in FORUMS for name in COLUMNS}}
# The cells that they are computed from.
BEHIND = {
    "asks": ("help_kind", "status"),
    "answers": ("help_kind", "answer", "taken", "delivery"),
    "decisions": ("date",),
}


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
    asks = list(asks)
    either = _either_way(asks, answers, scope)
    if either:
        # The outcome is sure only if it is the same either way.
        one, other = (outcome(*way, scope) for way in either)
        return Outcome(
            one.outcome if one.outcome == other.outcome else UNSURE,
            one.delivery if one.delivery == other.delivery else UNSURE,
        )
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


Way = tuple[list[Ask], Sequence[Answer]]


def _either_way(asks: list[Ask], answers: Sequence[Answer], scope: str) -> tuple[Way, Way] | None:
    """Two ways to settle the first ask, or answer, of which a cell that matters is open: whether it was made, or was military."""
    kinds = ("military_unspecified", "statement")
    for i, ask in enumerate(asks):
        if ask.status is None:
            made = (ask._replace(status=status) for status in ("documented", "none_documented"))
        elif scope == "military" and ask.kind == UNSURE:
            made = (ask._replace(kind=kind) for kind in kinds)
        else:
            continue
        one, other = ([*asks[:i], a, *asks[i + 1 :]] for a in made)
        return (one, answers), (other, answers)
    of_open_kind = {ask.ask_id for ask in asks if ask.kind == OPEN_KIND and ask.status != "none_documented"}
    for i, answer in enumerate(answers):
        if scope == "military" and answer.kind == UNSURE and answer.ask_id in of_open_kind:
            first, second = ([*answers[:i], answer._replace(kind=kind), *answers[i + 1 :]] for kind in kinds)
            return (asks, first), (asks, second)
    return None


def _state(answers: Sequence[Answer]) -> str:
    """What became of one ask."""
    rows = sorted(answers, key=lambda answer: answer.order)
    live = [answer for answer in rows if answer.answer in STATES]
    if not live:
        return "unknown" if any(answer.answer is None for answer in rows) else "open"
    arrived = [a for a in live if a.answer in GIVEN and a.taken != "refused" and a.delivery in ARRIVED]  # fmt: skip
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


def agreed(answers: Iterable[Answer]) -> str | None:
    """The kinds of help that were asked for and agreed, whole or in part, and that the requester did not turn down; see `_kinds`."""
    return _kinds(a.kind for a in answers if a.ask_id is not None and a.answer in GIVEN and a.taken != "refused")


def unasked(answers: Iterable[Answer]) -> str | None:
    """The kinds of help that were agreed though nobody had asked for them; consultations on the way to a decision are none."""
    return _kinds(a.kind for a in answers if a.ask_id is None and a.answer in GIVEN and a.kind != "consultations")


def _kinds(found: Iterable[str]) -> str | None:
    """Kinds of help with semicolons between them; None where there is none, UNSURE where a kind is."""
    kinds = sorted(set(found))
    return UNSURE if UNSURE in kinds else "; ".join(kinds) or None


def forces_sent(answers: Iterable[Answer]) -> bool | str:
    """Whether forces that were agreed, asked for or not, arrived at least in part; UNSURE where an answer on forces is open."""
    given = [a for a in answers if a.kind in (*FORCES, UNSURE) and a.answer in (*GIVEN, None) and a.taken != "refused"]
    came = [a for a in given if a.delivery in (*ARRIVED, None)]
    if any(a.kind in FORCES and a.answer and a.delivery for a in came):
        return True
    return UNSURE if came else False


Cell = tuple[str, str, str]
Supposed = Mapping[Cell, tuple[str | None, str | None]]  # other values for cells, as text or missing-value code


def _decisions(data: Data, request: str, forum: str) -> Sequence[Row]:
    return by(data, "decisions", "request_id", "forum").get((request, forum), ())


def _answers(data: Data, decision: Row) -> Sequence[Row]:
    return by(data, "answers", "decision_id").get((decision["decision_id"],), ())


def _text(supposed: Supposed, table: str, row: Row, field: str) -> str | None:
    cell = table, row[f"{table[:-1]}_id"], field
    return supposed[cell][0] if cell in supposed else known(row[field])


def _asks(data: Data, request: str, supposed: Supposed) -> list[Ask]:
    return [
        Ask(row["ask_id"], _text(supposed, "asks", row, "help_kind") or UNSURE, _text(supposed, "asks", row, "status"))
        for row in by(data, "asks", "request_id").get((request,), ())
    ]


def asked_and_answered(
    data: Data, request: str, forum: str, supposed: Supposed | None = None
) -> tuple[list[Ask], list[Answer]] | None:
    """The asks of a request and the answers of one forum (csto, bilateral), with other values for some cells if supposed.

    None where the forum took no decision.
    """
    mine = _decisions(data, request, forum)
    if not mine:
        return None
    other = supposed or {}
    asks = _asks(data, request, other)
    answers = []
    for decision in mine:
        # A final decision of unknown day comes after the others, any other before them.
        day = _text(other, "decisions", decision, "date")
        order = int(day is None and decision["is_final"] == "true"), day or ""
        for row in _answers(data, decision):
            answer, taken, delivery = (_text(other, "answers", row, name) for name in ("answer", "taken", "delivery"))
            kind = _text(other, "answers", row, "help_kind") or UNSURE
            answers.append(Answer(known(row["ask_id"]), kind, answer, taken, delivery, order))
    return asks, answers


def asked(data: Data, request: str, supposed: Supposed | None = None) -> str | None:
    """The kinds of help that were asked for in a request; None where there is none, UNSURE where it is open whether or for what."""
    asks = _asks(data, request, supposed or {})
    return _kinds(ask.kind if ask.status else UNSURE for ask in asks if ask.status != "none_documented")


def cells_behind(data: Data, request: str, column: str) -> list[Cell]:
    """The cells that a column of FORUM_OF is computed from for a request; none where the forum took no decision."""
    forum = FORUM_OF[column]
    mine = _decisions(data, request, forum) if forum else ()
    rows = {
        "asks": by(data, "asks", "request_id").get((request,), ()) if mine or not forum else (),
        "answers": [row for decision in mine for row in _answers(data, decision)],
        "decisions": mine,
    }
    return [
        (table, row[f"{table[:-1]}_id"], field)
        for table, fields in BEHIND.items()
        for row in rows[table]
        for field in fields
    ]


def of_request(data: Data, request: str, forum: str, supposed: Supposed | None = None) -> dict[str, object]:
    """The computed outcome of a request in a forum, by COLUMNS; `supposed` gives other values to some cells.

    `contested` says whether an ask that is contested decides one of the outcomes. Empty where the forum took no decision.
    """
    both = asked_and_answered(data, request, forum, supposed)
    if both is None:
        return {}
    asks, answers = both
    sure = [ask for ask in asks if ask.status != "contested"]
    found: dict[str, object] = {
        "agreed": agreed(answers),
        "unasked": unasked(answers),
        "forces_sent": forces_sent(answers),
    }
    contested = False
    for scope in SCOPES:
        made = outcome(asks, answers, scope)
        found |= {f"outcome_{scope}": made.outcome, f"delivery_{scope}": made.delivery}
        contested |= made != outcome(sure, answers, scope)
    return {**found, "contested": contested}


def was_helped(data: Data, request: str, supposed: Supposed | None = None) -> bool | None:
    """Whether military help that was asked for was granted, at least in part, or forces were sent, in any forum; None where that is open."""
    came = [of_request(data, request, forum, supposed) for forum in FORUMS]
    if any(c.get("outcome_military") in ("granted", "granted_in_part") or c.get("forces_sent") is True for c in came):
        return True
    return None if any(UNSURE in (c.get("outcome_military"), c.get("forces_sent")) for c in came) else False
