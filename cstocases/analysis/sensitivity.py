"""Which conclusions hang on contested cells: one cell at a time, and over all combinations of readings.

Nothing here says which reading is right. Values are really put in the place of the
published ones, and the comparison, the inclusion rule and the QCA scores derived anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from cstocases.analysis.qca import BY_DAY, CONDITIONS, OUTCOMES, Questions, dated, questions, row_names, scores
from cstocases.dataset import data
from cstocases.derived.comparison import CRISIS_RULES, DERIVED, Comparison, comparison
from cstocases.errors import CstocasesError, UnknownNameError
from cstocases.parsing.csv_reader import as_text
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, include
from cstocases.resolution.readings import CELL, RECORD, to_precision
from cstocases.resolution.rules import RULES, decisions, rewritten

OUTCOME = "outcome"  # in a claim: the outcome chosen
MOST = 1_000_000  # combinations that are all counted; beyond, a sample is drawn
Z = 1.959964  # 95 per cent of the normal distribution lie within
COUNTS = ("n_evidence", "n_sources", "n_contested")  # of readings, which a supposed value does not change


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
Target = tuple[str, str]  # a score: case and set
Value = tuple[str | None, str | None]  # as text, or the kind of missing
Effect = tuple[str, str | None, str | None, str | None, str | None, str | None]  # touches ... new, as in `consequences`
MISSING: Value = (None, "unknown")
NOTHING: Effect = ("nothing", None, None, None, None, None)


@dataclass(frozen=True)
class Published:
    """The data as published and what is derived from them, with the contested cells that feed it.

    `contested` has one row a cell: table_name, record_id, field_name, line, value, kind,
    feeds (the line of `primary` it feeds, a candidate_id, or NA for all requests), case_id.
    """

    data: Data
    wide: Comparison
    primary: pd.DataFrame
    names: pd.Series
    sets: Questions
    scores: pd.DataFrame
    contested: pd.DataFrame
    rivals: dict[Cell, list[str]]


class Supposition(NamedTuple):
    """A contested cell with a value it might have."""

    cell: Cell
    line: int
    value: Value


@dataclass
class Bundle:
    """Contested cells that feed a score together, and what each combination of their readings makes of the scores."""

    cells: list[Cell]
    targets: list[Target]
    options: list[list[Supposition]] = field(default_factory=list)
    scores: list[list[int]] = field(default_factory=list)


def consequences(
    cases: Iterable[str] | None = None,
    *,
    outcome: str = "HELP",
    conditions: Iterable[str] | None = None,
    home: str | Path | None = None,
) -> pd.DataFrame:
    """What changes when one contested cell takes a rival reading or what a resolution rule makes of it, one row an effect.

    Contested cells are those behind the primary requests' rows of the comparison and
    behind the inclusion rule; with `cases` only what concerns them. Columns: table_name, record_id, field_name,
    published, way (reading, official, plurality or strict), value (it takes), touches
    (comparison, inclusion, qca or nothing), case_id, subject (request_id, candidate_id
    or row name), what (column or set), old, new. A missing value is its kind in brackets.
    Cells of different requests are tried in one pass, so the cost is that of deriving the
    comparison once per value of the request with most rivals and of each term of office:
    about 11 seconds for the shipped data.

    Raises:
        UnknownNameError: no such case, condition or outcome.
        DataError: the data have problems.
    """
    base = _published(data(home), questions(outcome, conditions))
    chosen = _chosen(base, cases)
    listed = base.contested
    if cases is not None:
        listed = listed[listed["feeds"].isna() | listed["case_id"].isin(chosen)]
    told = _ways(base)
    ways = [(*key, way, value) for key in _keys(listed) for way, value in told[key[0]]]
    found = _effects(base, {(cell, value): (feeds, line) for cell, line, feeds, was, _, value in ways if value != was})
    rows = []
    for cell, _, feeds, was, way, value in ways:
        effects = found.get((cell, value), [])
        if cases is not None:
            effects = [effect for effect in effects if effect[1] in chosen]
        if not effects and (cases is None or feeds is not None):
            effects = [NOTHING]
        rows += [(*cell, _shown(was), way, _shown(value), *effect) for effect in effects]
    columns = [*CELL, "published", "way", "value", "touches", "case_id", "subject", "what", "old", "new"]
    return pd.DataFrame(rows, columns=columns).astype("string")


def sensitivity(
    cases: Iterable[str] | None = None,
    *,
    outcome: str = "HELP",
    conditions: Iterable[str] | None = None,
    samples: int = 100_000,
    seed: int = 0,
    limit: int = MOST,
    home: str | Path | None = None,
) -> pd.DataFrame:
    """In what share of the combinations of rival readings each case keeps its configuration and the founding argument holds.

    A combination gives each contested cell behind a score one of its values, the
    published one or a rival reading, each as often as the others; a value that is missing
    counts as absent, as in `calibrate`. Up to `limit` combinations all are counted, beyond it
    `samples` are drawn with `seed`. Columns: kind (case, pair or argument), subjects (case
    ids), what (configuration, a set, or argument for all its claims at once), relation
    (same, differ, agree or holds), published (whether it is so as published), share,
    error (the farther end of a 95 per cent interval after Wilson; NA where all were
    counted), combinations (counted or drawn), method (exact or sampled), moved_by (the cells
    that can change it), assumed (scores that rest on no source and count as absent).
    Costs the deriving of the comparison a handful of times, about 2 seconds, and for a
    million combinations one more.

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
        c._replace(what=outcome if c.what == OUTCOME else c.what)
        for c in FOUNDING
        if {c.one, c.other} <= known and {c.one, c.other} & set(chosen)
    ]
    claims = [c for c in claims if c.what in base.sets.names]
    involved = {*chosen, *(c.one for c in claims), *(c.other for c in claims)}
    before = {(row.case_id, row.set): int(row.score) for row in base.scores.itertuples()}
    bundles, assumed = _bundles(base, involved)
    vectors, size, exact = _drawn(bundles, limit, samples, seed)
    now: dict[Target, np.ndarray] = {key: np.array([score], dtype=np.int8) for key, score in before.items()} | vectors
    moving = {target: bundle.cells for bundle in bundles for target in bundle.targets}
    rows = []

    def tell(
        kind: str, what: str, relation: str, holds: np.ndarray, published: bool, targets: Sequence[Target]
    ) -> None:
        share = float(np.mean(holds))
        behind = sorted({" ".join(cell) for target in targets for cell in moving.get(target, [])})
        missing = [" ".join(target) for target in targets if target in assumed]
        subjects = ", ".join(dict.fromkeys(case for case, _ in targets))
        error = None if exact else _error(share, size)
        method = "exact" if exact else "sampled"
        rows.append(
            (
                kind,
                subjects,
                what,
                relation,
                published,
                share,
                error,
                size,
                method,
                "; ".join(behind),
                "; ".join(missing),
            )
        )

    for case in chosen:
        targets = [(case, name) for name in base.sets.conditions]
        same = [now[target] == before[target] for target in targets]
        tell("case", "configuration", "same", _all(same), True, targets)
        tell("case", outcome, "same", now[case, outcome] == before[case, outcome], True, [(case, outcome)])
    every: list[tuple[np.ndarray, bool, list[Target]]] = []
    for one, other in dict.fromkeys((c.one, c.other) for c in claims):
        of_pair = []
        for c in claims:
            if (c.one, c.other) == (one, other):
                targets = [(one, c.what), (other, c.what)]
                holds = (now[targets[0]] == now[targets[1]]) == c.agree
                published = (before[targets[0]] == before[targets[1]]) == c.agree
                tell("pair", c.what, "agree" if c.agree else "differ", holds, published, targets)
                of_pair.append((holds, published, targets))
        tell("pair", "argument", "holds", *_together(of_pair))
        every += of_pair
    if len({(c.one, c.other) for c in claims}) > 1:
        tell("argument", "argument", "holds", *_together(every))
    columns = [
        "kind", "subjects", "what", "relation", "published", "share", "error", "combinations", "method", "moved_by", "assumed",
    ]  # fmt: skip
    numbers = {"published": "boolean", "share": "Float64", "error": "Float64", "combinations": "Int64"}
    return pd.DataFrame(rows, columns=columns).astype({name: numbers.get(name, "string") for name in columns})


