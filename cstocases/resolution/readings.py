"""Cells and their readings: who says so, who says otherwise, and what that makes of the cell.

Everything here is computed from the tables `readings`, `evidence` and `sources` alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cstocases.parsing.column_rules import is_in
from cstocases.parsing.csv_reader import as_text
from cstocases.schema.model import Package

RECORD = "record"  # field_name of a reading that speaks to the row as a whole
VERDICTS = ("yes", "no", "unclear")  # what such a reading may say
CELL = ["table_name", "record_id", "field_name"]
STATUSES = {
    "corroborated": "two or more independent publishers give this value and none another",
    "single_source": "one publisher gives this value and none another",
    "contested": "at least one reading differs from the published value or from another reading",
    "no_reading": "no reading speaks to the cell",
}


def published(package: Package, frames: Mapping[str, pd.DataFrame], kinds: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every evidenced cell with its published value.

    Columns: table_name, record_id, field_name, line, value (as written, a date cut to
    its precision), kind (of missing). One row per cell; dtype string but for line.
    """
    parts = []
    for name, table in package.stored.items():
        if len(table.primary_key) != 1 or name not in frames:
            continue
        frame, key = frames[name], table.primary_key[0]
        for f in table.evidenced:
            value = as_text(f, frame[f.name])
            precision = table.precision_of(f.name)
            if precision:
                value = to_precision(value, frame[precision])
            cell = {"table_name": name, "record_id": frame[key], "field_name": f.name, "line": frame.index}
            parts.append(pd.DataFrame({**cell, "value": value, "kind": kinds[name][f.name]}))
    if not parts:
        return pd.DataFrame(columns=[*CELL, "line", "value", "kind"], dtype="string")
    return pd.concat(parts, ignore_index=True).astype({"table_name": "string", "field_name": "string"})


def to_precision(dates: pd.Series, precision: pd.Series) -> pd.Series:
    """ISO dates cut to what is known of them: 2010, 2010-06 or 2010-06-12."""
    coarse = {how: (precision == how).fillna(False).astype(bool) for how in ("month", "year")}
    return dates.mask(coarse["month"], dates.str[:7]).mask(coarse["year"], dates.str[:4])


def agree(value: pd.Series, reading: pd.Series, is_date: pd.Series) -> pd.Series:
    """Whether a reading is the value, or a date that says the same less exactly; False where either is NA. Dtype: bool.

    >>> cell, reading = (pd.Series([text], dtype="string") for text in ("2010-06-12", "2010-06"))
    >>> agree(cell, reading, pd.Series([True])).item(), agree(cell, reading, pd.Series([False])).item()
    (True, False)
    """
    same = (value == reading).fillna(False).astype(bool)
    perhaps = is_date & ~same & value.notna() & reading.notna()
    one, other = value[perhaps], reading[perhaps]
    for length in (len("2010"), len("2010-06")):
        for less, more in ((one, other), (other, one)):
            coarse = (less.str.len() == length) & (more.str[: length + 1] == less + "-")
            same[coarse.index[coarse.astype(bool)]] = True
    return same


def _of_dates(package: Package, rows: pd.DataFrame) -> pd.Series:
    """Which rows are of a cell that holds a date. Dtype: bool."""
    dates = [f"{name}.{f.name}" for name, table in package.stored.items() for f in table.fields if f.type == "date"]
    return is_in(rows["table_name"] + "." + rows["field_name"], dates)


def refined(package: Package, read: pd.DataFrame) -> pd.DataFrame:
    """Of readings, one row a value, the dates that another reading of the cell says more exactly."""
    dates = read[_of_dates(package, read)].drop_duplicates([*CELL, "reading"])
    cell = dates["table_name"] + "/" + dates["record_id"] + "/" + dates["field_name"] + "/"
    length = dates["reading"].str.len()
    odd = pd.Series(False, index=dates.index)
    for n in (len("2010"), len("2010-06")):
        odd |= (length == n) & is_in(cell + dates["reading"], (cell + dates["reading"].str[:n])[length > n])
    return dates[odd]


