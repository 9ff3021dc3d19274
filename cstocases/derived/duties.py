"""What the text makes the duty of a member that is asked for help, and whether it was kept."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cstocases.derived.outcomes import (
    ARRIVED,
    FORCES,
    GIVEN,
    MILITARY,
    OPEN_KIND,
    Answer,
    Ask,
    asked_and_answered,
    outcome,
)
from cstocases.derived.rows import NOT_APPLICABLE, UNCODED, UNKNOWN, Row, by, known, records
from cstocases.derived.spells import Span, span
from cstocases.resolution.data import Data

# The id of a treaty between two states begins with their codes and its year.
BETWEEN_TWO = re.compile(r"([a-z]{3})-([a-z]{3})-[0-9]{4}(-.*)?")
OPEN_KINDS = ("military_unspecified", OPEN_KIND)  # forces would answer them, and other help would too
# By kind of duty, the kinds of help that were asked for.
DUTIES = {
    "duty_forces": (*FORCES, *OPEN_KINDS),
    "duty_help": tuple({*MILITARY, OPEN_KIND} - {*FORCES}),
    "duty_consult": ("consultations",),
}
STRENGTH = ("obliges", "unclear", "permits", "none")  # the strongest first
# By kind of contribution, the kinds of help it is.
HELP = {
    "troops": FORCES, "transport": ("materiel",), "materiel": ("weapons", "materiel"), "relief": ("relief",),
    "advisers": ("training_advisers", "observers"),
}  # fmt: skip
ALLIES = {"russia": ("RUS",), "russia_and_belarus": ("BLR", "RUS")}  # who decides for itself, by decisions.decided_by
NOTHING = ({"refused"}, {"no_decision"}, {"refused", "no_decision"})


class Member(NamedTuple):
    """A member that is asked, as far as its duties go: what binds it, and whether the request reached it."""

    state: str
    treaty: bool | None
    charter: bool | None
    pacts: Sequence[str]  # provisions in force between it and the requester alone
    reached: bool | None


@functools.lru_cache(maxsize=8)
def pacts(data: Data) -> list[tuple[str, frozenset[str], Span]]:
    """The provisions of treaties between two states: id, states, and when in force."""
    states = {row["iso3c"].lower(): row["iso3c"] for row in records(data, "states")}
    found = []
    for row in records(data, "provisions"):
        match = BETWEEN_TWO.fullmatch(row["provision_id"])
        if match and match[1] in states and match[2] in states:
            both = frozenset(states[code] for code in match.groups()[:2])
            found.append((row["provision_id"], both, span(row["end_date"], row["start_date"])))
    return found


def live_asks(data: Data, request: str) -> list[Row]:
    """What was asked for in a request, without asks that are none_documented and those that were taken back."""
    asks = by(data, "asks", "request_id").get((request,), ())
    return [ask for ask in asks if ask["status"] != "none_documented" and ask["withdrawn"] != "true"]


def duties(data: Data, request: str, member: Member) -> dict[str, str]:
    """By the text, what the member owed of each kind of help that it was asked for: obliges, unclear, permits or none.

    The strongest word of the text tests of asks of that kind whose provision binds the member. Of help of
    no named kind, a provision that covers forces makes a duty to send forces, any other a duty to help.
    """
    found: dict[str, str] = dict.fromkeys(DUTIES, NOT_APPLICABLE)
    if member.reached is False:
        return found
    if not by(data, "asks", "request_id").get((request,)):
        return dict.fromkeys(DUTIES, UNCODED)
    for name, kinds in DUTIES.items():
        asks = [ask for ask in live_asks(data, request) if ask["help_kind"] in kinds]
        if member.treaty is False and not member.pacts:
            found[name] = "none" if asks else NOT_APPLICABLE
        elif not all(_tests(data, ask) for ask in asks):
            found[name] = UNCODED
        elif asks:
            found[name] = _strongest(
                word
                for ask in asks
                for covered, word in _words(data, ask, member)
                if ask["help_kind"] not in OPEN_KINDS or (covered == "forces") == (name == "duty_forces")
            )
    return found


def _strongest(words: Iterable[str]) -> str:
    return min(words, key=STRENGTH.index, default="none")


def _tests(data: Data, ask: Row) -> Sequence[Row]:
    return by(data, "text_tests", "ask_id").get((ask["ask_id"],), ())


def _words(data: Data, ask: Row, member: Member) -> Iterable[tuple[str, str]]:
    """For each text test of an ask, which help the provision covers and what it says to this member."""
    for test in _tests(data, ask):
        provision, says = test["provision_id"], known(test["text_says"]) or "unclear"
        rows = by(data, "provisions", "provision_id").get((provision,), ())
        pact = BETWEEN_TWO.fullmatch(provision) is not None
        charter = provision.startswith("charter-")
        bound = provision in member.pacts if pact else member.charter if charter else member.treaty
        word = "none" if bound is False or says not in STRENGTH else says
        yield (
            next((row["help_covered"] for row in rows), UNKNOWN),
            "unclear" if bound is None and word == "obliges" else word,
        )


def counted(data: Data, contribution: Row) -> bool:
    """Whether a contribution answers the request: not if its decision refused help of that kind, as with troops for a state's own base."""
    said = _said_of(data, contribution)
    return not said or any(answer["answer"] != "refused" for answer in said)