def _published(found: Data, sets: Questions) -> Published:
    wide = comparison(found)
    primary = dated(found, wide)
    read = found.readings
    rivals: dict[Cell, list[str]] = {}
    for cell, group in read[read["agreement"] == "rival"].groupby(CELL):
        rivals[cell] = sorted(set(group["reading"]))
    status = found.statuses
    contested = status[(status["status"] == "contested") & (status["field_name"] != RECORD)]
    contested = contested[[*CELL, "kind"]].merge(found.published.drop(columns="kind"), on=CELL)
    feeds = _feeds(found, wide, primary)
    keys = list(contested[CELL].itertuples(index=False, name=None))
    contested = contested[[key in feeds for key in keys]]
    cases = found.frames["candidates"].set_index("candidate_id")["case_id"] if "candidates" in found.frames else {}
    told = [feeds[key] for key in keys if key in feeds]
    owners = [
        primary.at[fed, "case_id"] if isinstance(fed, int) else None if fed is None else cases[fed] for fed in told
    ]
    contested = contested.assign(
        feeds=pd.Series(told, index=contested.index, dtype=object),
        case_id=pd.Series(owners, index=contested.index, dtype="string"),
    )
    made = scores(found, wide, primary, sets)
    return Published(found, wide, primary, row_names(found, primary), sets, made, contested, rivals)


