"""Resolution rules: what becomes of a cell whose readings differ, and what was known on a day."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from cstocases.errors import CstocasesError, UnknownNameError
from cstocases.parsing.csv_reader import DTYPES, Parsed, typed
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, RECORD

RULES = {
    "published": "as coded; where no source known by then gives the published value, the plurality of those known",
    "official": "only sources that are official or intergovernmental; their plurality, unknown where none speaks",
    "plurality": "the value most independent publishers give; on a tie the published one if it is among them, else disputed",
    "strict": "the value all readings agree on; any rival makes the cell disputed",
}
OFFICIAL = ("official", "intergovernmental")


def resolve(data: Data, rule: str = "published", as_of: str | datetime.date | None = None) -> Data:
    """The data with every evidenced cell resolved by a rule, from sources published by a day.

    A source whose day of publication is not known counts from the day it was read; one
    known to the month or year from its last day. Cells without readings stay as they are.

    Raises:
        UnknownNameError: no such rule.
        CstocasesError: `as_of` is not a date.
    """
    if rule not in RULES:
        raise UnknownNameError("resolution rule", rule, RULES)
    known = data if as_of is None else _known_by(data, _day(as_of))
    if rule == "published" and as_of is None:
        return data
    made = decisions(data, known, rule)
    return Data(data.package, {**known.parsed, **rewritten(known, made[made["changed"]])})


def how(rule: str, as_of: str | datetime.date | None = None) -> str:
    """How cells whose sources differ are settled, as a sentence for the reader of an export.

    Raises:
        UnknownNameError: no such rule.
    """
    if rule not in RULES:
        raise UnknownNameError("resolution rule", rule, RULES)
    known = f" Only sources published by {as_of} were used." if as_of else ""
    return f"Cells whose sources differ are settled by the rule {rule}: {RULES[rule]}.{known}"


def _day(as_of: str | datetime.date) -> pd.Timestamp:
    with contextlib.suppress(ValueError):
        day = datetime.date.fromisoformat(str(as_of))
        if day.isoformat() == str(as_of):  # 20100612 and 2010-W23-6 are read too
            return pd.Timestamp(day)
    raise CstocasesError(f"as_of: {str(as_of)!r} is not a date; write YYYY-MM-DD")


def _known_by(data: Data, day: pd.Timestamp) -> Data:
    """The data with only the readings whose source was published by a day."""
    sources = data.frames["sources"]
    _, last = data.spans("sources", "published")
    citekeys = sources.loc[last.fillna(sources["accessed"]) <= day, "citekey"]
    evidence = data.frames["evidence"]
    ids = evidence.loc[evidence["citekey"].isin(citekeys), "evidence_id"]
    read = data.parsed["readings"]
    kept = read.frame.index[read.frame["evidence_id"].isin(ids)]
    return Data(
        data.package,
        {
            **data.parsed,
            "readings": replace(read, frame=read.frame.loc[kept], missing_codes=read.missing_codes.loc[kept]),
        },
    )


def decisions(data: Data, known: Data, rule: str) -> pd.DataFrame:
    """What a rule makes of each evidenced cell that has readings in `data`, from the readings in `known`.

    Columns: table_name, record_id, field_name, line, value (NA where missing), kind, changed.
    """
    read = known.readings[known.readings["field_name"] != RECORD]
    voted: dict[tuple[str, str, str], list[Any]] = {}
    for row in read.itertuples():
        voted.setdefault((row.table_name, row.record_id, row.field_name), []).append(row)
    every = data.frames["readings"]
    spoken = set(zip(every["table_name"], every["record_id"], every["field_name"], strict=True))
    rows = []
    for cell in data.published.itertuples():
        key = (cell.table_name, cell.record_id, cell.field_name)
        if key in spoken:
            now = None if pd.isna(cell.value) else cell.value
            value, kind = _decide(rule, now, None if pd.isna(cell.kind) else cell.kind, voted.get(key, []))
            rows.append((*key, cell.line, value, kind, (value, kind) != (now, cell.kind if now is None else None)))
    return pd.DataFrame(rows, columns=[*CELL, "line", "value", "kind", "changed"]).astype({"changed": bool})


def _decide(rule: str, published: str | None, kind: str | None, readings: list[Any]) -> tuple[str | None, str | None]:
    votes: dict[str, set[str]] = {}
    for row in readings:
        if rule != "official" or row.source_kind in OFFICIAL:
            # A date that says the same, however exactly, is a voice for the published one.
            value = published if published and row.agreement == "supports" else row.reading
            votes.setdefault(value, set()).add(row.independent_source)
    if not votes:
        return (None, "unknown") if published is not None or kind == "disputed" else (None, kind)
    if rule == "published":
        if published is None:
            return None, kind
        return (published, None) if published in votes else _plurality(votes, published)
    if published is None and kind != "disputed":
        return None, kind
    if rule == "strict":
        return (next(iter(votes)), None) if len(votes) == 1 else (None, "disputed")
    return _plurality(votes, published)


def _plurality(votes: Mapping[str, set[str]], published: str | None) -> tuple[str | None, str | None]:
    most = max(len(voices) for voices in votes.values())
    tied = [value for value, voices in votes.items() if len(voices) == most]
    if len(tied) == 1:
        return tied[0], None
    return (published, None) if published in tied else (None, "disputed")


def rewritten(data: Data, rows: pd.DataFrame) -> dict[str, Parsed]:
    """The tables in which cells get other values, rewritten. `rows` as in `decisions`."""
    return {str(name): _rewritten(data.parsed[str(name)], group) for name, group in rows.groupby("table_name")}


def _rewritten(parsed: Parsed, rows: pd.DataFrame) -> Parsed:
    """A table with some cells given other values or kinds; a date's precision follows it."""
    frame, kinds = parsed.frame.copy(), parsed.missing_codes.copy()
    for name, group in rows.groupby("field_name"):
        f = parsed.table.field(str(name))
        lines = list(group["line"])
        values = pd.Series(list(group["value"]), index=lines, dtype="string")
        precision = parsed.table.precision_of(f.name)
        if precision:
            how = values.str.len().map({10: "day", 7: "month", 4: "year"}).astype("string")
            frame.loc[lines, precision] = how
            kinds.loc[lines, precision] = list(group["kind"])
            values = values.map(lambda v: v + "-01-01"[len(v) - 4 :] if len(v) < 10 else v, na_action="ignore")
        column = frame[f.name].copy()
        column.loc[lines] = typed(f, values.dropna()).reindex(lines).astype(DTYPES[f.type])
        frame[f.name] = column
        kinds.loc[lines, f.name] = list(group["kind"])
    return replace(parsed, frame=frame, missing_codes=kinds.astype("string"))