def _said_of(data: Data, contribution: Row) -> list[Row]:
    """The answers of a contribution's decision about help of its kind."""
    kinds = HELP.get(contribution["contribution_kind"], ())
    answers = by(data, "answers", "decision_id").get((contribution["decision_id"],), ())
    return [answer for answer in answers if answer["help_kind"] in kinds]


def _arrival(data: Data, contribution: Row) -> str:
    """delivered, partly_delivered, not_delivered or unknown; a first day says that it arrived."""
    said = {answer["delivery"] for answer in _said_of(data, contribution)}
    order = ("delivered", "partly_delivered", "not_delivered")
    return order[0] if known(contribution["start_date"]) else next((word for word in order if word in said), UNKNOWN)


def kept(
    data: Data, request: Row, member: Member, owed: Mapping[str, str], given: Sequence[Row], adversary: str
) -> str:
    """Whether the member did what the text obliged it to: honoured, partly, not_honoured, no_duty or unclear.

    Only what was asked for counts, and of that only what a text obliges to. There is no duty where
    the text permits, where the request is none_documented, where it was put to others and the CSTO took
    no decision on it, and for the adversary itself. A duty to consult is honoured if consultations of the
    CSTO, or of this ally, were agreed and held; who took part is not known. Another duty is honoured if the
    member gave help of the kind asked for and it arrived, partly if it gave other or unasked help or part of it arrived,
    and not honoured if it gave nothing and the answer was a refusal or no decision. Everything else is unclear.
    """
    if request["status"] == "none_documented" or member.reached is False or adversary == "true":
        return "no_duty"
    if UNCODED in owed.values():
        return UNCODED
    asks = [(ask, _owed(data, ask, member)) for ask in live_asks(data, request["request_id"])]
    words = {word for _, word in asks}
    if "obliges" not in words:
        return "unclear" if "unclear" in words else "no_duty"
    if member.reached is None:
        return "unclear"
    return _folded({_verdict(data, request, member, ask, given) for ask, word in asks if word == "obliges"})


def _owed(data: Data, ask: Row, member: Member) -> str:
    """The strongest duty to give what was asked for; unclear where it is not certain that it was asked for."""
    if not any(ask["help_kind"] in kinds for kinds in DUTIES.values()):
        return "none"
    word = _strongest(word for _, word in _words(data, ask, member))
    return "unclear" if word == "obliges" and ask["status"] != "documented" else word


def _folded(verdicts: set[str]) -> str:
    if len(verdicts) == 1:
        return verdicts.pop()
    return "unclear" if "unclear" in verdicts and not {"partly"} & verdicts and len(verdicts) == 2 else "partly"


def _verdict(data: Data, request: Row, member: Member, ask: Row, given: Sequence[Row]) -> str:
    """What became of one ask that the member was obliged to meet."""
    about = Ask(ask["ask_id"], ask["help_kind"], known(ask["status"]))
    replies = list(_replies(data, request["request_id"], member.state))
    refused = {outcome([about], answers).outcome for answers in replies} in NOTHING
    if about.kind == "consultations":
        mine = [answer for answers in replies for answer in answers if answer.ask_id == about.ask_id]
        held = any(a.answer in GIVEN and a.delivery in ARRIVED for a in mine)
        return "honoured" if held else "not_honoured" if refused else "unclear"
    arrived = [(row, _arrival(data, row)) for row in given]
    arrived = [(row, how) for row, how in arrived if how != "not_delivered"]
    fits = {how for row, how in arrived if _fits(data, ask, row)}
    if "delivered" in fits:
        return "honoured"
    if any(how in ARRIVED for _, how in arrived):
        return "partly"
    return "not_honoured" if refused and not arrived else "unclear"


def _fits(data: Data, ask: Row, contribution: Row) -> bool:
    """Whether a contribution is of the kind asked for; not if the answers call it unasked, or an answer to another ask."""
    said, kind = _said_of(data, contribution), contribution["contribution_kind"]
    if said:
        return ask["ask_id"] in [answer["ask_id"] for answer in said]
    if ask["help_kind"] in OPEN_KINDS:
        return ask["help_kind"] == OPEN_KIND or kind != "relief"
    return ask["help_kind"] in HELP.get(kind, ())


def _replies(data: Data, request: str, state: str) -> Iterable[list[Answer]]:
    """The answers of the CSTO, and those that the state gave for itself, where there was a decision."""
    csto = asked_and_answered(data, request, "csto")
    if csto is not None:
        yield csto[1]
    decisions = by(data, "decisions", "request_id", "forum").get((request, "bilateral"), ())
    own = asked_and_answered(data, request, "bilateral")
    if own is not None and any(state in ALLIES.get(row["decided_by"], ()) for row in decisions):
        yield own[1]