def _feeds(found: Data, wide: Comparison, primary: pd.DataFrame) -> dict[Cell, int | str | None]:
    """For each cell that the primary requests' rows or the inclusion rule rest on, the row or candidate; None: all rows."""
    out: dict[Cell, int | str | None] = {}
    fields = found.package.table("comparison").fields
    row_of = {case: int(row) for row, case in primary["case_id"].items()}
    for case, row in row_of.items():
        # Where the day of the request is not known, QCA asks what held when the case began.
        out["cases", case, "start_date"] = row
        for f in fields:
            if f.ref is not None and pd.notna(wide.records.at[row, f.name]):
                out[f.ref[0], wide.records.at[row, f.name], f.ref[1]] = row
    for _, table, name, where in {f.dummy_of[:4] for f in fields if f.dummy_of}:
        key = found.package.table(table).primary_key[0]
        for record, case in zip(found.frames[table][key], found.frames[table]["case_id"], strict=True):
            for column in {name, *(where[:1] if where else ())}:
                out[table, record, column] = row_of[case]
    chairs = found.frames["offices"]
    spans = [("offices", record) for record in chairs.loc[chairs["office_kind"] == "chair", "office_id"]]
    spans += [("provisions", record) for record in found.frames["provisions"]["provision_id"]]
    out |= {(table, record, end): None for table, record in spans for end in ("start_date", "end_date")}
    if "candidates" in found.frames:
        out |= {("candidates", c, name): c for c in found.frames["candidates"]["candidate_id"] for name in CRITERIA}
    return out


def _chosen(base: Published, cases: Iterable[str] | None) -> list[str]:
    known = list(base.primary["case_id"])
    chosen = known if cases is None else list(dict.fromkeys(cases))
    for case in chosen:
        if case not in known:
            raise UnknownNameError("case", case, known)
    return chosen


def _keys(listed: pd.DataFrame) -> Iterator[tuple[Cell, int, int | str | None, Value]]:
    for row in listed.itertuples():
        value = (None, row.kind) if pd.isna(row.value) else (row.value, None)
        yield (row.table_name, row.record_id, row.field_name), row.line, row.feeds, value


def _shown(value: Value) -> str:
    return f"({value[1]})" if value[0] is None else value[0]


