"""Requests beside members: who was a party, what the text made a duty, and what each did."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from panels import Cells, changed, with_tests, written

import cstocases
from cstocases.dataset import data
from cstocases.derived.request_members import request_members
from cstocases.derived.rows import NOT_APPLICABLE, UNKNOWN
from cstocases.derived.spells import any_holds, last_day, span
from cstocases.resolution.data import Data


def of(found: Data) -> Cells:
    """The table of some data, cells as written."""
    return written(request_members(found), "request_id", "member")


@pytest.fixture(scope="module")
def rows() -> Cells:
    """The table of the shipped data."""
    return of(data())


def test_a_row_for_each_other_state_that_had_signed_and_not_left(rows: Cells) -> None:
    """Parties are those of memberships, signature enough; a month means its last day, and no date the year of the case."""
    treaties = cstocases.load("memberships").query("bound_by == 'treaty'")
    states = cstocases.load("cases").set_index("case_id")["state"]
    requests = cstocases.load("requests")
    day = requests["date"].mask(requests["date_precision"] == "month", requests["date"] + pd.offsets.MonthEnd(0))
    day = day.mask(requests["date_precision"] == "year", requests["date"] + pd.offsets.YearEnd(0))
    day = day.fillna(pd.Timestamp("2013-01-01"))  # of one request of tjk-2013
    expected = [
        (request, member)
        for request, case, on in zip(requests["request_id"], requests["case_id"], day, strict=True)
        for member in sorted(set(treaties["state"]))
        if member != states[case]
        and ((treaties["state"] == member) & (treaties["signed_date"] <= on) & ~(treaties["end_date"] <= on)).any()
    ]
    assert expected == list(rows)
    days = dict(zip(requests["request_id"], day.dt.strftime("%Y-%m-%d"), strict=True))
    assert [] == [row for row, found in rows.items() if days[row[0]] != found["reference_date"][:10]]
    assert {"KAZ", "KGZ", "RUS", "TJK", "UZB"} == {member for request, member in rows if request == "arm-1992-2-telegram"}  # fmt: skip


def days(request: str, contribution: str) -> str:
    """From the day of a shipped request to the first day of a contribution."""
    asked, came = (
        data().frames[name].set_index(f"{name[:-1]}_id").at[record, column]
        for name, record, column in (("requests", request, "date"), ("contributions", contribution, "start_date"))
    )
    return str((came - asked).days)


SHIPPED = {
    # The Treaty was signed and not in force; silence is no conduct.
    ("arm-1992-2-telegram", "KGZ"): {"treaty_bound": "False", "charter_bound": "False", "in_chair": "(not_applicable)", "stance_last": "(unknown)", "conduct": "(unknown)"},
    ("arm-1992-2-telegram", "KAZ"): {"stance_first": "neutral", "stance_source": "attributed", "conduct": "stood_aside"},
    # Asked of Russia alone, under a treaty of two; peacekeepers came.
    ("arm-2020-bilateral", "RUS"): {"asked_directly": "True", "bilateral_pact": "True", "member_cow": "365", "requester_gw": "371", "kinds_given": "troops", "personnel_best": "1960", "days_to_arrival": days("arm-2020-bilateral", "arm-2020-rus-peacekeepers"), "conduct": "forces", "vote": "(not_applicable)"},
    ("arm-2020-bilateral", "BLR"): {"asked_directly": "False", "bilateral_pact": "False", "stance_first": "neutral", "conduct": "favoured_adversary", "kept": "no_duty"},
    ("arm-2020-csto", "KAZ"): {"vote": "not_asked", "duty_help": "(not_applicable)", "kept": "no_duty"},
    ("arm-2022-appeal", "KAZ"): {"treaty_bound": "True", "vote": "against", "stance_first": "against", "stance_last": "aid_without_troops", "conduct": "spoke_for"},
    # Its words against help are from September, before this request.
    ("arm-2022-assessment", "KAZ"): {"vote": "(unknown)"},
    ("kaz-2022-appeal", "ARM"): {"in_chair": "True", "vote": "for", "kinds_given": "troops", "framework": "csto", "personnel_best": "100", "days_to_arrival": days("kaz-2022-appeal", "kaz-2022-arm"), "conduct": "forces"},
    ("kaz-2022-appeal", "BLR"): {"in_chair": "False", "personnel_best": "(no_evidence_found)", "days_to_arrival": "(unknown)", "conduct": "forces"},
    ("kaz-2022-appeal", "RUS"): {"kinds_given": "transport; troops", "personnel_best": "(unknown)", "days_to_arrival": days("kaz-2022-appeal", "kaz-2022-rus"), "conduct": "forces"},
    ("kgz-1999-silayev", "BLR"): {"treaty_bound": "True", "charter_bound": "False", "stance_last": "(disputed)", "conduct": "(disputed)"},
    # Troops for its own base answered nothing; they are not counted.
    ("kgz-2010-troops", "RUS"): {"kinds_given": "relief", "framework": "national", "personnel_best": "(not_applicable)", "days_to_arrival": days("kgz-2010-troops", "kgz-2010-rus-relief"), "vote": "against", "stance_first": "against", "stance_last": "aid_without_troops", "conduct": "non_military_help"},
    ("kgz-2010-troops", "UZB"): {"stance_source": "own", "vote": "against", "conduct": "opposed", "kinds_given": "(not_applicable)", "days_to_arrival": "(not_applicable)"},
    # A position known to the year alone does not count beside better ones.
    ("kgz-2010-troops", "KAZ"): {"stance_first": "aid_without_troops", "vote": "(unknown)"},
    ("kgz-2022-2-contingent", "TJK"): {"adversary_is_member": "True", "is_adversary": "True", "kept": "no_duty"},
    ("kgz-2022-2-contingent", "KAZ"): {"adversary_is_member": "True", "is_adversary": "False"},
    ("tjk-2013-border", "RUS"): {"in_chair": "(no_evidence_found)", "adversary_is_member": "(unknown)", "vote": "for"},
}  # fmt: skip


@pytest.mark.parametrize("row", SHIPPED, ids="/".join)
def test_shipped_rows(rows: Cells, row: tuple[str, str]) -> None:
    """What the shipped tables say of a request and a member."""
    assert SHIPPED[row] == {name: rows[row][name] for name in SHIPPED[row]}


def test_third_parties_are_not_members(rows: Cells) -> None:
    """Nobody is asked directly where a third party was, and there is no duty then."""
    third = cstocases.load("requests").query("addressee == 'third_party'")["request_id"]
    found = [row for (request, _), row in rows.items() if request in set(third)]

    assert {("False", "no_duty")} == {(row["asked_directly"], row["kept"]) for row in found}


# What is changed in which row, and which cells of which row move.
MOVES = {
    "a contribution of another kind": (("contributions", "kaz-2022-arm", {"contribution_kind": "relief"}), ("kaz-2022-appeal", "ARM"), {"kinds_given": "relief", "conduct": "non_military_help"}),
    "no contribution": (("contributions", "kaz-2022-arm", {}), ("kaz-2022-appeal", "ARM"), {"kinds_given": "(not_applicable)", "conduct": "spoke_for"}),
    "a later arrival": (("contributions", "kaz-2022-arm", {"start_date": "2022-01-09"}), ("kaz-2022-appeal", "ARM"), {"days_to_arrival": "4"}),
    "troops that were promised": (("answers", "kgz-2010-troops-kremlin-forces-protective", {"answer": "agreed"}), ("kgz-2010-troops", "RUS"), {"kinds_given": "relief; troops", "personnel_best": "270", "days_to_arrival": days("kgz-2010-troops", "kgz-2010-rus-kant"), "conduct": "forces"}),
    "another stance": (("positions", "kgz-2010-uzb-december", {"stance": "for_troops"}), ("kgz-2010-troops", "UZB"), {"stance_last": "for_troops", "conduct": "spoke_for"}),
    "a stance that others describe": (("positions", "kgz-2010-uzb-december", {"actor": "Islam Karimov, as a neighbour described him"}), ("kgz-2010-troops", "UZB"), {"stance_source": "attributed"}),
    "a last stance of which nothing is known": (("positions", "arm-2020-blr-recollection", {"stance": "unknown"}), ("arm-2020-bilateral", "BLR"), {"stance_last": "neutral", "conduct": "stood_aside"}),
    "a last stance in dispute": (("positions", "arm-2020-blr-recollection", {"stance": "disputed"}), ("arm-2020-bilateral", "BLR"), {"stance_last": "(disputed)", "stance_source": "(disputed)", "conduct": "(disputed)"}),
    "an alleged request": (("requests", "kaz-2022-appeal", {"status": "none_documented"}), ("kaz-2022-appeal", "ARM"), {"kept": "no_duty"}),
    "no agreement": (("decisions", "kaz-2022-appeal-csto", {"agreement_asked": "disputed"}), ("kaz-2022-appeal", "BLR"), {"vote": "(disputed)"}),
    "another addressee": (("requests", "kaz-2022-appeal", {"addressee": "russia"}), ("kaz-2022-appeal", "BLR"), {"asked_directly": "False"}),
    "an addressee in dispute": (("requests", "kaz-2022-appeal", {"addressee": "disputed"}), ("kaz-2022-appeal", "BLR"), {"asked_directly": "(disputed)"}),
    "a treaty of two that ended": (("provisions", "rus-arm-1997-2", {"end_date": "2019-01-01"}), ("arm-2020-bilateral", "RUS"), {"bilateral_pact": "False"}),
    "a treaty of two of unknown end": (("provisions", "rus-arm-1997-2", {"end_date": "unknown"}), ("arm-2020-bilateral", "RUS"), {"bilateral_pact": "(unknown)"}),
    "a Treaty of unknown start": (("memberships", "blr-treaty-1", {"start_date": "unknown"}), ("kaz-2022-appeal", "BLR"), {"treaty_bound": "(unknown)", "charter_bound": "True"}),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
def test_a_changed_cell_moves_the_row(rows: Cells, name: str) -> None:
    """Another value in a source table moves the cells that rest on it."""
    (table, record, cells), row, expected = MOVES[name]
    found = of(changed(table, record, **cells))[row]

    assert expected == {column: found[column] for column in expected}
    assert expected != {column: rows[row][column] for column in expected}


def test_who_left_before_has_no_row(rows: Cells) -> None:
    """A state that leaves before the request is no member of it; one whose leaving is not known may be."""
    gone, open_end = (changed("memberships", "blr-treaty-1", end_date=end) for end in ("2021-12-31", "unknown"))

    assert ("kaz-2022-appeal", "BLR") in rows
    assert ("kaz-2022-appeal", "BLR") not in of(gone)
    assert "(unknown)" == of(open_end)["kaz-2022-appeal", "BLR"]["treaty_bound"]


FORCES, HELP, TALKS = "forces-protective", "help-unspecified", "consultations"
ARTICLE_4, OLD_4, ARTICLE_2 = (
    ("cst-4-2010", "any_help"),
    ("cst-4-1992", "any_help"),
    ("cst-2-2010", "consultations_and_help"),
)
FORCES_2, BETWEEN_TWO = ("forces-2-2010", "forces"), ("rus-arm-1997-2", "unknown")
# What a provision says of asks of a request, by its kind; member; a duty and its word; whether it was kept.
KEPT = {
    "troops asked for and sent": ("kaz-2022-appeal", {FORCES: "obliges"}, ARTICLE_4, "ARM", ("duty_forces", "obliges"), "honoured"),
    "nothing of that kind asked for": ("kaz-2022-appeal", {FORCES: "obliges"}, ARTICLE_4, "ARM", ("duty_help", "(not_applicable)"), "honoured"),
    "only permitted": ("kaz-2022-appeal", {FORCES: "permits"}, ARTICLE_4, "ARM", ("duty_forces", "permits"), "no_duty"),
    "unclear": ("kaz-2022-appeal", {FORCES: "unclear"}, ARTICLE_4, "ARM", ("duty_forces", "unclear"), "unclear"),
    "a word that a rule leaves open": ("kaz-2022-appeal", {FORCES: "disputed"}, ARTICLE_4, "ARM", ("duty_forces", "unclear"), "unclear"),
    "not covered": ("kaz-2022-appeal", {}, ARTICLE_4, "ARM", ("duty_forces", "none"), "no_duty"),
    "nothing sent and refused": ("kgz-2010-troops", {FORCES: "obliges"}, OLD_4, "TJK", ("duty_forces", "obliges"), "not_honoured"),
    "something else sent": ("kgz-2010-troops", {FORCES: "obliges"}, OLD_4, "RUS", ("duty_forces", "obliges"), "partly"),
    "part of it arrived": ("kgz-2010-equipment", {"materiel": "obliges"}, OLD_4, "KAZ", ("duty_help", "obliges"), "partly"),
    "granted, and nothing of this member known": ("kgz-2010-equipment", {"materiel": "obliges"}, OLD_4, "ARM", ("duty_help", "obliges"), "unclear"),
    "no decision": ("kgz-2022-2-contingent", {FORCES: "obliges"}, ARTICLE_4, "KAZ", ("duty_forces", "obliges"), "not_honoured"),
    "the adversary itself": ("kgz-2022-2-contingent", {FORCES: "obliges"}, ARTICLE_4, "TJK", ("duty_forces", "obliges"), "no_duty"),
    "consultations held": ("kgz-2016-session", {TALKS: "obliges"}, ARTICLE_2, "KAZ", ("duty_consult", "obliges"), "honoured"),
    "an offer turned down": ("arm-2022-appeal", {"military-unspecified": "obliges"}, ARTICLE_4, "BLR", ("duty_help", "obliges"), "unclear"),
    "a text on other help is none on forces": ("arm-2022-appeal", {"military-unspecified": "obliges"}, ARTICLE_4, "BLR", ("duty_forces", "none"), "unclear"),
    "a text on forces, of help of no named kind": ("arm-2022-appeal", {"military-unspecified": "obliges"}, FORCES_2, "BLR", ("duty_forces", "obliges"), "unclear"),
    "a text on forces is none on other help": ("arm-2022-appeal", {"military-unspecified": "obliges"}, FORCES_2, "BLR", ("duty_help", "none"), "unclear"),
    # Peacekeepers came, and the answers call them unasked.
    "a treaty of two": ("arm-2020-bilateral", {HELP: "obliges"}, BETWEEN_TWO, "RUS", ("duty_help", "obliges"), "partly"),
    "a treaty of two others": ("arm-2022-appeal", {TALKS: "obliges"}, BETWEEN_TWO, "KAZ", ("duty_consult", "none"), "no_duty"),
    "others were asked": ("arm-2021-may-russia", {"military-unspecified": "obliges"}, ARTICLE_4, "KAZ", ("duty_help", "(not_applicable)"), "no_duty"),
    "consultations of one ally held": ("arm-2020-bilateral", {TALKS: "obliges"}, ARTICLE_2, "RUS", ("duty_consult", "obliges"), "honoured"),
    "one duty kept and one not": ("arm-2021-may-letters", {TALKS: "obliges", HELP: "obliges"}, ARTICLE_2, "KAZ", ("duty_help", "obliges"), "partly"),
    "a refusal, and other duties only permitted": ("arm-2021-may-letters", {TALKS: "permits", HELP: "obliges"}, ARTICLE_2, "KAZ", ("duty_consult", "permits"), "not_honoured"),
    "one duty kept and one unclear": ("arm-2022-appeal", {TALKS: "obliges", "military-unspecified": "obliges"}, ARTICLE_4, "KAZ", ("duty_consult", "obliges"), "unclear"),
    "one ally did not answer": ("arm-2022-russia", {HELP: "obliges"}, ARTICLE_4, "RUS", ("duty_help", "obliges"), "unclear"),
    "signed and not in force": ("arm-1992-2-telegram", {HELP: "obliges"}, OLD_4, "RUS", ("duty_help", "none"), "no_duty"),
    "the Charter not yet in force": ("kgz-1999-silayev", {"military-unspecified": "obliges"}, ("charter-8-2010", "any_help"), "RUS", ("duty_help", "none"), "no_duty"),
    "alleged and not documented": ("arm-2020-csto", {HELP: "obliges"}, ARTICLE_4, "RUS", ("duty_help", "(not_applicable)"), "no_duty"),
    "taken back": ("kgz-2010-interposition", {FORCES: "obliges"}, OLD_4, "TJK", ("duty_forces", "(not_applicable)"), "no_duty"),
    "no duty of this kind": ("arm-2021-july-observers", {"observers": "obliges"}, ARTICLE_4, "KAZ", ("duty_help", "(not_applicable)"), "no_duty"),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_whether_a_duty_was_kept(name: str) -> None:
    """The rule of cstocases.derived.duties.kept, on shipped asks, answers and contributions."""
    request, says, provision, member, (duty, word), kept = KEPT[name]
    row = of(with_tests({f"{request}-{kind}": said for kind, said in says.items()}, *provision))[request, member]

    assert (word, kept) == (row[duty], row["kept"])


def test_what_did_not_arrive_keeps_no_duty() -> None:
    """A contribution of which the answer says that nothing arrived is as if it had not been given."""
    known = with_tests({"kgz-2010-equipment-materiel": "obliges"}, *OLD_4)
    answers = known.parsed["answers"]
    for cells, kept in (({"delivery": "not_delivered"}, "unclear"), ({"delivery": "not_delivered", "answer": "deferred"}, "not_honoured"), ({"delivery": "delivered"}, "honoured")):  # fmt: skip
        other = known.counterfactual({"answers": answers.with_texts(answers.texts.assign(**cells))})
        assert kept == of(other)["kgz-2010-equipment", "KAZ"]["kept"]


def test_an_ask_without_text_tests_is_not_coded() -> None:
    """Where nobody has tested a text for an ask, the duty and whether it was kept are not coded."""
    tests = data().parsed["text_tests"]
    texts = tests.texts[tests.texts["ask_id"] != "kaz-2022-appeal-forces-protective"]
    found = of(data().counterfactual({"text_tests": tests.with_texts(texts)}))

    assert ["(not_coded)"] * 2 == [found["kaz-2022-appeal", "ARM"][name] for name in ("duty_forces", "kept")]
    assert "honoured" == found["kgz-2016-session", "ARM"]["kept"]


def test_what_is_uncertain_obliges_to_nothing_for_sure() -> None:
    """The duty of a member of which it is open whether the text bound it is unclear, and so is one to meet a contested ask."""
    known = with_tests({"kaz-2022-appeal-forces-protective": "obliges"}, *ARTICLE_4)
    for table, column, cell in (("asks", "status", "contested"), ("memberships", "start_date", "unknown")):
        parsed = known.parsed[table]
        other = known.counterfactual({table: parsed.with_texts(parsed.texts.assign(**{column: cell}))})
        assert "unclear" == of(other)["kaz-2022-appeal", "ARM"]["kept"]


def test_a_dataset_without_text_tests(small: Path) -> None:
    """Where a dataset does without tests of texts its rows are there, and duties are not coded."""
    frame, kinds = cstocases.load("request_members", small), cstocases.missing("request_members", small)
    row = (frame["request_id"] == "kaz-2022-appeal") & (frame["member"] == "ARM")

    assert 1 == row.sum()
    assert ["not_coded"] * 2 == kinds.loc[row, ["duty_forces", "kept"]].iloc[0].tolist()


def test_spans() -> None:
    """Days are in a span from its first until before its end; an unknown bound leaves days open."""
    whole, open_end = span("2012-12-19", "2006-08-16"), span(UNKNOWN, "2006-08-16")
    lasting, unknown_start = span(NOT_APPLICABLE, UNKNOWN, "2006-08-16"), span("2012-12-19", UNKNOWN)

    assert [False, True, True, False] == [whole.holds(d) for d in ("2006-08-15", "2006-08-16", "2012-12-18", "2012-12-19")]  # fmt: skip
    assert [(138, 138), (365, 365), (353, 353), (0, 0)] == [whole.days(y) for y in (2006, 2007, 2012, 2013)]
    assert [(0, 138), (0, 365)] == [open_end.days(y) for y in (2006, 2013)]
    assert [None, True] == [lasting.holds(d) for d in ("2005-01-01", "2030-01-01")]
    assert [None, False] == [unknown_start.holds(d) for d in ("2007-01-01", "2013-01-01")]
    assert [True, None, False] == [any_holds(spans, "2007-01-01") for spans in ([open_end, whole], [open_end], [])]
    assert ["2020-02-29", "2021-02-28", "2020-12-31", "2020-05-17"] == [
        last_day(*pair) for pair in (("2020-02-01", "month"), ("2021-02-01", "month"), ("2020-01-01", "year"), ("2020-05-17", "day"))
    ]  # fmt: skip
