"""Cells and their readings: who says so, who says otherwise, and what that makes of the cell.

Everything here is computed from the tables `readings`, `evidence` and `sources` alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cstocases.parse import as_text
from cstocases.tableschema import Package

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
                value = cut(value, frame[precision])
            part = pd.DataFrame({"record_id": frame[key], "value": value, "kind": kinds[name][f.name]})
            parts.append(part.assign(table_name=name, field_name=f.name, line=frame.index))
    if not parts:
        return pd.DataFrame(columns=[*CELL, "line", "value", "kind"], dtype="string")
    return pd.concat(parts, ignore_index=True)[[*CELL, "line", "value", "kind"]]


def cut(dates: pd.Series, precision: pd.Series) -> pd.Series:
    """ISO dates cut to what is known of them: 2010, 2010-06 or 2010-06-12."""
    coarse = {how: (precision == how).fillna(False).astype(bool) for how in ("month", "year")}
    return dates.mask(coarse["month"], dates.str[:7]).mask(coarse["year"], dates.str[:4])


def agrees(value: str | None, reading: str | None, is_date: bool) -> bool:
    """Whether a reading is the value, or a date that says the same less exactly.

    >>> agrees("2010-06-12", "2010-06", True), agrees("2010-06-12", "2010-06-11", True)
    (True, False)
    """
    if value is None or reading is None:
        return False
    if value == reading:
        return True
    return is_date and (value.startswith(f"{reading}-") or reading.startswith(f"{value}-"))


def readings(package: Package, frames: Mapping[str, pd.DataFrame], kinds: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every reading beside the published value and its source.

    Columns: those of readings; value and kind of the cell; agreement (supports, rival;
    for a record: the verdict); statement, locator, date and citekey of the evidence;
    title, publisher, voice (origin, else publisher), source_kind, published, access and
    url of the source. Readings of cells that do not exist have value NA.
    """
    sources = frames["sources"].set_index("citekey")
    evidence = frames["evidence"].set_index("evidence_id")
    out = (
        frames["readings"]
        .reset_index(names="line")
        .merge(published(package, frames, kinds).drop(columns="line"), on=CELL, how="left")
    )
    out = out.join(evidence[["actor", "statement", "locator", "citekey"]], on="evidence_id")
    out = out.join(sources[["title", "publisher", "origin", "source_kind", "published", "access", "url"]], on="citekey")
    out["voice"] = out["origin"].fillna(out["publisher"])
    dates = {(n, f.name) for n, t in package.stored.items() for f in t.fields if f.type == "date"}
    out["agreement"] = pd.array(
        [
            reading if pd.isna(field) or pd.isna(reading) or field == RECORD
            else "supports" if agrees(None if pd.isna(value) else value, reading, (table, field) in dates)
            else "rival"
            for table, field, reading, value in zip(
                out["table_name"], out["field_name"], out["reading"], out["value"], strict=True
            )
        ],
        dtype="string",
    )  # fmt: skip
    return out


def statuses(package: Package, frames: Mapping[str, pd.DataFrame], kinds: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The status of every evidenced cell and of every row that has readings as a whole.

    Columns: table_name, record_id, field_name, value, kind, n_evidence, n_sources,
    n_publishers (independent: origin, else publisher, of the readings that agree),
    n_rivals (distinct rival values), status (corroborated, single_source, contested,
    no_reading).
    """
    read = readings(package, frames, kinds)
    whole = read[read["field_name"] == RECORD][CELL].drop_duplicates()
    base = pd.concat([published(package, frames, kinds).drop(columns="line"), whole], ignore_index=True)
    base["value"] = base["value"].mask(base["field_name"] == RECORD, "yes")
    agree = read[read["agreement"].isin(["supports", "yes"])]
    differ = read[read["agreement"].isin(["rival", "no", "unclear"])]
    counts = pd.DataFrame(
        {
            "n_evidence": read.groupby(CELL).size(),
            "n_sources": read.groupby(CELL)["citekey"].nunique(),
            "n_publishers": agree.groupby(CELL)["voice"].nunique(),
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