def _ways(base: Published) -> dict[Cell, list[tuple[str, Value]]]:
    """For each contested cell its rival readings, then what each rule but the published makes of it."""
    out: dict[Cell, list[tuple[str, Value]]] = {
        cell: [("reading", (reading, None)) for reading in readings] for cell, readings in base.rivals.items()
    }
    for rule in (name for name in RULES if name != "published"):
        for row in decisions(base.data, base.data, rule).itertuples():
            key = (row.table_name, row.record_id, row.field_name)
            if key in out:
                out[key].append((rule, (None, row.kind) if pd.isna(row.value) else (row.value, None)))
    return out


def _suppose(base: Published, supposed: Iterable[Supposition]) -> Data:
    rows = [(*s.cell, s.line, *s.value) for s in supposed]
    frame = pd.DataFrame(rows, columns=[*CELL, "line", "value", "kind"])
    return base.data.counterfactual(rewritten(base.data, frame))


def _effects(
    base: Published, tried: Mapping[tuple[Cell, Value], tuple[int | str | None, int]]
) -> dict[tuple[Cell, Value], list[Effect]]:
    """What each supposed value changes. A row rests on its own cells, so one pass tries one value per row and candidate."""
    lanes: dict[int | str, list[tuple[Cell, Value]]] = {}
    passes: list[list[tuple[Cell, Value]]] = []
    alike = {}
    for (cell, value), (feeds, _) in tried.items():
        # A term of office or law feeds every row, so it has a pass of its own; why its day is missing makes no difference.
        if feeds is None:
            alike[cell, value] = (cell, value if value[0] else MISSING)
        else:
            lanes.setdefault(feeds, []).append((cell, value))
    terms = dict.fromkeys(alike.values())
    passes += [[task] for task in terms]
    passes += [[task for task in tasks if task is not None] for tasks in zip_longest(*lanes.values())]
    lines = {cell: line for (cell, _), (_, line) in tried.items()}
    owners = {cell: feeds for (cell, _), (feeds, _) in tried.items()}
    out = {}
    for tasks in passes:
        now = _suppose(base, [Supposition(cell, lines[cell], value) for cell, value in tasks])
        verdicts = _verdicts(base, now) if any(cell[0] == "candidates" for cell, _ in tasks) else {}
        by_row = {} if tasks[0] in terms and _same_days(base, now) else _by_row(base, now)
        for task in tasks:
            feeds = owners[task[0]]
            if isinstance(feeds, str):
                out[task] = verdicts.get(feeds, [])
            elif feeds is None:
                out[task] = [effect for effects in by_row.values() for effect in effects]
            else:
                out[task] = by_row.get(feeds, [])
    return out | {task: out[same] for task, same in alike.items()}


def _same_days(base: Published, now: Data) -> bool:
    """Whether all that is computed from the days of requests is as before; terms of offices and laws feed nothing else."""
    old, new = (
        pd.DataFrame({name: DERIVED[name](d, base.wide.frame) for name in ("treaty_version", "chair_state", *BY_DAY)})
        for d in (base.data, now)
    )
    return bool(old.equals(new) and dated(now, base.wide).equals(base.primary))


def _verdicts(base: Published, now: Data) -> dict[str, list[Effect]]:
    """Candidates whose inclusion changes or, where it does not, the criterion they fail at first."""
    if "candidates" not in now.frames:
        return {}
    register = base.data.frames["candidates"]
    old, new = (include(d.frames["candidates"]).astype("string").fillna("-") for d in (base.data, now))
    out: dict[str, list[Effect]] = {}
    for line, (candidate, case) in enumerate(zip(register["candidate_id"], register["case_id"], strict=True)):
        for name in ("included", "failed"):
            before, after = old[name].iloc[line].lower(), new[name].iloc[line].lower()
            if before != after:
                out[candidate] = [("inclusion", None if pd.isna(case) else case, candidate, name, before, after)]
                break  # that an included candidate then fails somewhere says nothing more
    return out


