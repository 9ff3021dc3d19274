"""Cells that no longer fit each other, their readings changed alike so that only the rule can object; and what only the version before can show."""

from __future__ import annotations

import functools
from datetime import date, timedelta

from planting import KEPT, MISSING, TABLES, Book, Edit, Row, Spot, cell_of, shipped
from spoil_cells import FLIPPED, Change, day, need
from spoil_rows import changed, other_value


def alike(book: Book, table: str, row: Row, column: str, new: str, *also: Spot) -> Edit:
    """A cell and the readings behind it changed alike; named at the cell."""
    return Edit(book.alike(table, row, column, new), [(table, row, column)], list(also))


def dates(row: Row) -> list[str]:
    """The columns of a row with dates known to the day."""
    return [n for n in row if f"{n}_precision" in row and day(row[n]) and row[f"{n}_precision"] == "day"]


def days_from(book: Book, day_: str, sign: int) -> str:
    """A day some time before or after another."""
    return str(date.fromisoformat(day_) + sign * timedelta(days=book.rng.randint(1, 400)))


def ends_early(book: Book, table: str, row: Row) -> Edit:
    """An end before its start."""
    start = book.rng.choice([n for n in dates(row) if "start" in n and n.replace("start", "end") in dates(row)])
    return alike(book, table, row, start.replace("start", "end"), days_from(book, row[start], -1))


def decided_early(book: Book, table: str, row: Row) -> Edit:
    """A decision before its request."""
    asked = book.by_key["requests", row["request_id"]]
    need("date" in dates(row) and "date" in dates(asked))
    return alike(book, table, row, "date", days_from(book, asked["date"], -1), ("requests", asked, "*"))


def after_access(book: Book, table: str, row: Row) -> Edit:
    """A source published, or words reported, after the day on which the source was read."""
    name, source = {"sources": "published", "evidence": "date"}[table], book.by_key["sources", row["citekey"]]
    need(name in dates(row))
    return changed((table, row, name), days_from(book, source["accessed"], 1), ("sources", source, "accessed"))


def low_above(book: Book, table: str, row: Row) -> Edit:
    """A lowest figure above the best or the highest, or a best above the highest."""
    known = [n for n in row if n.endswith(("_low", "_best", "_high")) and row[n].isdecimal()]
    low, high = book.rng.choice([
        (f"{stem}_{a}", f"{stem}_{b}")
        for stem in sorted({n.rpartition("_")[0] for n in known})
        for a, b in (("low", "best"), ("low", "high"), ("best", "high"))
        if {f"{stem}_{a}", f"{stem}_{b}"} <= set(known)
    ])  # fmt: skip
    return alike(book, table, row, low, str(int(row[high]) + book.rng.randint(1, 99)))


def figure(column: str) -> bool:
    """Whether a column is one of the lowest, best and highest figure for a thing."""
    return column.endswith(("_low", "_best", "_high"))


def beyond(book: Book, table: str, row: Row) -> Edit:
    """A reading of a figure made higher than the highest, which is named."""
    need(figure(row["field_name"]) and row["field_name"].endswith("_best"))
    record, high = book.by_key[cell_of(row)[:2]], f"{row['field_name'].removesuffix('best')}high"
    need(record[high].isdecimal())
    spot = (row["table_name"], record, high)
    return Edit([((table, row, "reading"), str(int(record[high]) + book.rng.randint(1, 99)))], [spot], [(row["table_name"], record, "*")])  # fmt: skip


def merged_again(book: Book, table: str, row: Row) -> Edit:
    """An id that was merged into a row given to another row too."""
    need(row["merged_ids"] not in MISSING)
    other = book.pick(table, lambda r: r["merged_ids"] in MISSING)
    return changed((table, other, "merged_ids"), row["merged_ids"], (table, row, "merged_ids"))


def no_member(book: Book, table: str, row: Row) -> Edit:
    """A contribution marked as a non-member's though its state was a party, or the other way round."""
    need("start_date" in dates(row))
    spells = [("memberships", r, "*") for r in book.rows["memberships"] if book.id[id(r)][:3] == row["state"].lower()]
    return alike(book, table, row, "framework", "national" if row["framework"] == "non_member" else "non_member", *spells)  # fmt: skip


