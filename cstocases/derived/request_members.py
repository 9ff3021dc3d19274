"""The table request_members: each request beside each other party of its day, what it owed, said and gave."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from cstocases.derived.computed import chair_office
from cstocases.derived.duties import Member, counted, duties, kept, pacts
from cstocases.derived.outcomes import UNSURE
from cstocases.derived.rows import NOT_APPLICABLE, UNKNOWN, Missing, Row, by, frames, known, records, truth
from cstocases.derived.spells import any_holds, bonds, last_day
from cstocases.resolution.data import Data

YEAR = re.compile(r"\b([0-9]{4})\b")  # in the id of a case or of a candidate
ASKED = {"russia": "RUS", "third_party": ""}  # who was asked directly, where not all members were
UNTOLD = ("unknown", "no_evidence_found")  # codes of a stance of which sources say nothing
FRAMEWORKS = ("csto", "national", "non_member")
CONDUCT_OF_KIND = {
    "troops": "forces", "materiel": "materiel", "transport": "materiel", "relief": "non_military_help",
    "advisers": "non_military_help",
}  # fmt: skip
FURTHEST = ("forces", "materiel", "non_military_help")
CONDUCT_OF_STANCE = {
    "for_troops": "spoke_for", "aid_without_troops": "spoke_for", "conditional": "stood_aside", "undecided": "stood_aside",
    "neutral": "stood_aside", "against": "opposed", "leans_to_adversary": "favoured_adversary",
}  # fmt: skip


class Asked(NamedTuple):
    """A request, the state that made it, and the day for which parties are told."""

    row: Row
    state: str
    day: str


@functools.lru_cache(maxsize=8)
def request_members(data: Data) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table, and its missing-value codes."""
    return frames(data.package.table("request_members"), dyads(data))


@functools.lru_cache(maxsize=8)
def asked(data: Data) -> tuple[Asked, ...]:
    """The requests in their order. A date that is missing gives way to the first day of the year of the case; see `year_of`."""
    found = []
    for row in records(data, "requests"):
        case = by(data, "cases", "case_id")[row["case_id"],][0]
        year = year_of(case, "start_date", "case_id")
        day = last_day(row["date"], row["date_precision"]) if known(row["date"]) else year and f"{year}-01-01"
        found.append(Asked(row, case["state"], day))
    return tuple(found)


def year_of(row: Row, date: str, name: str) -> str:
    """The year of a row by its date, else by its id; an empty text where neither tells."""
    found = YEAR.search(row[name])
    return row[date][:4] if known(row[date]) else found[1] if found else ""


@functools.lru_cache(maxsize=8)
def dyads(data: Data) -> tuple[Row, ...]:
    """The rows: requests in their order, and for each the other states that had signed, and not left, on its day."""
    found = []
    for request in asked(data):
        for state, bond in bonds(data).items():
            if request.day and state != request.state and any_holds(bond.party, request.day) is not False:
                found.append(_dyad(data, request, state))
    return tuple(found)


def _dyad(data: Data, request: Asked, state: str) -> Row:
    row, bond = request.row, bonds(data)[state]
    both = {state, request.state}
    pact = [(name, there.holds(request.day)) for name, states, there in pacts(data) if states == both]
    directly = _directly(row, state)
    csto = by(data, "decisions", "request_id", "forum").get((row["request_id"], "csto"))
    member = Member(
        state,
        any_holds(bond.treaty, request.day),
        any_holds(bond.charter, request.day),
        [name for name, there in pact if there],
        True if csto or directly == "true" else None if isinstance(directly, Missing) else False,
    )
    owed = duties(data, row["request_id"], member)
    given = _given(data, row["request_id"], state)
    said = _stances(data, row["case_id"], state)
    adversary = _adversary(row, state)
    return {
        "request_id": row["request_id"],
        "case_id": row["case_id"],
        "member": state,
        "requester_state": request.state,
        **_codes(data, "member", state),
        **_codes(data, "requester", request.state),
        "reference_date": request.day,
        "asked_directly": directly,
        "treaty_bound": truth(member.treaty),
        "charter_bound": truth(member.charter),
        "bilateral_pact": truth(True if member.pacts else None if (None in dict(pact).values()) else False),
        "in_chair": _in_chair(data, row["date"], state),
        **adversary,
        **owed,
        **said,
        "vote": _vote(data, row, state),
        **_told(data, row, given),
        "conduct": _conduct(given, said["stance_last"]),
        "kept": kept(data, row, member, owed, given, adversary["is_adversary"]),
    }


def _codes(data: Data, prefix: str, state: str) -> dict[str, str]:
    row = next(iter(by(data, "states", "iso3c").get((state,), ())), None)
    codes = {"cow": "cow_number", "gw": "gw_number"}
    return {f"{prefix}_{name}": row[column] if row else UNKNOWN for name, column in codes.items()}


def _directly(row: Row, state: str) -> str:
    addressee = row["addressee"]
    return addressee if isinstance(addressee, Missing) else truth(ASKED.get(addressee, state) == state)


