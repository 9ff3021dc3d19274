"""Cells and their readings: which sources agree with the published value, which conflict, and the status that follows.

Everything here is computed from the tables `readings`, `evidence` and `sources` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.parsing.joins import is_in, joined, positions, take
from cstocases.parsing.parsed_table import Parsed
from cstocases.schema.model import Package

RECORD = "record"  # field_name of a reading that speaks to the row as a whole
VERDICTS = ("yes", "no", "unclear")  # what such a reading may say
SIDES = {"supports": ("supports", "yes"), "conflicts": ("rival", "no", "unclear")}  # by side, values of `agreement`
CELL = ["table_name", "record_id", "field_name"]
OF_EVIDENCE = ("actor", "speaker", "speaker_office", "statement", "locator")
OF_SOURCE = ("title", "author", "publisher", "origin", "source_kind", "access", "url")
DAYS = {"said_date": "evidence", "published": "sources"}  # dates that are shown as far as they are known
USED = {  # the columns that `readings` needs
    "readings": (*CELL, "evidence_id", "reading", "basis"),
    "evidence": ("evidence_id", "citekey", *OF_EVIDENCE, "said_date", "said_date_precision"),
    "sources": ("citekey", *OF_SOURCE, "published", "published_precision"),
}
STATUSES = {
    "corroborated": "two or more independent publishers give the published value, and none gives another",
    "single_source": "one publisher gives the published value, and none gives another",
    "contested": "at least one reading differs from the published value or from another reading",
    "no_reading": "there is no reading of the cell",
}


def published(package: Package, parsed: Mapping[str, Parsed]) -> pd.DataFrame:
    """Every evidenced cell with its published value.

    Columns: table_name, record_id, field_name, line, value (as written, a date cut to
    its precision), kind (the missing-value code). One row per cell; dtype string but for line.
    """
    parts: dict[str, list[Any]] = {
        name: [] for name in ("table_name", "field_name", "record_id", "line", "value", "kind")
    }
    for name, table in package.stored.items():
        if len(table.primary_key) != 1 or name not in parsed or not table.evidenced:
            continue
        rows = parsed[name]
        for f in table.evidenced:
            value, code = rows.split(f.name)
            if precision := table.precision_of(f.name):
                value = _cut(value, rows.columns[precision])
            cell = (name, f.name, rows.columns[table.primary_key[0]], rows.lines.to_numpy(), value, code)
            for part, piece in zip(parts.values(), cell, strict=True):
                part.append([piece] * len(rows.lines) if isinstance(piece, str) else piece)
    made: dict[str, Any] = {n: _stacked(parts[n]) for n in (*CELL, "value", "kind")}
    lines = np.concatenate(parts["line"] or [np.array([], dtype="int64")])
    return pd.DataFrame({**made, "line": lines}, copy=False)[[*CELL, "line", "value", "kind"]]


def _stacked(parts: list[Any]) -> Any:
    """Pieces of a column of texts as one array. Dtype: string."""
    chunks: list[pa.Array] = []
    for part in parts:
        array = part if isinstance(part, pa.ChunkedArray | pa.Array) else pa.array(part, pa.large_string())
        chunks += array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    return pd.StringDtype().__from_arrow__(pa.chunked_array(chunks, pa.large_string()).combine_chunks())


def _cut(dates: pa.ChunkedArray, precision: pa.ChunkedArray) -> pa.ChunkedArray:
    """ISO dates cut to what is known of them, as `to_precision`."""
    for how, length in (("month", 7), ("year", 4)):
        dates = pc.if_else(pc.equal(precision, how).fill_null(False), pc.utf8_slice_codeunits(dates, 0, length), dates)
    return dates


def to_precision(dates: pd.Series, precision: pd.Series) -> pd.Series:
    """ISO dates cut to what is known of them: 2010, 2010-06 or 2010-06-12."""
    coarse = {how: (precision == how).fillna(False).astype(bool) for how in ("month", "year")}
    return dates.mask(coarse["month"], dates.str[:7]).mask(coarse["year"], dates.str[:4])


def cut_date(date: str | None, precision: str | None) -> str | None:
    """One ISO date cut to what is known of it, as `to_precision`; any other text, or a date of no precision, as it is."""
    return date and date[: {"year": 4, "month": 7}.get(precision or "", len(date))]


def agree(value: pd.Series, reading: pd.Series, is_date: pd.Series) -> pd.Series:
    """Whether a reading is the value, or a date that says the same less exactly; False where either is NA. Dtype: bool.

    >>> cell, reading = (pd.Series([text], dtype="string") for text in ("2010-06-12", "2010-06"))
    >>> agree(cell, reading, pd.Series([True])).item(), agree(cell, reading, pd.Series([False])).item()
    (True, False)
    """
    same = (value == reading).fillna(False).astype(bool)
    perhaps = is_date.to_numpy() & ~same
    one, other = value[perhaps].dropna(), reading[perhaps].dropna()
    one, other = one[one.index.intersection(other.index)], other[other.index.intersection(one.index)]
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
    both conflict with it); actor, speaker, speaker_office, said_date, statement, locator and citekey
    of the evidence; title, author, publisher, origin, source_kind, published, access and url of the
    source; independent_source (origin, else publisher). said_date and published are texts, cut to
    what is known of the date. Readings of cells that do not exist have value NA.
    """
    out = frames["readings"][list(USED["readings"])].reset_index(names="line")
    cell = positions(joined(*(out[name] for name in CELL)), joined(*(cells[name] for name in CELL)))
    sources, evidence = frames["sources"], frames["evidence"]
    row = positions(out["evidence_id"], evidence["evidence_id"])
    citekey = take(evidence["citekey"], row)
    source = positions(citekey, sources["citekey"])
    out = out.assign(
        **{name: take(cells[name], cell) for name in ("value", "kind")},
        **{name: take(evidence[name], row) for name in OF_EVIDENCE},
        citekey=citekey,
        **{name: take(sources[name], source) for name in OF_SOURCE},
    )
    for name, table in DAYS.items():
        rows = frames[table]
        known = to_precision(rows[name].dt.strftime("%Y-%m-%d").astype("string"), rows[f"{name}_precision"])
        out[name] = take(known, row if table == "evidence" else source)
    out["independent_source"] = out["origin"].fillna(out["publisher"])
    supports = agree(out["value"], out["reading"], _of_dates(package, out))
    finer = supports & (out["reading"] != out["value"]).fillna(False)
    supports[_at_odds(out[finer])] = False
    of_cell = ((out["field_name"] != RECORD).fillna(False) & out["reading"].notna()).to_numpy(dtype=bool)
    verdict = pd.array(np.where(supports, "supports", "rival"), dtype="string")
    out["agreement"] = out["reading"].mask(of_cell, pd.Series(verdict, index=out.index))
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
    n_rivals (distinct conflicting values), n_stated (readings that are stated), status
    (corroborated, single_source, contested, no_reading), conflict (of a contested cell: stated,
    where stated readings alone differ; else inferred).
    """
    whole = read[(read["field_name"] == RECORD).fillna(False)][CELL].drop_duplicates()
    out = pd.concat([cells.drop(columns="line"), whole], ignore_index=True)
    out["value"] = out["value"].mask(out["field_name"] == RECORD, "yes")
    cell = positions(joined(*(read[name] for name in CELL)), joined(*(out[name] for name in CELL)))
    agree = is_in(read["agreement"], SIDES["supports"]).to_numpy()
    differ = is_in(read["agreement"], SIDES["conflicts"]).to_numpy()
    there = cell >= 0
    counts = {
        "n_evidence": _distinct(cell[there], None, len(out)),
        "n_sources": _distinct(cell[there], read["citekey"][there], len(out)),
        "n_publishers": _distinct(cell[there & agree], read["independent_source"][there & agree], len(out)),
        "n_rivals": _distinct(cell[there & differ], read["reading"][there & differ], len(out)),
    }
    stated = there & (read["basis"] == "stated").to_numpy(dtype=bool, na_value=False)
    counts["n_stated"] = _distinct(cell[stated], None, len(out))
    out = out.assign(**{name: pd.array(n, dtype="Int64") for name, n in counts.items()})
    # A cell left missing is contested when its readings differ among themselves, not merely because it has some.
    conflicts = counts["n_rivals"] - out["value"].isna().to_numpy()
    status = np.select(
        [counts["n_evidence"] == 0, conflicts > 0, counts["n_publishers"] < 2],
        ["no_reading", "contested", "single_source"],
        "corroborated",
    )
    out["status"] = pd.array(status, dtype="string")
    sides = read["reading"].mask(agree, "agrees")[stated]
    apart = np.where(_distinct(cell[stated], sides, len(out)) > 1, "stated", "inferred")
    out["conflict"] = pd.array(np.where(status == "contested", apart, None), dtype="string")
    return out


def _distinct(cell: np.ndarray, values: pd.Series | None, size: int) -> np.ndarray:
    """How many rows, or distinct values that are not missing, each of `size` cells has."""
    if values is not None:
        codes = pd.factorize(values)[0]
        pairs = np.unique(np.stack([cell, codes])[:, codes >= 0], axis=1)
        cell = pairs[0]
    return np.bincount(cell, minlength=size)
