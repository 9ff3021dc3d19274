"""Questions to the data: cases side by side, a full case record, the sources of a cell, the candidates."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from cstocases.analysis.case_record import known_case, known_record, readings_of, rows_of, with_evidence
from cstocases.dataset import data
from cstocases.derived.behind import TABLES, behind, by_column
from cstocases.derived.comparison import Comparison, comparison
from cstocases.errors import UnknownNameError
from cstocases.parsing.joins import joined, positions, take
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, include
from cstocases.resolution.readings import CELL, RECORD
from cstocases.schema.model import Field, Package, Table

# The columns of `evidence`.
EVIDENCE = [
    *CELL, "published", "kind", "status", "check_status", "reading", "agreement", "basis", "evidence_id", "actor", "speaker",
    "speaker_office", "said_date", "statement", "locator", "citekey", "author", "title", "publisher", "origin",
    "source_kind", "source_date", "access", "url",
]  # fmt: skip
# What `compare` shows unless told otherwise; a name ending in _ stands for all fields that begin so.
AT_A_GLANCE = (
    "date", "requester", "office", "addressee", "instrument", "asked", "threat_framing", "adversary_type",
    "adversary_state", "on_own_territory", "case_threat_origin", "status", "withdrawn", "csto_outcome_military",
    "csto_delivery_military", "csto_outcome_all", "csto_agreed", "csto_unasked", "csto_forces_sent", "csto_date",
    "days_to_decision", "csto_organ", "csto_deployed_best", "csto_legal_basis",
    "csto_agreement_asked", "csto_agreement_answered", "csto_decided_by", "bilateral_outcome_military",
    "treaty_version", "crisis_rules_in_force", "chair_state",
    "requester_chaired", "for_", "cond_", "against_", "argued_",
)  # fmt: skip

MARKS = {"contested": "*", "single_source": "°"}  # no mark: two or more independent publishers, no conflicting value
LISTS = {  # booleans that are shown as one line of those that hold
    "channel_": "Asked by", "for_": "Officials said, for help", "cond_": "Officials said, on a condition", "against_": "Officials said, against help", "argued_": "Scholars argue",
}  # fmt: skip
LEGEND = "* contested: sources give conflicting values. ° one publisher only."
SAID = {"rival": "conflicts"}  # how a value of `agreement` is printed where it is not printed as it is


def compare(
    cases: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    home: str | Path | None = None,
    *,
    rule: str = "published",
    as_of: str | None = None,
) -> pd.DataFrame:
    """Cases side by side: the comparison's variables for the request each case is known for, one row a cell.

    Columns: case_id, request_id, field, title, value (as in the CSV), label (of a code),
    kind (of missing), status (corroborated, single_source, contested; NA where
    computed, unless a conflicting reading would change it), questioned (by a person who checked it, or what it is computed from). Default cases are the founding three (all, where no case is marked `core`),
    default fields AT_A_GLANCE; a field name ending in `_` stands for all that start with
    it. `rule` and `as_of` as in `load`.

    Raises:
        UnknownNameError: no such case, field or rule.
        DataError: the data have problems.
    """
    found = data(home, rule, as_of)
    table = found.package.table("comparison")
    wide = comparison(found)
    rows = primary_rows(found, wide, cases)
    names = field_names(table, AT_A_GLANCE if fields is None else fields)
    questioned = found.statuses[found.statuses["check_status"] == "questioned"]
    doubted = set(questioned[CELL].itertuples(index=False, name=None))
    made = []
    for case, row in rows.items():
        request = str(wide.columns["request_id"].texts[row])
        origins = by_column(found, "comparison", request) if doubted else {}
        for f in (table.field(name) for name in names):
            column, text = wide.columns[f.name], wide.text(f.name, row)
            label = None if text is None else labelled(found.package, f, text)
            code, status = column.missing_codes[row], column.status[row]
            doubt = not doubted.isdisjoint(origins.get(f.name, ()))
            made.append((case, request, f.name, f.title, text, label, code, status, doubt))
    header = ["case_id", "request_id", "field", "title", "value", "label", "kind", "status", "questioned"]
    return pd.DataFrame(made, columns=header).astype({**dict.fromkeys(header, "string"), "questioned": "boolean"})


def labelled(package: Package, f: Field, text: str) -> str:
    """The label of a code of the comparison, or those of the kinds of help in a list of them."""
    if f.name == "asked" or f.name.endswith(("_agreed", "_unasked")):
        labels = package.table("asks").field("help_kind").labels
        return "; ".join(labels.get(part, part) for part in text.split("; "))
    return f.labels.get(text, text)


def primary_rows(found: Data, wide: Comparison, cases: Iterable[str] | None = None) -> dict[str, int]:
    """The row in the comparison of the request that each of these cases is known for (default: the founding three, all where none is marked).

    Raises:
        UnknownNameError: no such case.
    """
    chosen = list(dict.fromkeys(cases or core_cases(found)))
    for case in chosen:
        known_case(found, case)
    primary = zip(wide.columns["case_id"].texts, wide.columns["is_primary"].texts, strict=True)
    places = {case: row for row, (case, is_primary) in enumerate(primary) if is_primary == "true"}
    return {case: places[case] for case in chosen}


def core_cases(found: Data) -> list[str]:
    """The cases marked `core` in the order of time; all cases where none is."""
    table = found.frames["cases"].sort_values("start_date", na_position="first")
    return list(table.loc[table["core"].fillna(False).astype(bool), "case_id"]) or list(table["case_id"])


def field_names(table: Table, wanted: Iterable[str]) -> list[str]:
    """Names of fields, a name ending in _ replaced by all that begin so.

    Raises:
        UnknownNameError: no such field.
    """
    names = []
    for name in wanted:
        group = [n for n in table.names if n.startswith(name)] if name.endswith("_") else []
        names += group or [table.field(name).name]
    return names


def evidence(*cell: str, home: str | Path | None = None) -> pd.DataFrame:
    """The readings of a case, a record or one cell, with their sources, one row a reading.

    Arguments: the id of a case, of any record, or of a statement (also one that was merged into
    another); or a table, a record id and, if one cell is meant, a field. A row of `comparison`, `request_members` or
    `member_years` (its key, the parts joined by /) leads to the stored cells it is computed from.
    Columns: table_name, record_id, field_name, published (value), kind (of missing),
    status, check_status (what people who checked the cell said), reading, agreement (supports or rival; for a row as a whole yes, no,
    unclear), basis (stated or inferred), evidence_id, actor, speaker, speaker_office, said_date,
    statement, locator, citekey, author, title, publisher, origin, source_kind, source_date,
    access, url. Dtype string; said_date and source_date are cut to what is known of the day.

    Raises:
        UnknownNameError: no such case, record, statement, table or field.
        DataError: the data have problems.
    """
    return evidence_of(data(home), *cell)


def evidence_of(found: Data, *cell: str) -> pd.DataFrame:
    """What `evidence` gives, of data already loaded."""
    read = found.readings
    if len(cell) == 1:
        read = _of_one_id(found, cell[0])
    elif len(cell) in (2, 3):
        table, record, *field = cell
        if table in TABLES:
            read = readings_of(found, behind(found, table, record, *field))
        else:
            stored = with_evidence(found, table, *TABLES)
            known_record(found, record, table)
            read = read[((read["table_name"] == table) & (read["record_id"] == record)).fillna(False)]
            if field:
                if field[0] != RECORD:
                    stored.field(field[0])
                read = read[read["field_name"] == field[0]]
    else:
        raise TypeError("evidence() takes a case, or a table, a record and a field")
    out = read.rename(columns={"value": "published", "published": "source_date"}).assign(**_statuses(found, read))
    return out[EVIDENCE].reset_index(drop=True)


def _of_one_id(found: Data, name: str) -> pd.DataFrame:
    """The readings of a case, of a record of any table, or of a statement, by its id."""
    read = found.readings
    if name in set(found.frames["cases"]["case_id"]):
        return rows_of(found, name, read)
    of_record = (read["record_id"] == name).fillna(False)
    statement = found.merged.get(name, name)
    if not of_record.any() and statement not in set(found.frames["evidence"]["evidence_id"]):
        known_case(found, name, "case, record or statement")
    return read[of_record | (read["evidence_id"] == statement).fillna(False)]


def _statuses(found: Data, read: pd.DataFrame) -> dict[str, Any]:
    cells = joined(*(found.statuses[name] for name in CELL))
    at = positions(joined(*(read[name] for name in CELL)), cells)
    return {name: take(found.statuses[name], at).array for name in ("status", "check_status")}


def candidates(rule: str = "published", as_of: str | None = None, home: str | Path | None = None) -> pd.DataFrame:
    """Every candidate with what the inclusion rule makes of it under a resolution rule.

    Columns: candidate_id, title, state, date, the criteria, included, failed, case_id
    (the case it became), founding (kept as a founding case, whatever the rule says).

    Raises:
        UnknownNameError: no such resolution rule.
        DataError: the data have problems.
    """
    return candidates_of(data(home, rule, as_of))


def candidates_of(found: Data) -> pd.DataFrame:
    """What `candidates` gives, of data already resolved."""
    register = found.frames[found.package.table("candidates").name].reset_index(drop=True)
    cases = found.frames["cases"]
    core = cases.loc[cases["core"].fillna(False).astype(bool), "case_id"]
    out = register[["candidate_id", "title", "state", "date", *CRITERIA, "case_id"]]
    out = out.merge(include(register), on="candidate_id").assign(
        founding=register["case_id"].isin(core).astype("boolean")
    )
    return out[["candidate_id", "title", "state", "date", *CRITERIA, "included", "failed", "case_id", "founding"]]


def why(candidate: str, rule: str = "published", home: str | Path | None = None) -> pd.DataFrame:
    """Why a candidate is in or out: each criterion with what each source says of it, one row a reading.

    Columns: criterion, met (boolean under the rule), value (true, false or the kind of
    missing), then those of `evidence`.

    Raises:
        UnknownNameError: no such candidate.
        DataError: the data have problems.
    """
    found = data(home, rule)
    table = found.package.table("candidates").name
    register, kinds = found.frames[table], found.missing_codes[table]
    known = list(register["candidate_id"])
    if candidate not in known:
        raise UnknownNameError("candidate", candidate, known)
    line = register.index[register["candidate_id"] == candidate][0]
    read = evidence_of(data(home), "candidates", candidate)
    parts = []
    for name in CRITERIA:
        value = register.at[line, name]
        said = kinds.at[line, name] if pd.isna(value) else str(bool(value)).lower()
        mine = read[read["field_name"] == name]
        rows = mine if len(mine) else pd.DataFrame([dict.fromkeys(read.columns, pd.NA)]).astype(read.dtypes)
        parts.append(rows.assign(criterion=name, met=bool(pd.notna(value) and value), value=said))
    out = pd.concat(parts, ignore_index=True)
    return out[["criterion", "met", "value", *read.columns]]
