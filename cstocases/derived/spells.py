"""From when to when a state was a party or a text was in force, as far as bounds are known."""

from __future__ import annotations

import calendar
import datetime
import functools
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cstocases.derived.rows import NOT_APPLICABLE, Missing, Row, by, known
from cstocases.resolution.data import Data

FOREVER = "9999-12-31"


class Span(NamedTuple):
    """Days from the first until before the end, as ISO texts: those that are sure, and those that may be."""

    maybe_from: str
    sure_from: str
    sure_to: str
    maybe_to: str

    def holds(self, day: str) -> bool | None:
        """Whether a day is in it; None where a missing bound leaves that open."""
        if self.sure_from <= day < self.sure_to:
            return True
        return None if self.maybe_from <= day < self.maybe_to else False

    def days(self, year: int) -> tuple[int, int]:
        """How many days of a year are in it: at least, and at most."""
        return _overlap(self.sure_from, self.sure_to, year), _overlap(self.maybe_from, self.maybe_to, year)


def _overlap(first: str, end: str, year: int) -> int:
    start, stop = max(first, f"{year}-01-01"), min(end, f"{year + 1}-01-01")
    return (datetime.date.fromisoformat(stop) - datetime.date.fromisoformat(start)).days if start < stop else 0


def span(end: str, *firsts: str) -> Span:
    """The span until an end, from the first of some days that is known.

    An end that cannot exist is still to come; any other bound that is missing, such as one that a
    resolution rule leaves open, makes days a maybe.
    """
    sure_from = next((day for day in firsts if not isinstance(day, Missing)), FOREVER)
    maybe_to = known(end) or FOREVER
    sure_to = "" if isinstance(end, Missing) and end != NOT_APPLICABLE else maybe_to
    return Span(known(firsts[0]) or "", sure_from, sure_to, maybe_to)


def any_holds(spans: Iterable[Span], day: str) -> bool | None:
    """Whether a day is in one of some spans; None where that is open."""
    found = {one.holds(day) for one in spans}
    return True if True in found else None if None in found else False


class Bonds(NamedTuple):
    """The spans in which a state was a party, signature enough, and was bound by the Treaty and by the Charter.

    `frozen` holds, for each span as a party, the day from which it was frozen.
    """

    party: list[Span]
    treaty: list[Span]
    charter: list[Span]
    frozen: list[str]


def _spans(rows: Iterable[Row]) -> list[Span]:
    return [span(row["end_date"], row["start_date"]) for row in rows]


@functools.lru_cache(maxsize=8)
def bonds(data: Data) -> Mapping[str, Bonds]:
    """Of each state that was ever a party, in the order of their codes."""
    found = {}
    for (state,), rows in sorted(by(data, "memberships", "state").items()):
        treaty, charter = ([row for row in rows if row["bound_by"] == text] for text in ("treaty", "charter"))
        party = [span(row["end_date"], row["signed_date"], row["start_date"]) for row in treaty]
        found[state] = Bonds(party, _spans(treaty), _spans(charter), [row["frozen_date"] for row in treaty])
    return found


def last_day(day: str, precision: str) -> str:
    """The last day that a date of this precision can mean."""
    if precision == "year":
        return f"{day[:4]}-12-31"
    if precision == "month":
        return f"{day[:7]}-{calendar.monthrange(int(day[:4]), int(day[5:7]))[1]}"
    return day
