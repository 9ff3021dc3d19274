"""Which conclusions depend on contested cells: one cell at a time, and over all combinations of readings.

Nothing here says which reading is right. Other values take the place of the published
ones, and what depends on them in the comparison, the inclusion and the QCA scores is derived anew.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cstocases.analysis.conditions import Questions, condition, questions
from cstocases.analysis.qca import BY_DAY, ORIGIN, answers, case_years, dated, row_names, scores
from cstocases.dataset import data
from cstocases.derived.comparison import CRISIS_RULES, INGREDIENTS, Comparison, comparison
from cstocases.errors import CstocasesError, UnknownNameError
from cstocases.parsing.csv_reader import as_text
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, include
from cstocases.resolution.readings import CELL, RECORD, to_precision
from cstocases.resolution.rules import RULES, decisions, rewritten
from cstocases.schema.model import Field

OUTCOME = "outcome"  # in a claim: the outcome chosen
MAX_COUNTED = 1_000_000  # combinations that are all counted; beyond, a sample is drawn
Z = 1.959964  # 95 per cent of the normal distribution lie within
COUNTS = ("n_evidence", "n_sources", "n_contested")  # of readings, which another value does not change
SPANS = ("offices", "provisions")  # tables of what holds from one day to another, for any case
BOUNDS = ("start_date", "end_date")


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

Cell = tuple[str, str, str]
Value = tuple[str | None, str | None]  # as text, or the missing-value code
Target = tuple[str, str]  # a score: case and set
Effect = tuple[str, str | None, str | None, str | None, str | None, str | None]  # touches ... new, as in `consequences`
NOTHING: Effect = ("nothing", None, None, None, None, None)


class Contested(NamedTuple):
    """A contested cell: its line, its case (None where it may concern any), its value, and the readings that differ."""

    cell: Cell
    line: int
    case: str | None
    value: Value
    readings: list[str]

    @property
    def values(self) -> list[Value]:
        """The values it may have: the published one, then the conflicting ones."""
        return [self.value, *((reading, None) for reading in self.readings if reading != self.value[0])]


class Part(NamedTuple):
    """A statement on scores: in which combinations it holds, whether it does as published, and the scores."""

    holds: np.ndarray
    published: bool
    targets: list[Target]


@dataclass(frozen=True)
class Published:
    """The data as published, what is derived from them for the primary requests, and the contested cells behind it."""

    data: Data
    wide: Comparison
    primary: pd.DataFrame
    names: pd.Series
    sets: Questions
    scores: dict[Target, tuple[int, bool]]  # the score, and whether it rests on no source
    contested: dict[Cell, Contested]


def consequences(
    cases: Iterable[str] | None = None,
    *,
    outcome: str = "HELP",
    conditions: Iterable[str] | None = None,
    home: str | Path | None = None,
) -> pd.DataFrame:
    """What changes when one contested cell takes a conflicting value or what a resolution rule makes of it, one row an effect.

    Contested cells are those behind the primary requests' rows of the comparison and
    behind the inclusion criteria; with `cases` only what concerns them. Columns: table_name, record_id, field_name,
    published, way (reading, official, plurality or strict), value (it takes), touches
    (comparison, inclusion, qca or nothing), case_id, subject (request_id, candidate_id
    or row name), what (column or set), old, new. A missing value is its code in brackets. Dtype: string.

    Raises:
        UnknownNameError: no such case, condition or outcome.
        DataError: the data have problems.
    """
    base = _published(data(home), questions(outcome, conditions))
    chosen = _chosen(base, cases)
    ways: dict[Cell, list[tuple[str, Value]]] = {
        cell: [("reading", (reading, None)) for reading in c.readings] for cell, c in base.contested.items()
    }
    for rule in (name for name in RULES if name != "published"):
        for row in decisions(base.data, base.data, rule).itertuples():
            cell = (row.table_name, row.record_id, row.field_name)
            if cell in ways:
                ways[cell].append((rule, _value(row)))
    rows = []
    for cell, c in base.contested.items():
        if cases is not None and cell[0] not in SPANS and c.case not in chosen:
            continue
        found = {value: _effects(base, c, value) for value in {v for _, v in ways[cell] if v != c.value}}
        for way, value in ways[cell]:
            effects = [e for e in found.get(value, []) if cases is None or e[1] in chosen]
            if not effects and (cases is None or cell[0] not in SPANS):
                effects = [NOTHING]
            rows += [(*cell, _shown(c.value), way, _shown(value), *effect) for effect in effects]
    columns = [*CELL, "published", "way", "value", "touches", "case_id", "subject", "what", "old", "new"]
    return pd.DataFrame(rows, columns=columns).astype("string")


def sensitivity(
    cases: Iterable[str] | None = None,
    *,
    outcome: str = "HELP",
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
    base = _published(data(home), questions(outcome, conditions))
    chosen = _chosen(base, cases)
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
        holds, published = np.array(True), True
        for part in parts:
            holds, published = holds & part.holds, published and part.published
        targets = list(dict.fromkeys(target for part in parts for target in part.targets))
        share = float(np.mean(holds))
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
                made = [_answers(base, [row], name, each)[0] for each in supposed]
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


def _published(found: Data, sets: Questions) -> Published:
    wide = comparison(found)
    primary = dated(found, wide.frame[wide.frame["is_primary"].astype(bool)])
    years = case_years(found)
    made = scores(found, wide, primary, years, sets)
    scored = zip(made["case_id"], made["set"], made["score"], made["basis"] == "unknown", strict=True)
    read = found.readings
    rivals = read[read["agreement"] == "rival"].groupby(CELL)["reading"].agg(lambda values: sorted(set(values)))
    status = found.statuses
    listed = status[(status["status"] == "contested") & (status["field_name"] != RECORD)]
    lines = found.published.set_index(CELL)["line"]
    cases = _cases(found, wide, primary)
    contested = {}
    for row in listed.itertuples():
        cell = (row.table_name, row.record_id, row.field_name)
        if cell in cases:
            contested[cell] = Contested(cell, int(lines[cell]), cases[cell], _value(row), rivals[cell])
    return Published(
        found,
        wide,
        primary,
        row_names(found, primary, years),
        sets,
        {(case, name): (score, unknown) for case, name, score, unknown in scored},
        contested,
    )


def _cases(found: Data, wide: Comparison, primary: pd.DataFrame) -> dict[Cell, str | None]:
    """The cells that the rows of primary requests and the inclusion rest on, with their case; None: no case, or any."""
    out: dict[Cell, str | None] = {}
    fields = found.package.table("comparison").fields
    for row, case in primary["case_id"].items():
        # Where the day of the request is not known, QCA asks what held when the case began.
        out["cases", case, "start_date"] = case
        records = wide.records.loc[row]
        out |= {(f.ref[0], records[f.name], f.ref[1]): case for f in fields if f.ref and pd.notna(records[f.name])}
    for _, table, name, where in {f.dummy_of[:4] for f in fields if f.dummy_of}:
        rows = found.frames[table]
        for column in {name, *(where[:1] if where else ())}:
            ids = rows[found.package.table(table).primary_key[0]]
            out |= {(table, record, column): case for record, case in zip(ids, rows["case_id"], strict=True)}
    chairs = found.frames["offices"]
    spans = [("offices", record) for record in chairs.loc[chairs["office_kind"] == "chair", "office_id"]]
    spans += [("provisions", record) for record in found.frames["provisions"]["provision_id"]]
    out |= {(table, record, bound): None for table, record in spans for bound in BOUNDS}
    if "candidates" in found.frames:
        register = found.frames["candidates"]
        owners = zip(register["candidate_id"], register["case_id"], strict=True)
        out |= {("candidates", c, name): None if pd.isna(case) else case for c, case in owners for name in CRITERIA}
    return out


def _behind(base: Published, row: int, name: str) -> list[Cell]:
    """The contested cells a score rests on; of offices and laws the bounds that may lie on either side of the day."""
    column, records = condition(name).field, base.wide.records.loc[row]
    if not column:
        return []
    if column not in BY_DAY:
        origin = base.data.package.table("comparison").field(ORIGIN.get(column, column))
        assert origin.ref is not None  # noqa: S101 - every other set asks a column taken from a table
        return [cell for cell in [(origin.ref[0], records[origin.name], origin.ref[1])] if cell in base.contested]
    own = [("requests", records["date"], "date"), ("cases", base.primary.at[row, "case_id"], "start_date")]
    cells = [cell for cell in own if cell in base.contested]
    days = [str(base.primary.at[row, "date"])[:10], *(day for cell in cells for day in _days(base.contested[cell]))]
    for cell, c in base.contested.items():
        mine = cell[0] == "offices" if column == "requester_chaired" else cell[:2] == ("provisions", CRISIS_RULES)
        if mine and (c.value[0] is None or any(min(_days(c)) <= day <= max(_days(c)) for day in days)):
            cells.append(cell)
    return cells


def _answers(base: Published, rows: Iterable[int], name: str, values: Mapping[Cell, Value]) -> list[tuple[int, bool]]:
    """The scores of rows in a set when cells behind them take other values, and whether each rests on no source."""
    asked = condition(name)
    if asked.field in BY_DAY:
        now = _supposed(base, values)
        given = answers(now, base.wide.missing_codes, dated(now, base.primary.loc[list(rows)]), asked.field)
        found = list(given.astype(object).where(given.notna(), None).itertuples(index=False, name=None))
    else:
        ((text, code),) = values.values()
        if asked.field == "adversary_is_member" and text is not None:
            text = "true" if text == "member_state" else "false"
        found = [(text, code) for _ in rows]
    return [(int(text in asked.members), text is None and code != "not_applicable") for text, code in found]


def _effects(base: Published, c: Contested, value: Value) -> list[Effect]:
    """What changes in the inclusion, or in the comparison and the scores, when a cell takes another value."""
    table, record, column = c.cell
    if table == "candidates":
        return _verdict(base, c, value)
    fields, rows = base.data.package.table("comparison").fields, base.primary.index
    taken = {
        f.name: rows[(base.wide.records.loc[rows, f.name] == record).fillna(False).astype(bool)]
        for f in fields
        if f.ref == (table, column)
    }
    computed = [f.name for f in fields if f.ref is None and f.name not in COUNTS and _rests(f, table, taken)]
    wide = comparison(_supposed(base, {c.cell: value})) if computed else base.wide
    case, request = base.primary["case_id"], base.primary["request_id"]
    found: list[tuple[int, Effect]] = []
    for f in fields:
        if f.name in taken and not f.name.endswith("_precision"):
            whole = f.type == "date" and f"{f.name}_precision" not in base.wide.frame
            old, new = (pd.Series(_shown(v, whole), index=taken[f.name]) for v in (c.value, value))
        elif f.name in computed:
            old, new = (_texts(base.data, w, f.name)[rows] for w in (base.wide, wide))
        else:
            continue
        for row in old.index[(old != new).to_numpy(bool)]:
            found.append((row, ("comparison", case[row], request[row], f.name, old[row], new[row])))
    for name in base.sets.names:
        asked = condition(name).field
        if asked in BY_DAY:
            touched = rows if table in SPANS or column in ("date", "start_date") else rows[:0]
        else:
            touched = taken.get(ORIGIN.get(asked, asked), rows[:0])
        for row, (score, _) in zip(touched, _answers(base, touched, name, {c.cell: value}), strict=True):
            was = base.scores[case[row], name][0]
            if score != was:
                found.append((row, ("qca", case[row], base.names[row], name, str(was), str(score))))
    order = list(dict.fromkeys(row for row, _ in found))
    return [effect for _, effect in sorted(found, key=lambda each: order.index(each[0]))]


def _rests(f: Field, table: str, taken: Iterable[str]) -> bool:
    """Whether a computed column of the comparison rests on a table, or on columns taken from it."""
    if f.dummy_of:
        return f.dummy_of[1] == table
    return table in SPANS or not set(taken).isdisjoint(INGREDIENTS.get(f.name, ()))


def _verdict(base: Published, c: Contested, value: Value) -> list[Effect]:
    """Whether a candidate is included after all or, where that stays, which criterion it fails at first instead."""
    row = base.data.frames["candidates"].loc[[c.line]]
    other = row.assign(**{c.cell[2]: pd.array([None if value[0] is None else value[0] == "true"], dtype="boolean")})
    old, new = (include(each).astype("string").fillna("-").iloc[0].str.lower() for each in (row, other))
    # That an included candidate then fails somewhere says nothing more.
    changed = [name for name in ("included", "failed") if old[name] != new[name]][:1]
    return [("inclusion", c.case, c.cell[1], name, old[name], new[name]) for name in changed]


def _supposed(base: Published, values: Mapping[Cell, Value]) -> Data:
    rows = [(*cell, base.contested[cell].line, *value) for cell, value in values.items()]
    frame = pd.DataFrame(rows, columns=[*CELL, "line", "value", "kind"])
    return base.data.counterfactual(rewritten(base.data, frame))


def _texts(found: Data, wide: Comparison, name: str) -> pd.Series:
    """A column of the comparison as text, dates cut to what is known, missing-value codes in brackets."""
    text = as_text(found.package.table("comparison").field(name), wide.frame[name])
    if f"{name}_precision" in wide.frame:
        text = to_precision(text, wide.frame[f"{name}_precision"])
    return text.fillna("(" + wide.missing_codes[name] + ")")


def _value(row: Any) -> Value:
    return (None, row.kind) if pd.isna(row.value) else (row.value, None)


def _shown(value: Value, whole_date: bool = False) -> str:
    """A value as written, a date to the day if asked for."""
    text = f"({value[1]})" if value[0] is None else value[0]
    return text + "-01-01"[len(text) - 4 :] if whole_date and value[0] and len(text) < len("2010-06-12") else text


def _days(c: Contested) -> list[str]:
    """The first day of each date that a cell may have."""
    return [_shown(value, whole_date=True) for value in c.values if value[0] is not None]


def _chosen(base: Published, cases: Iterable[str] | None) -> list[str]:
    known = list(base.primary["case_id"])
    chosen = known if cases is None else list(dict.fromkeys(cases))
    for case in chosen:
        if case not in known:
            raise UnknownNameError("case", case, known)
    return chosen


def _error(share: float, n: int) -> float:
    """How far the farther end of Wilson's 95 per cent interval lies from a share; unlike the standard error never 0.

    >>> round(_error(0.5, 100_000), 4), round(_error(1.0, 100_000), 6)
    (0.0031, 3.8e-05)
    """
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(middle + half - share, share - (middle - half))