def _adversary(row: Row, state: str) -> dict[str, str]:
    """Whether the adversary named is a member, and whether it is this one."""
    kind, named = row["adversary_type"], row["adversary_state"]
    member = kind if isinstance(kind, Missing) else truth(kind == "member_state")
    this = member if member != "true" else named if isinstance(named, Missing) else truth(named == state)
    return {"adversary_is_member": member, "is_adversary": this}


def _in_chair(data: Data, date: str, state: str) -> str:
    chair = date if isinstance(date, Missing) else _chair(data, date)
    return chair if isinstance(chair, Missing) else truth(chair == state)


@functools.lru_cache(maxsize=4096)
def _chair(data: Data, date: str) -> str:
    """The state in the chair on a day."""
    office = chair_office(data, pd.Timestamp(date))
    if office is UNSURE or pd.isna(office):
        return UNKNOWN if office is UNSURE else NOT_APPLICABLE
    return by(data, "offices", "office_id")[str(office),][0]["state"]


def _positions(data: Data, case: str, state: str) -> list[Row]:
    """The positions of a state in a case by the last day that their dates can mean.

    Those known to the year alone count only where there is no better, those without a date only where there is none.
    """
    rows = by(data, "positions", "case_id", "state").get((case, state), [])
    rank = {row["position_id"]: 2 if not known(row["date"]) else row["date_precision"] == "year" for row in rows}
    best = [row for row in rows if rank[row["position_id"]] == min(rank.values())]
    return sorted(best, key=lambda row: (last_day(row["date"], row["date_precision"]), row["position_id"]))


def _stances(data: Data, case: str, state: str) -> dict[str, str]:
    rows = _positions(data, case, state)
    rows = [row for row in rows if row["stance"] not in UNTOLD] or rows
    if not rows:
        return dict.fromkeys(("stance_first", "stance_last", "stance_source"), UNKNOWN)
    last = rows[-1]
    source = "attributed" if ", as " in last["actor"] else "own"
    return {
        "stance_first": rows[0]["stance"],
        "stance_last": last["stance"],
        "stance_source": next((cell for cell in (last["stance"], last["actor"]) if isinstance(cell, Missing)), source),
    }


def _vote(data: Data, row: Row, state: str) -> str:
    """How the member stood in the final decision of the CSTO on what was asked, as far as agreement and positions tell."""
    decisions = by(data, "decisions", "request_id", "forum", "is_final")
    final = next(iter(decisions.get((row["request_id"], "csto", "true"), ())), None)
    if final is None:
        return NOT_APPLICABLE
    agreement = final["agreement_asked"]
    against = any(
        position["stance"] == "against" and last_day(position["date"], position["date_precision"]) >= row["date"]
        for position in _positions(data, row["case_id"], state)
        if known(position["date"]) and known(row["date"])
    )
    voted = {("unanimous", False): "for", ("opposed", True): "against"}.get((agreement, against), UNKNOWN)
    return agreement if isinstance(agreement, Missing) else "not_asked" if agreement == "not_sought" else voted


def _given(data: Data, request: str, state: str) -> list[Row]:
    """What the member contributed in answer to the request."""
    decisions = by(data, "decisions", "request_id").get((request,), ())
    rows = [
        row for d in decisions for row in by(data, "contributions", "decision_id", "state").get((d["decision_id"], state), ())
    ]  # fmt: skip
    return [row for row in rows if counted(data, row)]


def _told(data: Data, row: Row, given: Sequence[Row]) -> Mapping[str, str]:
    """What the member gave: kinds, framework, persons, and days until the first of it was there."""
    if not given:
        return dict.fromkeys(("kinds_given", "framework", "personnel_best", "days_to_arrival"), NOT_APPLICABLE)
    frameworks = {one["framework"] for one in given}
    persons = [one["personnel_best"] for one in given if one["personnel_best"] != NOT_APPLICABLE]
    gap = next((cell for cell in persons if isinstance(cell, Missing)), None if persons else NOT_APPLICABLE)
    return {
        "kinds_given": "; ".join(sorted({one["contribution_kind"] for one in given})),
        "framework": next((word for word in FRAMEWORKS if word in frameworks), min(frameworks)),
        "personnel_best": gap if gap is not None else str(sum(int(cell) for cell in persons)),
        "days_to_arrival": _days(row, given),
    }


def _days(row: Row, given: Sequence[Row]) -> str:
    exact = [(row["date"], row["date_precision"]), *((one["start_date"], one["start_date_precision"]) for one in given)]
    gap = next((day for day, _ in exact if isinstance(day, Missing)), None)
    if gap is not None or any(precision != "day" for _, precision in exact):
        return UNKNOWN if gap is None else gap
    return str((pd.Timestamp(min(day for day, _ in exact[1:])) - pd.Timestamp(row["date"])).days)


def _conduct(given: Sequence[Row], stance: str) -> str:
    """The furthest that the member went: what it gave, else where it last stood."""
    steps = {CONDUCT_OF_KIND.get(row["contribution_kind"], UNKNOWN) for row in given}
    furthest = next((step for step in FURTHEST if step in steps), None)
    return furthest or (stance if isinstance(stance, Missing) else CONDUCT_OF_STANCE.get(stance, UNKNOWN))
