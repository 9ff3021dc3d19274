"""Resolution rules: what becomes of a cell whose readings differ, and what was known on a day."""

from __future__ import annotations

import contextlib
import datetime
from dataclasses import replace

import pandas as pd

from cstocases.errors import CstocasesError, UnknownNameError
from cstocases.parsing.joins import is_in, joined, positions, take
from cstocases.parsing.parsed_table import Parsed, columns_of, text_frame
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, RECORD
from cstocases.schema.model import NOT_CODED

RULES = {
    "published": "the published value; where `as_of` leaves no source that gives it, the value that the largest number of the remaining independent publishers give",
    "official": "the value that the largest number of official and intergovernmental publishers give; unknown where none of them gives one",
    "plurality": "the value that the largest number of independent publishers give; on a tie the published value if it is among them, otherwise disputed",
    "stated": "as plurality, of the readings alone that say it themselves (`readings.basis` is stated); unknown where no reading does",
    "strict": "the value on which all readings agree; where any reading conflicts, the cell is disputed",
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
    tables = rewritten(known, made[made["changed"]])
    return Data(data.package, {name: tables.get(name, parsed) for name, parsed in known.parsed.items()})


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
    sources, evidence, read = data.frames["sources"], data.frames["evidence"], data.parsed["readings"]
    _, last = data.spans("sources", "published")
    known = sources.loc[(last.fillna(sources["accessed"]) <= day).fillna(False), "citekey"]
    ids = evidence.loc[is_in(evidence["citekey"], known), "evidence_id"]
    kept = read.with_texts(read.texts[is_in(read.frame["evidence_id"], ids)])
    return Data(data.package, {name: kept if name == "readings" else parsed for name, parsed in data.parsed.items()})


def decisions(data: Data, known: Data, rule: str) -> pd.DataFrame:
    """What a resolution rule makes of each evidenced cell that has readings in `data`, from the readings in `known`.

    Columns: table_name, record_id, field_name, line, value (NA where missing), kind, changed.
    """
    cells = data.published
    spoken = joined(*(data.frames["readings"][name] for name in CELL))
    cells = cells[is_in(joined(*(cells[name] for name in CELL)), spoken)].reset_index(drop=True)
    return _decided(cells, known.readings, rule)


def _decided(cells: pd.DataFrame, read: pd.DataFrame, rule: str) -> pd.DataFrame:
    """`decisions` for some of the cells of `published`, index from 0, from these readings."""
    votes = _votes(cells, read, rule)
    leading = votes[votes["n"] == votes.groupby("cell")["n"].transform("max")]
    n_values = votes["cell"].value_counts().reindex(cells.index)
    most = leading.drop_duplicates("cell", keep=False).set_index("cell")["value"].reindex(cells.index)
    place = cells.index.to_series()

    def is_given(by: pd.DataFrame) -> pd.Series:
        return is_in(joined(place, cells["value"]), joined(by["cell"], by["value"]))

    plurality = most.fillna(cells["value"].where(is_given(leading)))
    settled = {
        "published": cells["value"].where(is_given(votes), plurality),
        "strict": most.where(n_values == 1),
    }
    heard, coded, disputed = n_values.notna(), cells["value"].notna(), (cells["kind"] == "disputed").fillna(False)
    open_ = coded if rule == "published" else coded | disputed  # what this rule can settle
    value = settled.get(rule, plurality).where(heard & open_)
    kind = pd.Series("disputed", index=cells.index, dtype="string")  # what is heard and not settled
    kind = kind.where(open_, cells["kind"])
    kind = kind.where(heard, cells["kind"].mask(coded | disputed, "unknown")).mask(value.notna())
    same = (value == cells["value"]).fillna(False) | ((kind == cells["kind"]).fillna(False) & ~coded)
    return cells[[*CELL, "line"]].assign(value=value.astype("string"), kind=kind, changed=~same.astype(bool))


def _votes(cells: pd.DataFrame, read: pd.DataFrame, rule: str) -> pd.DataFrame:
    """How many independent sources give each value. Columns: cell (its place in `cells`), value, n.

    A date that says the same as the published one, however exactly, counts for that.
    """
    read = read[(read["field_name"] != RECORD).fillna(False)]
    if rule == "official":
        read = read[is_in(read["source_kind"], OFFICIAL)]
    if rule == "stated":
        read = read[(read["basis"] == "stated").fillna(False)]
    place = positions(joined(*(read[name] for name in CELL)), joined(*(cells[name] for name in CELL)))
    read, place = read[place >= 0], place[place >= 0]
    value = take(cells["value"], place).where((read["agreement"] == "supports").to_numpy(dtype=bool, na_value=False))
    value = value.fillna(read["reading"].reset_index(drop=True))
    votes = pd.DataFrame({"cell": place, "value": value.array, "source": read["independent_source"].array})
    return votes.drop_duplicates().groupby(["cell", "value"], sort=False).size().rename("n").reset_index()


def rewritten(data: Data, rows: pd.DataFrame) -> dict[str, Parsed]:
    """The tables in which cells get other values, rewritten. `rows` as in `decisions`."""
    return {str(name): _rewritten(data.parsed[str(name)], group) for name, group in rows.groupby("table_name")}


def _rewritten(parsed: Parsed, rows: pd.DataFrame) -> Parsed:
    """A table with some cells given other values or missing-value codes; a date's precision follows it."""
    changed: dict[str, pd.Series] = {}

    def write(name: str, lines: pd.Series, cells: pd.Series) -> None:
        changed.setdefault(name, text_frame({name: parsed.columns[name]}, parsed.lines)[name])
        changed[name].loc[lines] = cells.array

    rows = rows.assign(token=rows["kind"].replace({NOT_CODED: ""}), value=rows["value"].astype("string"))
    for name, group in rows.groupby("field_name"):
        token, value = group["token"], group["value"]
        if precision := parsed.table.precision_of(str(name)):
            how = value.str.len().map({10: "day", 7: "month", 4: "year"}).astype("string")
            write(precision, group["line"], how.fillna(token))
            for length in (len("2010"), len("2010-06")):
                value = value.mask(value.str.len() == length, value + "-01")
        write(str(name), group["line"], value.fillna(token))
    return replace(parsed, columns={**parsed.columns, **columns_of(pd.DataFrame(changed, copy=False))})


def contested(data: Data) -> pd.DataFrame:
    """Every evidenced cell with conflicting readings, and what each resolution rule makes of it.

    Columns: table_name, record_id, field_name, published (value, or the missing-value code
    in brackets), conflict (stated: between stated readings; inferred: it rests on an inference),
    readings (each value with the citekeys that give it), and one column per rule.
    """
    status = data.statuses
    wanted = status.loc[(status["status"] == "contested") & (status["field_name"] != RECORD), [*CELL, "conflict"]]
    place = positions(joined(*(wanted[n] for n in CELL)), joined(*(data.published[n] for n in CELL)))
    cells = data.published.iloc[place].reset_index(drop=True)
    where = positions(joined(*(data.readings[n] for n in CELL)), joined(*(cells[n] for n in CELL)))
    read = data.readings[where >= 0]
    shown = {}
    for rule in RULES:
        made = _decided(cells, read, rule)
        shown[rule] = made["value"].fillna("(" + made["kind"] + ")")
    said: dict[int, dict[str, set[str]]] = {}
    for cell, value, citekey in sorted(zip(where[where >= 0], read["reading"], read["citekey"], strict=True)):
        said.setdefault(int(cell), {}).setdefault(value, set()).add(citekey)
    lines = ["; ".join(f"{v}: {', '.join(sorted(keys))}" for v, keys in said[i].items()) for i in cells.index]
    out = cells[CELL].assign(readings=lines, conflict=wanted["conflict"].array, **shown)
    return out[[*CELL, "published", "conflict", "readings", *(rule for rule in RULES if rule != "published")]].astype(
        "string"
    )


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