def outsider(book: Book, table: str, row: Row) -> Edit:
    """A position of a state that never was a party."""
    members = {r["state"] for r in shipped()["memberships"]}
    new, case = book.pick("states", lambda s: s["iso3c"] not in members), book.by_key["cases", row["case_id"]]
    also = [("states", new, KEPT), ("cases", case, "start_date"), ("cases", case, KEPT)]
    return changed((table, row, "state"), new["iso3c"], *also)


def primary(book: Book, table: str, row: Row) -> Edit:
    """A second primary request of a case, or none; named at the case."""
    also = [(table, r, "*") for r in book.rows[table] if r["case_id"] == row["case_id"]]
    case = ("cases", book.by_key["cases", row["case_id"]], "case_id")
    return Edit([((table, row, "is_primary"), FLIPPED[row["is_primary"]])], [case], also)


def final(book: Book, table: str, row: Row) -> Edit:
    """A second final decision on a request in one forum."""
    same = [r for r in book.rows[table] if all(r[n] == row[n] for n in ("request_id", "forum"))]
    need(row["is_final"] == "false" and any(r["is_final"] == "true" for r in same))
    return changed((table, row, "is_final"), "true", *((table, r, "*") for r in same))


def no_state(book: Book, table: str, row: Row) -> Edit:
    """An adversary that is no state, beside the name of one; named at the name."""
    need(row["adversary_state"] not in MISSING)
    codes = [v for v in TABLES[table].field("adversary_type").labels if v not in ("state", "member_state")]
    return Edit(book.alike(table, row, "adversary_type", book.rng.choice(codes)), [(table, row, "adversary_state")])


def belongs(book: Book, table: str, row: Row) -> Edit:
    """A reason whose ask or answer is taken away, or that says that it is about the case; named at the id."""
    name = "ask_id" if row["ask_id"] not in MISSING else "answer_id"
    need(row[name] not in MISSING)
    if book.rng.random() < 0.5:
        return Edit([((table, row, name), "not_applicable")], [(table, row, name)])
    return Edit([((table, row, "belongs_to"), "case")], [(table, row, name)])


def obliging(book: Book, table: str, row: Row) -> Edit:
    """A text that obliges though the facts do not meet it; named at what the text says."""
    need(row["trigger_facts"] != "met" and row["text_says"] not in ("obliges", "not_in_force"))
    return alike(book, table, row, "text_says", "obliges")


@functools.cache
def case_of(table: str, record: str) -> str:
    """The case a shipped row belongs to."""
    if table == "cases":
        return record
    row = next(r for r in shipped()[table] if r[TABLES[table].primary_key[0]] == record)
    link = next(
        n for n in ("case_id", "request_id", "decision_id", "ask_id") if n in row and n not in TABLES[table].primary_key
    )
    return case_of(link.replace("_id", "s"), row[link])


def other_case(name: str) -> Change:
    """A row given to another case, or to a request or decision of another case."""

    def make(book: Book, table: str, row: Row) -> Edit:
        need(row[name] not in MISSING)
        target, mine = name.replace("_id", "s"), case_of(table, book.id[id(row)])
        new = book.pick(target, lambda r: case_of(target, book.id[id(r)]) != mine)
        whole = target != "cases" or "is_primary" in row  # which a case has once
        also = [(target, new, "*" if whole else KEPT), ("cases", book.by_key["cases", case_of(target, book.id[id(new)])], KEPT)]  # fmt: skip
        owner = new  # the chain by which the other row belongs to its case
        for link in ("decision_id", "request_id"):
            if link in owner and link not in TABLES[target].primary_key:
                owner = book.by_key[link.replace("_id", "s"), owner[link]]
                also.append((link.replace("_id", "s"), owner, "*"))
        return changed((table, row, name), book.id[id(new)], *also)

    return make


def other_state(book: Book, table: str, row: Row) -> Edit:
    """A row given to another state."""
    new = book.pick("states", lambda s: s["iso3c"] != row["state"])
    return changed((table, row, "state"), new["iso3c"], ("states", new, KEPT))


