"""Rules that cross columns or tables. Each is a function whose docstring is its line in the codebook."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from cstocases import cells
from cstocases.errors import Problem, count
from cstocases.inclusion import include
from cstocases.parse import Parsed, cell_fault
from cstocases.schema import Field, Package

SPELLS = (("start_date", "end_date"), ("deployment_start", "deployment_end"))
TRIOS = ("deaths", "authorised", "deployed", "personnel")


@dataclass(frozen=True)
class Data:
    """All tables of a dataset, parsed, and the few views the rules share."""

    package: Package
    parsed: dict[str, Parsed]

    @cached_property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Typed frames by table, line numbers as index."""
        return {name: parsed.frame for name, parsed in self.parsed.items()}

    @cached_property
    def kinds(self) -> dict[str, pd.DataFrame]:
        """Kinds of missing by table, line numbers as index."""
        return {name: parsed.kinds for name, parsed in self.parsed.items()}

    @cached_property
    def published(self) -> pd.DataFrame:
        """Every evidenced cell; see cells.published."""
        return cells.published(self.package, self.frames, self.kinds)

    @cached_property
    def readings(self) -> pd.DataFrame:
        """Every reading beside its cell and source; see cells.readings."""
        return cells.readings(self.package, self.frames, self.kinds)

    @cached_property
    def statuses(self) -> pd.DataFrame:
        """The status of every evidenced cell; see cells.statuses."""
        return cells.statuses(self.package, self.frames, self.kinds)

    def sound(self, *tables: str) -> bool:
        """Whether all rows of these tables could be read."""
        return all(self.parsed[name].sound for name in tables)

    def problem(self, table: str, line: object, column: str, rule: str, message: str) -> Problem:
        """A problem at a cell of a table."""
        return Problem(self.parsed[table].table.path, int(line), column, rule, message)  # type: ignore[call-overload]

    def spans(self, table: str, column: str) -> tuple[pd.Series, pd.Series]:
        """First and last day a date can mean, given its precision."""
        frame = self.frames[table]
        dates, precision = frame[column], frame[f"{column}_precision"]
        last = dates.mask(precision == "month", dates + pd.offsets.MonthEnd(0))
        return dates, last.mask(precision == "year", dates + pd.offsets.YearEnd(0)).astype(dates.dtype)


def dates_agree_with_precision(data: Data) -> Iterator[Problem]:
    """A date known to the month is written as its first day, one known to the year as 1 January; date and precision are missing together and for the same reason."""
    rule = "date-precision"
    for name, parsed in data.parsed.items():
        for f in parsed.table.fields:
            precision = parsed.table.precision_of(f.name)
            if f.type != "date" or precision is None:
                continue
            frame, kinds = parsed.frame, parsed.kinds
            for line, date, how in zip(frame.index, frame[f.name], frame[precision], strict=True):
                kind, how_kind = kinds.at[line, f.name], kinds.at[line, precision]
                if pd.isna(kind) != pd.isna(how_kind) or (pd.notna(kind) and kind != how_kind):
                    said = how if pd.isna(how_kind) else how_kind
                    what = kind if pd.notna(kind) else "given"
                    yield data.problem(name, line, precision, rule, f"is {said}, but the date is {what}")
                elif pd.notna(date) and how == "month" and date.day != 1:
                    yield data.problem(name, line, f.name, rule, "known to the month must be written as its first day")
                elif pd.notna(date) and how == "year" and (date.month, date.day) != (1, 1):
                    yield data.problem(name, line, f.name, rule, "known to the year must be written as 1 January")


def end_not_before_start(data: Data) -> Iterator[Problem]:
    """The end of a spell, case or deployment is not before its start."""
    for name, parsed in data.parsed.items():
        for start, end in SPELLS:
            if start in parsed.table.names and end in parsed.table.names:
                first, _ = data.spans(name, start)
                _, last = data.spans(name, end)
                for line in parsed.frame.index[(last < first).fillna(False)]:
                    message = f"is before {start}, {first[line]:%Y-%m-%d}"
                    yield data.problem(name, line, end, "end-before-start", message)