def readings(package: Package, frames: Mapping[str, pd.DataFrame], cells: pd.DataFrame) -> pd.DataFrame:
    """Every reading beside the published value (`cells` as from `published`) and its source.

    Columns: those of readings; value and kind of the cell; agreement (supports, rival;
    for a record: the verdict; two dates that are more exact than the value and differ are
    its rivals both); statement, locator, date and citekey of the evidence;
    title, publisher, voice (origin, else publisher), source_kind, published, access and
    url of the source. Readings of cells that do not exist have value NA.
    """
    sources = frames["sources"].set_index("citekey")
    evidence = frames["evidence"].set_index("evidence_id")
    read = frames["readings"][[*CELL, "evidence_id", "reading"]]
    out = read.reset_index(names="line").merge(cells.drop(columns="line"), on=CELL, how="left")
    out = out.join(evidence[["actor", "statement", "locator", "citekey"]], on="evidence_id")
    out = out.join(sources[["title", "publisher", "origin", "source_kind", "published", "access", "url"]], on="citekey")
    out["independent_source"] = out["origin"].fillna(out["publisher"])
    supports = agree(out["value"], out["reading"], _of_dates(package, out))
    supports[_at_odds(out[supports])] = False
    verdict = supports.map({True: "supports", False: "rival"}).astype("string")
    of_cell = out["field_name"].notna() & out["reading"].notna() & (out["field_name"] != RECORD).fillna(False)
    out["agreement"] = out["reading"].mask(of_cell, verdict)
    return out


def _at_odds(agreeing: pd.DataFrame) -> pd.Index:
    """Of readings that agree with their cell, the lines of dates more exact than it that another such date contradicts."""
    finer = agreeing[agreeing["reading"].str.len() > agreeing["value"].str.len()]
    odd = pd.Series(False, index=finer.index)
    for length in (len("2010-06"), len("2010-06-12")):
        told = finer[finer["reading"].str.len() >= length]
        odd[told.index] |= told["reading"].str[:length].groupby([told[name] for name in CELL]).transform("nunique") > 1
    return odd.index[odd]


def statuses(cells: pd.DataFrame, read: pd.DataFrame) -> pd.DataFrame:
    """The status of every evidenced cell and of every row that has readings as a whole, from `published` and `readings`.

    Columns: table_name, record_id, field_name, value, kind, n_evidence, n_sources,
    n_publishers (independent: origin, else publisher, of the readings that agree),
    n_rivals (distinct rival values), status (corroborated, single_source, contested,
    no_reading).
    """
    whole = read[read["field_name"] == RECORD][CELL].drop_duplicates()
    base = pd.concat([cells.drop(columns="line"), whole], ignore_index=True)
    base["value"] = base["value"].mask(base["field_name"] == RECORD, "yes")
    agree = read[read["agreement"].isin(["supports", "yes"])]
    differ = read[read["agreement"].isin(["rival", "no", "unclear"])]
    counts = pd.DataFrame(
        {
            "n_evidence": read.groupby(CELL).size(),
            "n_sources": read.groupby(CELL)["citekey"].nunique(),
            "n_publishers": agree.groupby(CELL)["independent_source"].nunique(),
            "n_rivals": differ.groupby(CELL)["reading"].nunique(),
        }
    )
    out = base.join(counts.astype("Int64"), on=CELL)
    numbers = list(counts.columns)
    out[numbers] = out[numbers].fillna(0)
    # A cell left missing is contested when its readings differ among themselves, not merely because it has some.
    rivals = out["n_rivals"].where(out["value"].notna(), out["n_rivals"] - 1)
    out["status"] = "corroborated"
    out.loc[out["n_publishers"] < 2, "status"] = "single_source"
    out.loc[rivals > 0, "status"] = "contested"
    out.loc[out["n_evidence"] == 0, "status"] = "no_reading"
    out["status"] = out["status"].astype("string")
    return out