def contested(data: Data) -> pd.DataFrame:
    """Every evidenced cell with rival readings, and what each rule makes of it.

    Columns: table_name, record_id, field_name, published (value, or the kind of missing
    in brackets), readings (each value with the citekeys that give it), and one column per
    rule.
    """
    status = data.statuses
    wanted = status[(status["status"] == "contested") & (status["field_name"] != RECORD)]
    out = wanted[CELL].reset_index(drop=True)
    for rule in RULES:
        made = decisions(data, data, rule)
        shown = made["value"].fillna("(" + made["kind"].astype("string") + ")")
        out = out.merge(made[CELL].assign(**{rule: shown}), on=CELL, how="left")
    said = data.readings.groupby([*CELL, "reading"])["citekey"].agg(lambda keys: ", ".join(sorted(set(keys))))
    said = said.reset_index()
    said["line"] = said["reading"] + ": " + said["citekey"]
    lines = said.groupby(CELL)["line"].agg("; ".join).rename("readings")
    out = out.join(lines, on=CELL)
    return out[[*CELL, "published", "readings", *(rule for rule in RULES if rule != "published")]].astype("string")


def differing(data: Data, one: str, other: str) -> pd.DataFrame:
    """The cells of which two rules make different things.

    Columns: table_name, record_id, field_name, and a column per rule (value, or the kind in brackets).

    Raises:
        UnknownNameError: no such rule.
        CstocasesError: the rules are one.
    """
    if one == other and one in RULES:
        raise CstocasesError(f"{one} is one rule; name two of {', '.join(RULES)}")
    both = []
    for rule in (one, other):
        if rule not in RULES:
            raise UnknownNameError("resolution rule", rule, RULES)
        made = decisions(data, data, rule)
        shown = made["value"].fillna("(" + made["kind"].astype("string") + ")").astype("string")
        both.append(made[CELL].assign(**{rule: shown}))
    out = both[0].merge(both[1], on=CELL)
    return out[out[one] != out[other]].reset_index(drop=True)