def decision_not_before_request(data: Data) -> Iterator[Problem]:
    """A decision is not dated before the request it answers."""
    if not data.sound("requests", "decisions"):
        return
    asked, _ = data.spans("requests", "date")
    asked.index = pd.Index(data.frames["requests"]["request_id"])
    _, decided = data.spans("decisions", "date")
    requests = data.frames["decisions"]["request_id"]
    for line, day in decided.dropna().items():
        first = asked[asked.index == requests[line]]
        if len(first) == 1 and pd.notna(first.iloc[0]) and day < first.iloc[0]:
            message = f"is before the request {requests[line]} of {first.iloc[0]:%Y-%m-%d}"
            yield data.problem("decisions", line, "date", "decision-before-request", message)


def low_best_high(data: Data) -> Iterator[Problem]:
    """Of three figures for one thing the lowest is not above the best, nor the best above the highest."""
    for name, parsed in data.parsed.items():
        for stem in TRIOS:
            columns = [c for c in (f"{stem}_low", f"{stem}_best", f"{stem}_high") if c in parsed.table.names]
            for lower, upper in [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :]]:
                frame = parsed.frame
                for line in frame.index[(frame[lower] > frame[upper]).fillna(False)]:
                    message = f"{frame.at[line, lower]} is above {upper}, {frame.at[line, upper]}"
                    yield data.problem(name, line, lower, "low-best-high", message)


def _party(data: Data, state: str, day: pd.Timestamp) -> bool:
    spells = data.frames["memberships"]
    spells = spells[(spells["state"] == state) & (spells["bound_by"] == "treaty")]
    return bool(((spells["start_date"] <= day) & (spells["end_date"].isna() | (day <= spells["end_date"]))).any())


def contributions_by_members(data: Data) -> Iterator[Problem]:
    """A contribution comes from a state that was a party to the Treaty on the day of the decision, or is marked non_member."""
    if not data.sound("contributions", "decisions", "memberships"):
        return
    decisions = data.frames["decisions"].drop_duplicates("decision_id").set_index("decision_id")["date"]
    for row in data.frames["contributions"].itertuples():
        day = row.start_date if pd.notna(row.start_date) else decisions.get(row.decision_id, pd.NaT)
        if pd.isna(day) or pd.isna(row.framework):
            continue
        member = _party(data, row.state, day)
        if member == (row.framework == "non_member"):
            message = f"is {row.framework}, and {row.state} was {'a' if member else 'no'} party on {day:%Y-%m-%d}"
            yield data.problem("contributions", row.Index, "framework", "contributor-member", message)


def positions_by_members(data: Data) -> Iterator[Problem]:
    """A position is that of a state that was a party to the Treaty when the case began."""
    if not data.sound("positions", "cases", "memberships"):
        return
    starts = data.frames["cases"].drop_duplicates("case_id").set_index("case_id")["start_date"]
    for row in data.frames["positions"].itertuples():
        day = starts.get(row.case_id, pd.NaT)
        if pd.notna(day) and pd.notna(row.state) and not _party(data, row.state, day):
            message = f"{row.state} was no party on {day:%Y-%m-%d}"
            yield data.problem("positions", row.Index, "state", "position-member", message)


def rationales_have_dated_source(data: Data) -> Iterator[Problem]:
    """A stated rationale names its speaker and rests on at least one source whose date, or the date of the words it reports, is known."""
    if not data.sound("rationales", "readings", "evidence", "sources"):
        return
    read = data.readings[data.readings["table_name"] == "rationales"]
    dates = data.frames["evidence"].drop_duplicates("evidence_id").set_index("evidence_id")["date"]
    dated = read[read["published"].notna() | read["evidence_id"].map(dates).notna()]["record_id"]
    frame = data.frames["rationales"]
    for line in frame.index[~frame["rationale_id"].isin(dated)]:
        yield data.problem("rationales", line, "rationale_id", "dated-source", "rests on no source with a date")


def layers_apart(data: Data) -> Iterator[Problem]:
    """No statement stands in both layers: an evidence row supports stated rationales or explanations, never both, and no text is in both."""
    if not data.sound("rationales", "explanations", "readings"):
        return
    read = data.frames["readings"]
    said = set(read.loc[read["table_name"] == "rationales", "evidence_id"])
    both = (read["table_name"] == "explanations") & read["evidence_id"].isin(said)
    for line in read.index[both]:
        message = f"{read.at[line, 'evidence_id']} already supports a stated rationale; one layer only"
        yield data.problem("readings", line, "evidence_id", "one-layer", message)
    rationales, explanations = data.frames["rationales"], data.frames["explanations"]
    texts = set(rationales["statement"].dropna())
    for line in explanations.index[explanations["statement"].isin(texts)]:
        message = "the same statement is in rationales; one layer only"
        yield data.problem("explanations", line, "statement", "one-layer", message)


