"""The sets of a Qualitative Comparative Analysis: conditions, outcomes and measures of the regime, each with its cut-off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cstocases.errors import CstocasesError, UnknownNameError

UNKNOWN = {
    "absent": "a property no source speaks to, or on which they are undecided, counts as absent, and the calibration log marks the score as assumed; a case whose outcome is open is left out",
    "leave-out": "a case with such a gap is left out",
}


class Condition(NamedTuple):
    """A set: its name, the column of the comparison it asks, the values that are members, and what it means.

    `open`: values to which the question cannot be put, such as whether help was granted where none was asked for.
    """

    name: str
    field: str
    members: tuple[str, ...]
    definition: str
    open: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """The rule of calibration in words."""
        return f"1 where {self.field} is {' or '.join(self.members)}, else 0"


CONDITIONS = {
    c.name: c
    for c in (
        Condition("STATEADV", "adversary_type", ("state", "member_state"), "The requester named a state as its adversary."),
        Condition("OWNTERR", "on_own_territory", ("true",), "The fighting was on the requester's own recognised territory."),
        Condition("FTERROR", "threat_framing", ("foreign_backed_terrorism",), "The requester framed the threat as terrorism backed from abroad."),
        Condition("CRISISLAW", "crisis_rules_in_force", ("true",), "The rules of the CSTO on crises inside a member state were in force."),
        Condition("AUTOCRAT", "", (), "The requester was governed by an autocratic incumbent, as measured for the year before the case; a government that came to power since is not the one measured."),
        Condition("CHAIR", "requester_chaired", ("true",), "The requester held the chair of the Collective Security Council."),
        Condition("MEMBADV", "adversary_is_member", ("true",), "The adversary named was itself a member of the CSTO."),
    )
}  # fmt: skip
NOT_TOLD = ("not_asked", "unclear")
OUTCOMES = {
    c.name: c
    for c in (
        Condition("TROOPS", "csto_forces_sent", ("true",), "The CSTO sent forces, asked for or not."),
        Condition("MILITARY", "csto_outcome_military", ("granted", "granted_in_part"), "The CSTO granted at least part of the military help that was asked for; a case in which none was asked for, or the kind of help is not known, is left out.", NOT_TOLD),
        Condition("HELP", "csto_outcome_all", ("granted", "granted_in_part"), "The CSTO granted at least part of what was asked for, consultations included; a case in which nothing was asked for is left out.", NOT_TOLD),
    )
}  # fmt: skip


class Regime(NamedTuple):
    """A measure of the regime, the values that count as autocratic (at most, below, or equal to the threshold), and its top."""

    how: str
    threshold: float | str
    top: float
    says: str

    @property
    def rule(self) -> str:
        """The rule of calibration in words."""
        return f"1 where the measure of the year before is {self.how} {self.threshold}, else 0"


REGIMES = {
    "vdem_v2x_regime": Regime("at most", 1, 3, "V-Dem, Regimes of the World: 0 closed autocracy, 1 electoral autocracy, 2 and 3 democracies"),
    "vdem_v2x_polyarchy": Regime("below", 0.5, 1, "V-Dem, electoral democracy index, 0 to 1"),
    "vdem_v2x_libdem": Regime("below", 0.5, 1, "V-Dem, liberal democracy index, 0 to 1"),
    "fh_status": Regime("equal to", "Not Free", 0, "Freedom House, status: Free, Partly Free, Not Free"),
}  # fmt: skip


class Questions(NamedTuple):
    """The sets asked for, the measure of the regime with its cut-off, and how unknown conditions are scored."""

    conditions: tuple[str, ...]
    outcome: str
    regime: str
    cut: Regime
    unknown: str

    @property
    def names(self) -> tuple[str, ...]:
        """The conditions and the outcome."""
        return (*self.conditions, self.outcome)


def condition(name: str) -> Condition:
    """A condition or an outcome by its name."""
    return CONDITIONS.get(name) or OUTCOMES[name]


def questions(
    outcome: str = "TROOPS",
    conditions: Iterable[str] | None = None,
    regime: str = "vdem_v2x_regime",
    threshold: float | None = None,
    unknown: str = "absent",
) -> Questions:
    """The sets asked for by name.

    Raises:
        UnknownNameError: no such outcome, condition, treatment or regime measure, or one that has no threshold.
        CstocasesError: a threshold off the scale of the measure.
    """
    chosen = tuple(dict.fromkeys(conditions or CONDITIONS))
    asked: list[tuple[str, str, Iterable[str]]] = [("condition", name, CONDITIONS) for name in chosen]
    asked += [("outcome", outcome, OUTCOMES), ("regime measure", regime, REGIMES)]
    asked.append(("treatment of unknowns", unknown, UNKNOWN))
    for kind, name, known in asked:
        if name not in list(known):
            raise UnknownNameError(kind, name, known)
    cut = REGIMES[regime]
    if threshold is not None:
        if isinstance(cut.threshold, str):
            raise UnknownNameError("regime measure with a numeric threshold", regime, [])
        if not 0 <= threshold <= cut.top:
            raise CstocasesError(f"threshold: {threshold:g} is not on the scale of {regime}, 0 to {cut.top:g}")
        cut = cut._replace(threshold=threshold)
    return Questions(chosen, outcome, regime, cut, unknown)
