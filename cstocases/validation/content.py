"""Rules on the contents of the tables, such as dates, members and ids. Each docstring is a line in the codebook."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.errors import Problem, quoted
from cstocases.parsing.joins import is_in, lookup
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import include
from cstocases.validation.law import texts_are_tested_as_read
from cstocases.validation.spelling import missing_codes_as_listed, names_spelt_one_way

SPELLS = (("start_date", "end_date"), ("deployment_start", "deployment_end"))
OF_CASE = ("requests", "positions", "rationales", "explanations", "events")
OF_STATE = ("candidates", "cases", "contributions", "positions", "memberships", "offices")
TRIOS = ("deaths", "authorised", "deployed", "personnel")


def dates_agree_with_precision(data: Data) -> Iterator[Problem]:
    """A date known to the month is written as its first day, one known to the year as 1 January; date and precision are missing together and with the same missing-value code."""
    rule = "date-precision"
    for name, parsed in data.parsed.items():
        for f in parsed.table.fields:
            precision = parsed.table.precision_of(f.name)
            if f.type != "date" or precision is None:
                continue
            date, how = parsed.frame[f.name], parsed.frame[precision]
            kind, how_kind = (
                pc.fill_null(pa.array(parsed.missing_codes[column]), "given") for column in (f.name, precision)
            )
            apart = pc.not_equal(kind, how_kind)
            for place in pc.indices_nonzero(apart).to_pylist():
                said = how.iloc[place] if how_kind[place].as_py() == "given" else how_kind[place]
                message = f"is {said}, but the date is {kind[place]}"
                yield data.problem(name, date.index[place], precision, rule, message)
            coarse = pc.is_in(pa.array(how), value_set=pa.array(["month", "year"], pa.large_string()))
            days = date[pc.and_not(coarse, apart).to_numpy(zero_copy_only=False)].dropna()
            if days.empty:
                continue
            by_year = how[days.index] == "year"
            for line in days.index[(days.dt.day != 1) | (days.dt.month != 1) & by_year]:
                known, written = ("year", "1 January") if by_year[line] else ("month", "its first day")
                yield data.problem(name, line, f.name, rule, f"known to the {known} must be written as {written}")


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
    start = lookup(data.frames["decisions"]["request_id"], data.frames["requests"]["request_id"], asked)
    _, decided = data.spans("decisions", "date")
    for line in decided.index[decided < start]:
        message = f"is before the request {data.frames['decisions'].at[line, 'request_id']} of {start[line]:%Y-%m-%d}"
        yield data.problem("decisions", line, "date", "decision-before-request", message)


def low_best_high(data: Data) -> Iterator[Problem]:
    """Of three figures for one thing the lowest is not above the best, nor the best above the highest; a best figure says why it is preferred."""
    for name, parsed in data.parsed.items():
        for stem in TRIOS:
            columns = [c for c in (f"{stem}_low", f"{stem}_best", f"{stem}_high") if c in parsed.table.names]
            for lower, upper in [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :]]:
                frame = parsed.frame
                for line in frame.index[(frame[lower] > frame[upper]).fillna(False)]:
                    message = f"{frame.at[line, lower]} is above {upper}, {frame.at[line, upper]}"
                    yield data.problem(name, line, lower, "low-best-high", message)
            best, reason = f"{stem}_best", f"{stem}_reason"
            if {best, reason} <= set(parsed.table.names):
                for line in parsed.frame.index[parsed.frame[best].notna() & parsed.frame[reason].isna()]:
                    message = f"is missing; say why {parsed.frame.at[line, best]} is preferred in {best}"
                    yield data.problem(name, line, reason, "no-reason", message)


def _party(data: Data, states: pd.Series, days: pd.Series, signed: bool = False) -> pd.Series:
    """Whether each state was bound by the Treaty, or if so wanted had signed it, on each day. Dtype: bool."""
    spells = data.frames["memberships"]
    if signed:
        spells = spells.assign(start_date=spells[["signed_date", "start_date"]].min(axis=1))
    spells = spells[(spells["bound_by"] == "treaty").fillna(False) & ~(spells["end_date"] < spells["start_date"])]
    bound = pd.Series(False, index=states.index)
    known = days[days.notna()]
    spells_of = dict(list(spells.groupby("state")))
    for state, asked in known.groupby(states[known.index]):
        if state in spells_of:
            # More have begun by the day than have ended before it. A join would pair every day with every spell.
            began, ended = (spells_of[state][name].dropna().sort_values() for name in ("start_date", "end_date"))
            bound[asked.index] = began.searchsorted(asked, side="right") > ended.searchsorted(asked, side="left")
    return bound


def contributions_by_members(data: Data) -> Iterator[Problem]:
    """The state behind a contribution was a party to the Treaty on the day the contribution began, or was decided if that day is unknown; otherwise its framework is non_member."""
    if not data.sound("contributions", "decisions", "memberships"):
        return
    frame, decisions = data.frames["contributions"], data.frames["decisions"]
    began, decided = data.spans("contributions", "start_date"), data.spans("decisions", "date")
    # A day known to the month or year may be any day of it.
    first, last = (
        own.fillna(lookup(frame["decision_id"], decisions["decision_id"], other))
        for own, other in zip(began, decided, strict=True)
    )
    at_first, at_last = (_party(data, frame["state"], day) for day in (first, last))
    foreign = (frame["framework"] == "non_member").fillna(False).astype(bool)
    odd = first.notna() & frame["framework"].notna() & (at_first & at_last & foreign | ~(at_first | at_last | foreign))
    for line in frame.index[odd]:
        state, framework = frame.at[line, "state"], frame.at[line, "framework"]
        message = f'is "{framework}" but {state} was {"a" if foreign[line] else "no"} party on {first[line]:%Y-%m-%d}'
        yield data.problem("contributions", line, "framework", "contributor-member", message)


def positions_by_members(data: Data) -> Iterator[Problem]:
    """A position is that of a state that had signed the Treaty, or acceded to it, and not left it when the case began."""
    if not data.sound("positions", "cases", "memberships"):
        return
    frame, cases = data.frames["positions"], data.frames["cases"]
    first, last = (lookup(frame["case_id"], cases["case_id"], day) for day in data.spans("cases", "start_date"))
    party = _party(data, frame["state"], first, signed=True) | _party(data, frame["state"], last, signed=True)
    for line in frame.index[first.notna() & frame["state"].notna() & ~party]:
        message = f"{frame.at[line, 'state']} was no party on {first[line]:%Y-%m-%d}"
        yield data.problem("positions", line, "state", "position-member", message)


def one_of_each(data: Data) -> Iterator[Problem]:
    """A case has exactly one primary request, and a request at most one final decision in each forum."""
    if not data.sound("cases", "requests", "decisions"):
        return
    requests, cases = data.frames["requests"], data.frames["cases"]["case_id"].dropna()
    primary = cases.map(requests.loc[requests["is_primary"].fillna(False), "case_id"].value_counts()).fillna(0)
    unread = is_in(cases, requests.loc[requests["is_primary"].isna(), "case_id"].dropna())  # reported for that
    for line in cases.index[(primary != 1) & ~unread]:
        message = (
            f"{quoted(cases[line])} has {primary[line]:.0f} primary requests; exactly one request must be is_primary"
        )
        yield data.problem("cases", line, "case_id", "one-primary", message)
    final = data.frames["decisions"]
    final = final[final["is_final"].fillna(False)]
    for line in final.index[final.duplicated(["request_id", "forum"], keep=False)]:
        message = f"{final.at[line, 'request_id']} has another final decision in this forum"
        yield data.problem("decisions", line, "is_final", "one-final", message)


def columns_agree(data: Data) -> Iterator[Problem]:
    """An adversary state is named only where the adversary is a state; a rationale names the ask or the answer that it belongs to, of its own case, or neither where it belongs to the case."""
    requests = data.frames["requests"]
    odd = requests["adversary_state"].notna() & ~requests["adversary_type"].isin(["state", "member_state"]).fillna(
        False
    )
    for line in requests.index[odd]:
        message = f"is {requests.at[line, 'adversary_state']} but adversary_type is no state"
        yield data.problem("requests", line, "adversary_state", "adversary", message)
    if not data.sound("requests", "decisions", "asks", "answers", "rationales"):
        return
    said = data.frames["rationales"]
    for column, ids, cases in _cases_of_asks_and_answers(data):
        other = lookup(said[column], ids, cases)
        for line in said.index[(other.notna() & (other != said["case_id"])).fillna(False)]:
            message = f"belongs to {other[line]} but the rationale to {said.at[line, 'case_id']}"
            yield data.problem("rationales", line, column, "one-case", message)
        here = (said["belongs_to"] == column.removesuffix("_id")).fillna(False)
        for line in said.index[here != said[column].notna()]:
            message = f'is {"missing" if here[line] else "given"} but belongs_to is "{said.at[line, "belongs_to"]}"'
            yield data.problem("rationales", line, column, "belongs-to", message)


def _cases_of_asks_and_answers(data: Data) -> Iterator[tuple[str, pd.Series, pd.Series]]:
    """For asks and for answers the name of their key, their ids and the cases they belong to."""
    requests, decisions, asks, answers = (data.frames[n] for n in ("requests", "decisions", "asks", "answers"))
    yield "ask_id", asks["ask_id"], lookup(asks["request_id"], requests["request_id"], requests["case_id"])
    request = lookup(answers["decision_id"], decisions["decision_id"], decisions["request_id"])
    yield "answer_id", answers["answer_id"], lookup(request, requests["request_id"], requests["case_id"])


def ids_name_case_and_state(data: Data) -> Iterator[Problem]:
    """The id of a row that belongs to a case begins with the id of the case, and that of a case, a candidate, a contribution, a position, a membership or an office holds the letters of its state."""
    frames = data.frames
    requests, decisions = frames["requests"], frames["decisions"]
    asked = lookup(decisions["request_id"], requests["request_id"], requests["case_id"])
    links = {name: ("case_id", frames[name]["case_id"]) for name in (*OF_CASE, "legal_views") if name in frames}
    links["decisions"] = ("request_id", asked)
    if "asks" in frames:
        links["asks"] = (
            "request_id",
            lookup(frames["asks"]["request_id"], requests["request_id"], requests["case_id"]),
        )
    for name in (name for name in ("answers", "contributions") if name in frames):
        links[name] = ("decision_id", lookup(frames[name]["decision_id"], decisions["decision_id"], asked))
    known = data.frames["cases"]["case_id"]
    for name, (column, cases) in links.items():
        ids = data.frames[name][data.package.stored[name].primary_key[0]]
        belongs = is_in(cases, known) & ids.notna()
        for line, own, case in _rows(ids[belongs], cases):
            if not own.startswith(f"{case}-"):
                message = f"belongs to {case} but the id {own} does not begin with it"
                yield data.problem(name, line, column, "other-case", message)
    known = data.frames["states"]["iso3c"]
    for name in (name for name in OF_STATE if name in data.parsed):
        ids, states = data.frames[name][data.package.stored[name].primary_key[0]], data.frames[name]["state"]
        # After the state and the year of the case, where the id begins with them.
        start = "([a-z]+-[0-9]+|[0-9]+-[a-z]+)-" if name in ("contributions", "positions") else ""
        for line, own, state in _rows(ids[is_in(states, known) & ids.notna()], states):
            begins = re.match(start, own)
            if not begins or f"-{state.lower()}-" not in f"-{own[begins.end() :]}-":
                message = f"is {state} but the id {own} does not hold {state.lower()}"
                yield data.problem(name, line, "state", "other-state", message)


def _rows(ids: pd.Series, others: pd.Series) -> Iterator[tuple[int, str, str]]:
    """Line, id and another text of each row with these ids. As lists: a look into a frame for each line takes ten times as long."""
    return zip(ids.index, ids.tolist(), others[ids.index].tolist(), strict=True)


def cases_follow_the_criteria(data: Data) -> Iterator[Problem]:
    """A candidate that meets every inclusion criterion became a case; a candidate that became one meets them all or is a founding case; every case has a candidate with its id."""
    if "candidates" not in data.parsed or not data.sound("candidates", "cases"):
        return
    register, cases = data.frames["candidates"], data.frames["cases"]
    verdict = include(register)
    founding = cases.loc[cases["core"].fillna(False), "case_id"]
    became = register["case_id"].notna()
    for line in register.index[verdict["included"].astype(bool) & ~became]:
        message = "is missing but every inclusion criterion is met; name the case or correct a criterion"
        yield data.problem("candidates", line, "case_id", "inclusion", message)
    for line in register.index[~verdict["included"].astype(bool) & became & ~register["case_id"].isin(founding)]:
        message = (
            f"does not meet {verdict.at[line, 'failed']} and is no founding case; remove it or correct a criterion"
        )
        yield data.problem("candidates", line, "case_id", "inclusion", message)
    for line in register.index[(became & (register["case_id"] != register["candidate_id"])).fillna(False)]:
        message = f"is {register.at[line, 'case_id']} but must be {register.at[line, 'candidate_id']}, the id of the candidate"
        yield data.problem("candidates", line, "case_id", "inclusion", message)
    for line in cases.index[~cases["case_id"].isin(register["case_id"])]:
        yield data.problem("cases", line, "case_id", "inclusion", "has no candidate with its id in candidates")


RULES: tuple[Callable[[Data], Iterator[Problem]], ...] = (
    dates_agree_with_precision,
    end_not_before_start,
    decision_not_before_request,
    low_best_high,
    contributions_by_members,
    positions_by_members,
    one_of_each,
    columns_agree,
    ids_name_case_and_state,
    missing_codes_as_listed,
    names_spelt_one_way,
    cases_follow_the_criteria,
    texts_are_tested_as_read,
)