def evidenced_cells_have_readings(data: Data) -> Iterator[Problem]:
    """Every value of an evidenced column has at least one reading equal to it."""
    if not data.sound("readings"):
        return
    support = data.frames["readings"][[*cells.CELL, "reading"]].rename(columns={"reading": "value"})
    wanted = data.published.dropna(subset=["value"])
    found = wanted.merge(support.drop_duplicates(), on=[*cells.CELL, "value"], how="left", indicator=True)
    for row in found[found["_merge"] == "left_only"].itertuples():
        message = f"no reading says {row.value!r}; add one to readings or code the kind of missing"
        yield data.problem(row.table_name, row.line, row.field_name, "no-reading", message)


def missing_cells_agree_with_readings(data: Data) -> Iterator[Problem]:
    """A cell coded disputed has two readings that differ; one coded unknown, no_evidence_found or not_coded has none."""
    if not data.sound("readings"):
        return
    read = data.frames["readings"].groupby(cells.CELL)["reading"]
    told = pd.DataFrame({"n": read.nunique(), "n_rows": read.size(), "said": read.first()})
    gaps = data.published[data.published["kind"].notna()].join(told, on=cells.CELL)
    gaps[["n", "n_rows"]] = gaps[["n", "n_rows"]].fillna(0).astype(int)
    for row in gaps.itertuples():
        n = row.n
        if row.kind == "disputed" and n < 2:
            rows = row.n_rows
            said = (
                f"every reading says {row.said!r}"
                if rows > 1
                else f"{count(rows, 'reading')} speak{'s' if rows == 1 else ''} to it"
            )
            message = f"is disputed, and {said}; two must differ"
            yield data.problem(row.table_name, row.line, row.field_name, "disputed", message)
        elif row.kind in ("unknown", "no_evidence_found", "not_coded") and n:
            message = f"is {row.kind}, and a reading speaks to it; publish the value or code disputed"
            yield data.problem(row.table_name, row.line, row.field_name, "unread", message)


def readings_fit_their_cell(data: Data) -> Iterator[Problem]:
    """A reading names a row that exists and an evidenced column of it, or the word record, and gives a value that column could hold."""
    read = data.frames["readings"]
    keys = {
        n: set(data.frames[n][t.primary_key[0]].dropna())
        for n, t in data.package.stored.items()
        if len(t.primary_key) == 1
    }
    for row in read.itertuples():
        where, value = ("readings", row.Index), row.reading
        if any(pd.isna(cell) for cell in (row.table_name, row.record_id, row.field_name, value)):
            continue  # reported as required
        table = data.package.stored.get(row.table_name)
        if table is None or not table.evidenced:
            yield data.problem(*where, "table_name", "reading-cell", f"{row.table_name!r} has no evidenced columns")
            continue
        if data.sound(table.name) and row.record_id not in keys[table.name]:
            message = f"{row.record_id!r} is no {table.primary_key[0]} of {table.path}"
            yield data.problem(*where, "record_id", "reading-cell", message)
        if row.field_name == cells.RECORD:
            if value not in cells.VERDICTS:
                message = f"{value!r}: on a row as a whole a reading says {', '.join(cells.VERDICTS)}"
                yield data.problem(*where, "reading", "reading-value", message)
            continue
        field = next((f for f in table.evidenced if f.name == row.field_name), None)
        if field is None:
            message = f"{row.field_name!r} is no evidenced column of {table.name}: {', '.join(f.name for f in table.evidenced)}"
            yield data.problem(*where, "field_name", "reading-cell", message)
        elif unfit := _unfit(field, value):
            yield data.problem(*where, "reading", "reading-value", f"{value!r} {unfit}")


