"""In what share of the combinations of readings the cases and the founding argument stay as published."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from cstocases.analysis.conditions import condition, questions
from cstocases.analysis.contested_cells import (
    SPANS,
    Cell,
    Contested,
    Published,
    Target,
    as_published,
    chosen_cases,
    scored,
    shown,
)
from cstocases.analysis.qca import BY_DAY
from cstocases.dataset import data
from cstocases.derived.behind import behind
from cstocases.derived.computed import CRISIS_RULES
from cstocases.errors import CstocasesError

OUTCOME = "outcome"  # in a claim: the outcome chosen
MAX_COUNTED = 1_000_000  # combinations that are all counted; beyond, a sample is drawn
Z = 1.959964  # 95 per cent of the normal distribution lie within


class Claim(NamedTuple):
    """What the founding argument says of two cases: that they differ, or agree, in a set."""

    one: str
    other: str
    what: str
    agree: bool
    says: str


# The founding argument in our words, after Cooley (2022): twice the CSTO refused on legal grounds, then it sent a force.
FOUNDING = (
    Claim("kaz-2022", "kgz-2010", OUTCOME, False, "Kyrgyzstan was refused in 2010, Kazakhstan got a force."),
    Claim("kaz-2022", "kgz-2010", "FTERROR", False, "Only Kazakhstan spoke of terrorism backed from abroad."),
    Claim("kaz-2022", "kgz-2010", "CRISISLAW", False, "In 2010 no rules for a crisis inside a member were in force."),
    Claim("kaz-2022", "arm-2020", OUTCOME, False, "Armenia got no help in 2020, Kazakhstan got a force."),
    Claim("kaz-2022", "arm-2020", "FTERROR", False, "Only Kazakhstan spoke of terrorism backed from abroad."),
    Claim("kaz-2022", "arm-2020", "OWNTERR", False, "The war of 2020 was fought outside Armenia's recognised territory."),
    Claim("kaz-2022", "arm-2020", "STATEADV", False, "Armenia faced a state, Kazakhstan did not."),
    Claim("kgz-2010", "arm-2020", OUTCOME, True, "Neither was helped."),
)  # fmt: skip


class Part(NamedTuple):
    """A statement on scores: in which combinations it holds, whether it does as published, and the scores."""

    holds: np.ndarray
    published: bool
    targets: list[Target]


def sensitivity(
    cases: Iterable[str] | None = None,
    *,
    outcome: str = "TROOPS",
    conditions: Iterable[str] | None = None,
    samples: int = 100_000,
    seed: int = 0,
    limit: int = MAX_COUNTED,
    home: str | Path | None = None,
) -> pd.DataFrame:
    """In what share of the combinations of readings each case keeps its configuration and the founding argument holds.

    A combination gives each contested cell that can change a score one of its values, the
    published one or a conflicting one, each as often as the others; a value that is missing
    counts as absent, as in `calibrate`. Up to `limit` combinations all are counted, beyond it
    `samples` are drawn with `seed`. Columns: kind (case, pair or argument), subjects (case
    ids), what (configuration, a set, or argument for all its claims at once), relation
    (same, differ, agree or holds), published (boolean, whether it is so as published), share (Float64),
    error (Float64, the farther end of a 95 per cent interval after Wilson; NA where all were
    counted), combinations (Int64, counted or drawn), method (exact or sampled), moved_by (the cells
    that can change it), assumed (scores that rest on no source and count as absent).

    Raises:
        UnknownNameError: no such case, condition or outcome.
        CstocasesError: `samples` is less than one.
        DataError: the data have problems.
    """
    if samples < 1:
        raise CstocasesError(f"samples: {samples} is too few; draw at least one")
    base = as_published(data(home), questions(outcome, conditions))
    chosen = chosen_cases(base, cases)
    known = set(base.primary["case_id"])
    claims = [
        claim._replace(what=outcome if claim.what == OUTCOME else claim.what)
        for claim in FOUNDING
        if {claim.one, claim.other} <= known and {claim.one, claim.other} & set(chosen)
    ]
    claims = [claim for claim in claims if claim.what in base.sets.names]
    involved = {*chosen, *(claim.one for claim in claims), *(claim.other for claim in claims)}
    now, moving, assumed, size, exact = _combined(base, involved, limit, samples, seed)
    before = {target: score for target, (score, _) in base.scores.items()}
    rows = []

    def tell(kind: str, what: str, relation: str, parts: Sequence[Part]) -> None:
        published = all(part.published for part in parts)
        targets = list(dict.fromkeys(target for part in parts for target in part.targets))
        share = float(np.mean(functools.reduce(np.logical_and, [part.holds for part in parts])))
        moved_by = "; ".join(sorted({" ".join(cell) for target in targets for cell in moving[target]}))
        on_no_source = "; ".join(" ".join(target) for target in targets if target in assumed)
        subjects = ", ".join(dict.fromkeys(case for case, _ in targets))
        error, method = (None, "exact") if exact else (_error(share, size), "sampled")
        rows.append((kind, subjects, what, relation, published, share, error, size, method, moved_by, on_no_source))

    for case in chosen:
        same = {name: Part(now[case, name] == before[case, name], True, [(case, name)]) for name in base.sets.names}
        tell("case", "configuration", "same", [same[name] for name in base.sets.conditions])
        tell("case", outcome, "same", [same[outcome]])
    every = []
    for pair in dict.fromkeys(claim[:2] for claim in claims):
        of_pair = []
        for claim in (claim for claim in claims if claim[:2] == pair):
            one, other = targets = [(case, claim.what) for case in pair]
            holds, published = (((scores[one] == scores[other]) == claim.agree) for scores in (now, before))
            of_pair.append(Part(holds, published, targets))
            tell("pair", claim.what, "agree" if claim.agree else "differ", of_pair[-1:])
        tell("pair", "argument", "holds", of_pair)
        every += of_pair
    if len({claim[:2] for claim in claims}) > 1:
        tell("argument", "argument", "holds", every)
    columns = [
        "kind", "subjects", "what", "relation", "published", "share", "error", "combinations", "method", "moved_by", "assumed",
    ]  # fmt: skip
    numbers = {"published": "boolean", "share": "Float64", "error": "Float64", "combinations": "Int64"}
    return pd.DataFrame(rows, columns=columns).astype({name: numbers.get(name, "string") for name in columns})


def _combined(
    base: Published, cases: set[str], limit: int, samples: int, seed: int
) -> tuple[dict[Target, np.ndarray], dict[Target, list[Cell]], set[Target], int, bool]:
    """The scores of cases in each combination, the cells that move them, and those that under some reading rest on no source.

    Then how many combinations, and whether these are all.
    """
    tables: dict[Target, np.ndarray] = {}  # a score by the values of the cells that move it
    moving: dict[Target, list[Cell]] = {}
    assumed: set[Target] = set()
    for row, case in base.primary["case_id"].items():
        for name in base.sets.names if case in cases else ():
            cells = _behind(base, row, name)
            values = [base.contested[cell].values for cell in cells]
            made = [base.scores[case, name]]
            if cells:
                supposed = (dict(zip(cells, each, strict=True)) for each in itertools.product(*values))
                made = [scored(base, [row], name, each)[0] for each in supposed]
            if any(unknown for _, unknown in made):
                assumed.add((case, name))
            table = np.array([score for score, _ in made], dtype=np.int8).reshape([len(each) for each in values])
            moves = [bool((table != table.take([0], axis=axis)).any()) for axis in range(table.ndim)]
            tables[case, name] = table[tuple(slice(None) if moved else 0 for moved in moves)]
            moving[case, name] = list(itertools.compress(cells, moves))
    moved = list(dict.fromkeys(cell for cells in moving.values() for cell in cells))
    n_values = [len(base.contested[cell].values) for cell in moved]
    size = math.prod(n_values)
    exact = size <= limit
    if exact:
        drawn = np.indices(n_values, dtype=np.int16).reshape(len(moved), size)
    else:
        size = samples
        drawn = np.random.default_rng(seed).integers(0, n_values, size=(size, len(moved))).T
    place = dict(zip(moved, drawn, strict=True))
    now = {target: table[tuple(place[cell] for cell in moving[target])] for target, table in tables.items()}
    return now, moving, assumed, size, exact


def _behind(base: Published, row: int, name: str) -> list[Cell]:
    """The contested cells a score rests on; of offices and laws the bounds that may lie on either side of the day."""
    column, columns = condition(name).field, base.wide.columns
    if not column:
        return []
    if column not in BY_DAY:
        behind_it = behind(base.data, "comparison", base.primary.at[row, "request_id"], column)
        return [cell for cell in behind_it if cell in base.contested]
    own = [("requests", columns["date"].records[row], "date"), ("cases", base.primary.at[row, "case_id"], "start_date")]
    cells = [cell for cell in own if cell in base.contested]
    days = [str(base.primary.at[row, "date"])[:10], *(day for cell in cells for day in _days(base.contested[cell]))]
    for cell, c in base.contested.items():
        mine = column in SPANS.get(cell[0], ()) and (cell[0] == "offices" or cell[1] == CRISIS_RULES)
        if mine and (c.value[0] is None or any(min(_days(c)) <= day <= max(_days(c)) for day in days)):
            cells.append(cell)
    return cells


def _days(c: Contested) -> list[str]:
    """The first day of each date that a cell may have."""
    return [shown(value, whole_date=True) for value in c.values if value[0] is not None]


def _error(share: float, n: int) -> float:
    """How far the farther end of Wilson's 95 per cent interval lies from a share; unlike the standard error never 0.

    >>> round(_error(0.5, 100_000), 4), round(_error(1.0, 100_000), 6)
    (0.0031, 3.8e-05)
    """
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(middle + half - share, share - (middle - half))