def _by_row(base: Published, now: Data) -> dict[int, list[Effect]]:
    """What changes in the comparison and in the scores, by row of the primary requests."""
    wide = comparison(now)
    primary = dated(now, wide)
    out: dict[int, list[Effect]] = {}
    rows = base.primary.index
    for f in now.package.table("comparison").fields:
        precision = f"{f.name}_precision"
        columns = [f.name, precision] if f.type == "date" and precision in wide.frame else [f.name]
        if f.name in COUNTS or f.name.endswith("_precision"):
            continue
        if all(
            o[c].equals(n[c])
            for c in columns
            for o, n in ((base.wide.frame, wide.frame), (base.wide.missing_codes, wide.missing_codes))
        ):
            continue
        old, new = (_texts(w, f.name, now) for w in (base.wide, wide))
        for row in rows[(old[rows] != new[rows]).to_numpy(bool)]:
            case, request = (primary.at[row, name] for name in ("case_id", "request_id"))
            out.setdefault(row, []).append(("comparison", case, request, f.name, old[row], new[row]))
    asked = [c.field for name in base.sets.names if (c := CONDITIONS.get(name) or OUTCOMES[name]).field]
    same = [
        primary[name].astype("string").fillna("-") == base.primary[name].astype("string").fillna("-") for name in asked
    ]
    moved = [row for row in rows if not all(column[row] for column in same)]
    if moved:
        before = base.scores.set_index(["case_id", "set"])["score"]
        for score in scores(now, wide, primary, base.sets, moved).itertuples():
            old_score = before[score.case_id, score.set]
            if score.score != old_score:
                row = primary.index[primary["case_id"] == score.case_id][0]
                effect = ("qca", score.case_id, score.row_name, score.set, str(old_score), str(score.score))
                out.setdefault(row, []).append(effect)
    return out


def _texts(wide: Comparison, name: str, found: Data) -> pd.Series:
    """A column of the comparison as text, dates cut to what is known, kinds of missing in brackets."""
    text = as_text(found.package.table("comparison").field(name), wide.frame[name])
    precision = f"{name}_precision"
    if precision in wide.frame:
        text = to_precision(text, wide.frame[precision])
    return text.fillna("(" + wide.missing_codes[name] + ")")


def _bundles(base: Published, cases: set[str]) -> tuple[list[Bundle], set[Target]]:
    """The bundles of contested cells that move a score of these cases; and the scores that under some reading rest on no source."""
    held = {cell: (line, value) for cell, line, feeds, value in _keys(base.contested) if not isinstance(feeds, str)}
    bundles = _tied(base, cases, held)
    for bundle in bundles:
        bundle.options = [[]]
        for cell in bundle.cells:
            line, value = held[cell]
            values = [value, *((reading, None) for reading in base.rivals[cell] if reading != value[0])]
            bundle.options = [[*o, Supposition(cell, line, v)] for o in bundle.options for v in values]
    open_ = base.scores[(base.scores["basis"] == "unknown") & base.scores["case_id"].isin(cases)]
    assumed = set(open_[["case_id", "set"]].itertuples(index=False, name=None))
    # No score belongs to two bundles, so one pass tries one option of each.
    for i in range(max((len(bundle.options) for bundle in bundles), default=0)):
        tried = [bundle for bundle in bundles if i < len(bundle.options)]
        now = _suppose(base, [s for bundle in tried for s in bundle.options[i]])
        wide = comparison(now)
        primary = dated(now, wide)
        wanted = {case for bundle in tried for case, _ in bundle.targets}
        made = scores(now, wide, primary, base.sets, primary.index[primary["case_id"].isin(wanted)])
        found = made.set_index(["case_id", "set"])
        for bundle in tried:
            bundle.scores.append([int(found.at[target, "score"]) for target in bundle.targets])
            assumed |= {target for target in bundle.targets if found.at[target, "basis"] == "unknown"}
    moving = []
    for bundle in bundles:
        table = np.array(bundle.scores)
        varied = np.flatnonzero((table != table[0]).any(axis=0))
        if len(varied):  # cells that move no score change no share, only the number of combinations
            bundle.targets = [bundle.targets[i] for i in varied]
            bundle.scores = table[:, varied].tolist()
            moving.append(bundle)
    return moving, assumed