def _unfit(field: Field, value: str) -> str:
    """Why a text cannot be a value of the field, or nothing."""
    if field.type == "date":
        parts = value.split("-")
        if [len(p) for p in parts] != [4, 2, 2][: len(parts)] or not all(p.isdecimal() for p in parts):
            return "is not a date; write YYYY, YYYY-MM or YYYY-MM-DD"
        value = "-".join([*parts, "01", "01"][:3])
    if field.labels and value not in field.labels:
        return f"is not a code of {field.name}: {', '.join(field.labels)}"
    if field.pattern and not re.fullmatch(field.pattern, value):
        return f"does not have the form {field.pattern}"
    if fault := cell_fault(field, value):
        return fault[1]
    return f"is below {field.minimum:g}" if field.minimum is not None and float(value) < field.minimum else ""


def rows_have_readings(data: Data) -> Iterator[Problem]:
    """Every row of a table with evidenced columns has at least one reading, of a cell or of the row as a whole."""
    if not data.sound("readings"):
        return
    read = data.frames["readings"]
    for name, table in data.package.stored.items():
        if table.evidenced:
            key, frame = table.primary_key[0], data.frames[name]
            seen = set(read.loc[read["table_name"] == name, "record_id"])
            for line in frame.index[frame[key].notna() & ~frame[key].isin(seen)]:
                yield data.problem(name, line, key, "no-reading", f"no reading speaks to {frame.at[line, key]!r}")


def sources_read_and_used(data: Data) -> Iterator[Problem]:
    """A source is not published after the day it was read, supports at least one evidence row, and no value rests only on sources not seen."""
    first, _ = data.spans("sources", "published")
    frame = data.frames["sources"]
    for line in frame.index[(first > frame["accessed"]).fillna(False)]:
        message = f"is after accessed, {frame.at[line, 'accessed']:%Y-%m-%d}"
        yield data.problem("sources", line, "published", "published-after-access", message)
    if data.sound("evidence"):
        for line in frame.index[~frame["citekey"].isin(data.frames["evidence"]["citekey"])]:
            yield data.problem("sources", line, "citekey", "unused-source", "supports no evidence row")
    if data.sound("readings", "evidence", "sources"):
        read = data.readings[data.readings["agreement"].isin(["supports", "yes"]) & data.readings["access"].notna()]
        seen = read.assign(seen=read["access"] != "not_seen").groupby(cells.CELL, as_index=False)["seen"].any()
        for row in seen[~seen["seen"].astype(bool)].itertuples():
            for line in _lines_of(data, row.table_name, row.record_id):
                column = "" if row.field_name == cells.RECORD else row.field_name
                yield data.problem(row.table_name, line, column, "not-seen", "rests only on sources nobody has read")


def _lines_of(data: Data, table: str, record: str) -> pd.Index:
    """The lines of a record; none where it, or its table, does not exist."""
    if table not in data.frames:
        return pd.Index([])
    frame = data.frames[table]
    return frame.index[(frame[data.package.stored[table].primary_key[0]] == record).fillna(False)]


def one_of_each(data: Data) -> Iterator[Problem]:
    """A case has exactly one primary request, and a request at most one final decision in each forum."""
    if not data.sound("cases", "requests", "decisions"):
        return
    primary = data.frames["requests"]
    primary = primary[primary["is_primary"].fillna(False)]
    for line, case in data.frames["cases"]["case_id"].dropna().items():
        n = int((primary["case_id"] == case).sum())
        if n != 1:
            message = f"{case!r} has {n} primary requests; exactly one request must be is_primary"
            yield data.problem("cases", line, "case_id", "one-primary", message)
    final = data.frames["decisions"]
    final = final[final["is_final"].fillna(False)]
    for line in final.index[final.duplicated(["request_id", "forum"])]:
        message = f"another decision already settles {final.at[line, 'request_id']} in this forum"
        yield data.problem("decisions", line, "is_final", "one-final", message)