def excluded(book: Book, table: str, row: Row) -> Edit:
    """A case that its candidate no longer names; named at the case."""
    case = ("cases", book.by_key["cases", row["case_id"]], "case_id")
    return Edit([((table, row, "case_id"), "not_applicable")], [case])


def criterion(book: Book, table: str, row: Row) -> Edit:
    """A case that no longer meets an inclusion criterion; named at the candidate's case."""
    case = book.by_key["cases", row["case_id"]]
    need(case["core"] == "false")
    cells = book.alike(table, row, book.rng.choice(("was_party", "sought_help", "named_threat")), "false")
    return Edit(cells, [(table, row, "case_id")], [("cases", case, "core")])


def coarser(book: Book, table: str, row: Row) -> Edit:
    """A day called a month or a year; named at the date."""
    name = book.rng.choice(dates(row))
    new = book.rng.choice([p for p, rest in (("month", "-01"), ("year", "-01-01")) if not row[name].endswith(rest)])
    return Edit([((table, row, f"{name}_precision"), new)], [(table, row, name)])


def one_gap(book: Book, table: str, row: Row) -> Edit:
    """A date and its precision missing for different reasons, or one of them alone; named at the precision."""
    name = book.rng.choice([n for n in row if f"{n}_precision" in row])
    new, place = book.rng.choice(("", "unknown", "not_applicable", "withheld")), name + book.rng.choice(("", "_precision"))  # fmt: skip
    need(row[place] != new)
    return Edit([((table, row, place), new)], [(table, row, f"{name}_precision")])


def taken(book: Book, table: str, row: Row) -> Edit:
    """A value that must be unique copied from another row; named at both."""
    name = book.rng.choice([f.name for f in TABLES[table].fields if f.unique])
    need(row[name] not in MISSING)
    model = book.pick(table, lambda r: r is not row and r[name] not in MISSING)
    return Edit([((table, row, name), model[name])], [(table, r, name) for r in (row, model)])


def coded(book: Book, row: Row) -> bool:
    """Whether a blind coder coded the evidence of a reading, so that the reading is held against the coding."""
    return any(r["table_name"] == "evidence" and r["record_id"] == row["evidence_id"] for r in book.rows["codings"])


def resourced(book: Book, table: str, row: Row) -> Edit:
    """Evidence given to another source that was read, its own keeping other evidence."""
    need(sum(r["citekey"] == row["citekey"] for r in book.rows[table]) > 1 and day(row["date"]))
    new = book.pick("sources", lambda s: s["access"] != "not_seen" and s["citekey"] != row["citekey"])
    return changed((table, row, "citekey"), new["citekey"], ("sources", new, "*"))


def conflicting_drifted(book: Book, table: str, row: Row) -> Edit:
    """A reading that differs from the published value made to differ otherwise."""
    need(row["field_name"] != "record" and not coded(book, row) and not figure(row["field_name"]))
    said = book.said(row["table_name"], book.by_key[cell_of(row)[:2]], row["field_name"])
    new = other_value(book, table, row)
    need(said not in MISSING and said not in (new[: len(said)], row["reading"][: len(said)]))
    return changed((table, row, "reading"), new)


def repeat_lost(book: Book, table: str, row: Row) -> Edit:
    """One of several readings that say the same lost."""
    need(sum(r["reading"] == row["reading"] for r in book.read[cell_of(row)]) > 2 and not coded(book, row))
    return Edit(lost=[(table, row)], at=[(table, row, "reading")])


def plain_lost(book: Book, table: str, row: Row) -> Edit:
    """A row lost to which nothing refers."""
    return Edit(lost=[(table, row)], at=[(table, row, TABLES[table].primary_key[0])])


def all_lost(book: Book, table: str, row: Row) -> Edit:
    """A record lost and its readings with it."""
    near = [(t, r) for t, r, _ in book.referring[table, book.id[id(row)]]]
    need(all(t == "readings" and not coded(book, r) for t, r in near) and row.get("candidate_id") != row["case_id"])
    return Edit(lost=[(table, row), *near], at=[(table, row, TABLES[table].primary_key[0])])
