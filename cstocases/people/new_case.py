"""A new case as one TOML sheet: the candidate, the case, its requests, decisions and positions, and what sources say of them."""

from __future__ import annotations

import re

import pandas as pd

from cstocases.errors import CstocasesError, Problem, UnknownNameError, quoted
from cstocases.markup import plain
from cstocases.people.case_rows import KINDS, OF_SEARCH, UNASKED, Case, Kind, events, searches
from cstocases.people.coders import counted, signed, who, who_toml
from cstocases.people.draft import Address, Draft, line_of, near, present, read, today
from cstocases.people.proposal import Proposal, ReturnError
from cstocases.people.statements import (
    BLANK_SOURCE,
    SOURCE_KEYS,
    STATEMENT_KEYS,
    reading,
    source,
    statement,
    statement_keys,
)
from cstocases.people.stubs import codes, keys, kinds_of_missing, quote, sheet
from cstocases.people.toml_lines import Path
from cstocases.people.trial import applied, tried
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import include

KEYS = ("cstocases", "case_id", "by", "shown_as", *(kind.block for kind in KINDS), "search", "source", "statement")


def case_toml(data: Data, state: str, case_id: str, coder: str = "") -> str:
    """A sheet for a new case, to be filled in: TOML with every column, its codes as remarks, and a position for every other party.

    Raises:
        UnknownNameError: no such state.
        CstocasesError: the id is a case already, or not one of the state and a year.
    """
    package, states = data.package, data.parsed["states"].texts["iso3c"].tolist()
    if state not in states:
        raise UnknownNameError("state", state, states)
    if not re.fullmatch(f"{state.lower()}-[0-9]{{4}}(-[0-9]+)?", case_id):
        few = f"{state.lower()}-YEAR, or {state.lower()}-YEAR-2"
        raise CstocasesError(f"{quoted(case_id)} is no id of a case; write {few}")
    if line_of(data, "cases", case_id) is not None:
        raise CstocasesError(f"{case_id} is a case already; `cstocases sheet correction` is for its cells")
    return sheet(
        "case",
        case_id=quote(case_id),
        missing=kinds_of_missing(package),
        who=who_toml(data, coder),
        blocks=[line for kind in KINDS for line in _block(data, kind, state, case_id)],
        search=keys(package.table("searches"), {"searched": today()}, leave=OF_SEARCH),
        source=keys(package.table("sources"), {"accessed": today()}, leave=["citekey"], blank=BLANK_SOURCE),
        statement=statement_keys(package, {"case_id": case_id}),
        events=codes(package.table("events").field("event_kind")),
        known=_known(data, case_id),
    )


def _block(data: Data, kind: Kind, state: str, case_id: str) -> list[str]:
    """The lines of a block of this kind; of positions one for each other party."""
    table = data.package.table(kind.table)
    values = {"state": state, "core": "false", "is_primary": "true"}
    head = f"[[{kind.block}]]" if kind.many else f"[{kind.block}]"
    if kind.block == "candidate" and line_of(data, kind.table, case_id) is not None:
        values |= {name: present(data, kind.table, case_id, name) for name in table.names}
        verdict = include(data.frames["candidates"]).set_index("candidate_id").loc[case_id]
        if not verdict["included"]:
            why = f"it fails at {verdict['failed']}; as long as it does, it is no case: cstocases why {case_id}"
            return [f"# As the data have it, {why}", head, *keys(table, values, leave=kind.own, star=" *"), ""]
    says = {
        "id": "# A word or two for the id, joined by -",
        "request": "# The id of its request; may stay blank if there is one",
        "decision": "# The id of its decision; may stay blank if there is one",
        "ask": f"# The kind of help asked for, of its ask; {UNASKED} if nobody had asked",
    }
    own = [line for key in kind.keys for line in (says[key], f'{key} = ""')]
    if kind.block == "contribution":  # most cases have none
        rows = ["Where forces or goods were sent, for each state, without the # at the left:", head, *own]
        return [*(f"# {line}" for line in (*rows, *keys(table, {}, leave=kind.own, star=" *"))), ""]
    if kind.block != "position":
        return [head, *own, *keys(table, values, leave=kind.own, star=" *"), ""]
    lines = list[str]()
    for party, name in parties(data, case_id).items():
        if party != state:
            given = {"state": party, "actor": f"Government of {name}"}
            lines += [head, *keys(table, given, leave=kind.own, star=" *", remarks=not lines), ""]
    return lines


def _known(data: Data, case_id: str) -> list[str]:
    """A statement for each proposition that the data have on the occasion, so that more can be said of it."""
    read, evidence = (data.parsed[name].texts for name in ("readings", "evidence"))
    ids = read.loc[(read["table_name"] == "candidates") & (read["record_id"] == case_id), "evidence_id"]
    lines = ["", "# What the data have on the occasion: add what each says of the case, as above."] * bool(len(ids))
    for _, row in evidence[evidence["evidence_id"].isin(ids)].iterrows():
        keys_ = {"source": row["citekey"], "topic": row["topic"], "words": row["statement"]}
        lines += ["[[statement]]", *(f"{key} = {quote(text)}" for key, text in keys_.items()), "[statement.says]", ""]
    return lines