def columns_agree(data: Data) -> Iterator[Problem]:
    """An adversary state is named only where the adversary is a state; where help was declined or not decided, no troops or materiel were given; a rationale and its decision belong to one case."""
    requests = data.frames["requests"]
    odd = requests["adversary_state"].notna() & ~requests["adversary_type"].isin(["state", "member_state"]).fillna(
        False
    )
    for line in requests.index[odd]:
        message = f"is {requests.at[line, 'adversary_state']}, and the adversary is no state"
        yield data.problem("requests", line, "adversary_state", "adversary", message)
    decisions = data.frames["decisions"]
    for column in ("given_troops", "given_materiel"):
        odd = decisions["outcome"].isin(["declined", "no_decision"]).fillna(False) & decisions[column].fillna(False)
        for line in decisions.index[odd]:
            message = f"is true, and the outcome is {decisions.at[line, 'outcome']}"
            yield data.problem("decisions", line, column, "outcome-given", message)
    if data.sound("requests", "decisions", "rationales"):
        case_of = decisions.merge(requests[["request_id", "case_id"]], on="request_id").drop_duplicates("decision_id")
        cases = case_of.set_index("decision_id")["case_id"]
        rationales = data.frames["rationales"]
        other = rationales["decision_id"].map(cases)
        for line in rationales.index[(other.notna() & (other != rationales["case_id"])).fillna(False)]:
            message = f"belongs to {other[line]}, and the rationale to {rationales.at[line, 'case_id']}"
            yield data.problem("rationales", line, "decision_id", "one-case", message)


def cases_follow_the_rule(data: Data) -> Iterator[Problem]:
    """A candidate that meets every criterion of the inclusion rule became a case; a candidate that became one meets them all or is a founding case; every case has a candidate of its name."""
    if "candidates" not in data.parsed or not data.sound("candidates", "cases"):
        return
    register, cases = data.frames["candidates"], data.frames["cases"]
    verdict = include(register)
    founding = cases.loc[cases["core"].fillna(False), "case_id"]
    became = register["case_id"].notna()
    for line in register.index[verdict["included"].astype(bool) & ~became]:
        message = "meets every criterion and is no case; name its case or correct a criterion"
        yield data.problem("candidates", line, "case_id", "inclusion", message)
    for line in register.index[~verdict["included"].astype(bool) & became & ~register["case_id"].isin(founding)]:
        message = f"fails at {verdict.at[line, 'failed']} and is neither left out nor a founding case"
        yield data.problem("candidates", line, "case_id", "inclusion", message)
    for line in cases.index[~cases["case_id"].isin(register["case_id"])]:
        yield data.problem("cases", line, "case_id", "inclusion", "no candidate became this case")


def searches_behind_no_evidence(data: Data) -> Iterator[Problem]:
    """A cell coded no_evidence_found has at least one row in searches; a search or a blind coding names a cell that exists."""
    searched: set[tuple[str, str, str]] = set()
    if "searches" in data.parsed and data.sound("searches"):
        rows = data.frames["searches"]
        searched = set(zip(rows["table_name"], rows["record_id"], rows["field_name"], strict=True))
    for name, parsed in data.parsed.items():
        key = parsed.table.primary_key[0]
        for column in parsed.kinds.columns:
            for line in parsed.kinds.index[(parsed.kinds[column] == "no_evidence_found").fillna(False)]:
                if (name, parsed.frame.at[line, key], column) not in searched:
                    message = "is no_evidence_found, and searches has no search for it"
                    yield data.problem(name, line, column, "no-search", message)
    for name in ("searches", "codings"):
        if name in data.parsed:
            yield from _cells_exist(data, name)


def _cells_exist(data: Data, name: str) -> Iterator[Problem]:
    frame = data.frames[name]
    for row in frame.dropna(subset=["table_name"]).itertuples():
        table = data.package.stored.get(row.table_name)
        if table is None or row.field_name not in table.names:
            message = f"{row.table_name}.{row.field_name} is no column"
            yield data.problem(name, row.Index, "field_name", "no-cell", message)
        elif data.sound(table.name) and not (data.frames[table.name][table.primary_key[0]] == row.record_id).any():
            message = f"{row.record_id!r} is no {table.primary_key[0]} of {table.path}"
            yield data.problem(name, row.Index, "record_id", "no-cell", message)


RULES: tuple[Callable[[Data], Iterator[Problem]], ...] = (
    dates_agree_with_precision,
    end_not_before_start,
    decision_not_before_request,
    low_best_high,
    contributions_by_members,
    positions_by_members,
    rationales_have_dated_source,
    layers_apart,
    evidenced_cells_have_readings,
    missing_cells_agree_with_readings,
    readings_fit_their_cell,
    rows_have_readings,
    sources_read_and_used,
    one_of_each,
    columns_agree,
    cases_follow_the_rule,
    searches_behind_no_evidence,
)