def _tied(base: Published, cases: set[str], held: Mapping[Cell, tuple[int, Value]]) -> list[Bundle]:
    """Contested cells and the scores they feed, those that share a score in one bundle."""
    bundles: list[Bundle] = []
    for row in base.primary.index:
        case = base.primary.at[row, "case_id"]
        for name in base.sets.names if case in cases else ():
            mine = Bundle([cell for cell in _behind(base, row, name, held) if cell in held], [(case, name)])
            tied = [bundle for bundle in bundles if set(bundle.cells) & set(mine.cells)]
            for bundle in tied:
                bundles.remove(bundle)
                mine.targets = [*bundle.targets, *mine.targets]
                mine.cells = list(dict.fromkeys([*bundle.cells, *mine.cells]))
            if mine.cells:
                bundles.append(mine)
    return bundles


def _behind(base: Published, row: int, name: str, held: Mapping[Cell, tuple[int, Value]]) -> Iterator[Cell]:
    """The cells a score rests on; of the terms of offices and laws those that might begin or end about the day."""
    column = (CONDITIONS.get(name) or OUTCOMES[name]).field
    if not column:
        return
    if column not in BY_DAY:
        origin = base.data.package.table("comparison").field(
            "adversary_type" if column == "adversary_is_member" else column
        )
        assert origin.ref is not None  # noqa: S101 - every other set asks a column taken from a table
        yield origin.ref[0], base.wide.records.at[row, origin.name], origin.ref[1]
        return
    days: list[Cell] = [
        ("requests", base.wide.records.at[row, "date"], "date"),
        ("cases", base.primary.at[row, "case_id"], "start_date"),
    ]
    yield from days
    possible = [day for cell in days if cell in held for day in _days(base, cell, held)]
    possible.append(str(base.primary.at[row, "date"])[:10])
    for cell in held:
        mine = cell[0] == "offices" if column == "requester_chaired" else cell[:2] == ("provisions", CRISIS_RULES)
        if mine and cell[2] in ("start_date", "end_date"):
            ends = _days(base, cell, held)
            if held[cell][1][0] is None or any(min(ends) <= day <= max(ends) for day in possible):
                yield cell


def _days(base: Published, cell: Cell, held: Mapping[Cell, tuple[int, Value]]) -> list[str]:
    """The days a contested date can stand for, a coarser one its first day, as it is written."""
    values = [value for value in (held[cell][1][0], *base.rivals[cell]) if value is not None]
    return [value + "-01-01"[len(value) - 4 :] if len(value) < 10 else value for value in values]


def _drawn(
    bundles: Sequence[Bundle], limit: int, samples: int, seed: int
) -> tuple[dict[Target, np.ndarray], int, bool]:
    """The scores that move in each combination, all of them or a sample; how many, and whether it is all."""
    radices = [len(bundle.options) for bundle in bundles]
    every = math.prod(radices)
    exact = every <= limit
    size = every if exact else samples
    draw = np.random.default_rng(seed)
    out: dict[Target, np.ndarray] = {}
    stride = 1
    for bundle, radix in zip(bundles, radices, strict=True):
        digit = np.arange(size) // stride % radix if exact else draw.integers(radix, size=size)
        table = np.array(bundle.scores, dtype=np.int8)
        out |= {target: table[digit, i] for i, target in enumerate(bundle.targets)}
        stride *= radix
    return out, size, exact


def _all(parts: Iterable[np.ndarray]) -> np.ndarray:
    out = np.array([True])
    for part in parts:
        out = out & part
    return out


def _together(parts: Sequence[tuple[np.ndarray, bool, list[Target]]]) -> tuple[np.ndarray, bool, list[Target]]:
    targets = list(dict.fromkeys(target for _, _, mine in parts for target in mine))
    return _all(holds for holds, _, _ in parts), all(published for _, published, _ in parts), targets


def _error(share: float, n: int) -> float:
    """How far the farther end of Wilson's 95 per cent interval lies from a share; unlike the standard error never 0.

    >>> round(_error(0.5, 100_000), 4), round(_error(1.0, 100_000), 6)
    (0.0031, 3.8e-05)
    """
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(middle + half - share, share - (middle - half))