def parties(data: Data, case_id: str) -> dict[str, str]:
    """The states that had signed the Treaty, or acceded to it, and not left it in the year of a case: code and name."""
    year = int(case_id.split("-")[1])
    spells = data.frames["memberships"]
    spells = spells[(spells["bound_by"] == "treaty").fillna(False)]
    began = spells[["signed_date", "start_date"]].min(axis=1) < pd.Timestamp(year + 1, 1, 1)
    there = spells.loc[began & ~(spells["end_date"] < pd.Timestamp(year, 1, 1)), "state"]
    names = data.parsed["states"].texts.set_index("iso3c")["name"]
    return {str(state): str(names[state]) for state in sorted(there.unique())}


def proposal(data: Data, text: str, name: str) -> Proposal:
    """What a filled new case would do to the data; nothing, and a line that says so, if it is in them already.

    Where the sheet itself is at fault, what `validate` would find in its rows is told with that, so that all that is lacking
    comes at once. A sheet without such faults is left to the validation of the copy that it is entered in; `lines` and
    `trial.tried` tell the line of what that finds.

    Raises:
        ReturnError: it cannot be entered; every reason with its line.
    """
    draft = read(data, text, name)
    draft.only((), KEYS)
    coder = who(draft)
    case = Case(draft, _case_id(draft))
    _statements(case, events(case), _sources(draft))
    searches(case)
    _crosswalk(draft, case.id)
    _drop_known(draft)
    made = Proposal("case", draft.rows, case.cells, "", [], draft.lines)
    if made.empty and not draft.problems:
        return made._replace(said=[f"{name} adds nothing: the data have all of it"])
    for path, key in draft.offered:
        message = f"the data have this source; take out the block and write source = {quote(key)}"
        draft.wrong((*path, "url"), "known-source", message)
    if line_of(data, "cases", case.id) is not None:
        message = f"{case.id} is a case already, and not as it is here; correct its cells one by one"
        draft.wrong(("case_id",), "case", message)
    if draft.problems:
        raise ReturnError([*draft.problems, *_further(draft, made, name)])
    title = next((plain(row["title"]) for row in draft.rows.get("cases", [])), case.id)
    said = counted(draft, coder)
    told = f"- {case.id}: a new case, {title}. Rows of {', '.join(draft.rows)}."
    return made._replace(changelog=signed(draft, told), said=said)


def _case_id(draft: Draft) -> str:
    case_id = draft.text("case_id")
    if not re.fullmatch(r"[a-z]{3}-[0-9]{4}(-[0-9]+)?", case_id):
        message = f"{quoted(case_id)} is no id of a case; write the state and the year: kgz-2010"
        draft.wrong(("case_id",), "lacking", message)
    return case_id


def _sources(draft: Draft) -> dict[str, str]:
    """The citekeys of the sources described, by label."""
    labels: dict[str, str] = {}
    for path in draft.blocks(("source",), True):
        label = draft.text(*path, "label")
        if not label or label in labels:
            lacking = "is not filled in; a word by which statements name it"
            draft.wrong((*path, "label"), "lacking", f"{quoted(label)} is another source too" if label else lacking)
        draft.only(path, ["label", *SOURCE_KEYS])
        labels[label], known = source(draft, path)
        if known:
            draft.offered.append((path, labels[label]))
    return labels


def _statements(case: Case, told: dict[Path, tuple[Address, str, bool]], labels: dict[str, str]) -> None:
    draft = case.draft
    known = draft.data.parsed["sources"].texts["citekey"].tolist()
    for path in draft.blocks(("statement",), True):
        draft.only(path, ["source", "event", *STATEMENT_KEYS])
        name = draft.text(*path, "source") or (next(iter(labels)) if len(labels) == 1 else "")
        key = labels.get(name, name if name in known else "")
        if not key:
            which = f"does not say which source; there are {', '.join(labels)}"
            draft.wrong((*path, "source"), "reference", near("source", name, [*labels, *known]) if name else which)
        evidence = statement(draft, path, key, case.id, case.resolve)
        for where, (cell, day, inferred) in told.items():
            if where[: len(path)] == path and (*cell, evidence) not in draft.read:
                reading(draft, where, cell, evidence, day, inferred)


def _crosswalk(draft: Draft, case_id: str) -> None:
    """A row for each outside data set, not yet looked at."""
    texts = draft.data.parsed["crosswalk"].texts
    for dataset in texts["dataset"].drop_duplicates():
        row = {"case_id": case_id, "dataset": dataset, "external_id": "unknown", "match_quality": "not_checked"}
        draft.add("crosswalk", {**row, "dataset_url": "not_applicable", "note": "not_applicable"}, ("case_id",))


def _drop_known(draft: Draft) -> None:
    """Leave out the rows that the data have as they are; of the crosswalk, those they have at all, as it may be looked at by now."""
    for name in list(draft.rows):
        table, texts = draft.package.table(name), draft.data.parsed[name].texts
        columns = list(table.primary_key) if name == "crosswalk" else table.names
        there = set(zip(*(texts[column].tolist() for column in columns), strict=True))
        left = [row for row in draft.rows.pop(name) if tuple(row[column] for column in columns) not in there]
        if left:
            draft.rows[name] = left


def _further(draft: Draft, made: Proposal, name: str) -> list[Problem]:
    """What `validate` would find in the rows, but where something else is known to be wrong."""
    lines = {problem.line for problem in draft.problems}
    doubtful = {"/".join(cell) for cell in draft.doubtful}
    found = tried(draft.data, made, applied(draft.data, made), name)[1]
    return [one for one in found if (one.path != name or one.line not in lines) and one.column not in doubtful]
