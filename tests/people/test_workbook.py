"""The coding sheet as a workbook: what is in it, and that what was filled in comes back whatever was done to the rows."""

from __future__ import annotations

import datetime
import io
import random
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import program
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import NOTE, VALUE, brief, fill, put, questions, row_of, token, whole, write

import cstocases
from cstocases.errors import CstocasesError, ExportError
from cstocases.parsing.text_faults import faults
from cstocases.people.proposal import ReturnError
from cstocases.people.workbook import read_workbook, write_workbook

TODAY = datetime.date.today().isoformat()


def wrong(raw: bytes) -> list[str]:
    """Everything that is said of a workbook that is refused."""
    with pytest.raises(ReturnError) as caught:
        read_workbook(raw, "anna.xlsx")
    return [str(problem) for problem in caught.value.problems]


def answers(sheet: dict[str, Any], given: dict[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Values and notes by token as a return has them."""
    asked = questions(sheet)
    return {key: {"value": value, "note": note, "digest": asked[key]["digest"]} for key, (value, note) in given.items()}


def some(sheet: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """An answer to every third question, with a note beside every sixth."""
    out = {}
    for n, (key, question) in enumerate(questions(sheet).items()):
        choices = [c["value"] for c in sheet["variables"][question["variable"]]["choices"]]
        if n % 3 == 0:
            out[key] = (choices[n % len(choices)] if choices else "(unknown)", f"note {n}" if n % 2 else "")
    return out


# What is written.


def test_the_sheets_and_what_is_hidden(tmp_path: Path) -> None:
    """Four sheets are seen and two hidden, each protected without a password."""
    book = openpyxl.load_workbook(write(tmp_path, brief()))

    seen, hidden = ["about", "coding", "evidence", "codebook"], ["choices", "keys"]
    assert [(name, "visible") for name in seen] + [(name, "hidden") for name in hidden] == [
        (sheet.title, sheet.sheet_state) for sheet in book
    ]
    assert [(True, None)] * 6 == [(sheet.protection.sheet, sheet.protection.password) for sheet in book]
    assert ("A2", True) == (book["coding"].freeze_panes, book["coding"].column_dimensions["A"].hidden)
    assert (
        f"coding {cstocases.__version__} anna kgz-2016 " + brief()["evidence_digest"]
        == book.custom_doc_props["cstocases"].value
    )


def test_lists_are_named_and_hold_every_value(tmp_path: Path) -> None:
    """A cell to fill offers the codes of its variable and the kinds of missing, by a name; messages fit."""
    sheet = whole()
    book = openpyxl.load_workbook(write(tmp_path, sheet))
    offered = {}
    for name, defined in book.defined_names.items():
        _, area = next(iter(defined.destinations))
        offered[name] = [cell[0].value for cell in book["choices"][area]]
    missing = [m["value"] for m in sheet["missing"]]
    coding, asked = book["coding"], questions(sheet)
    lists = [v for v in coding.data_validations.dataValidation if v.type == "list"]

    assert ["list_name", "name", "label"] == [cell.value for cell in book["choices"][1]]
    assert (missing, ["no", "partly", "yes"]) == (offered["missing_values"], offered["saw_values"])
    found = {}
    for validation in lists:
        for cells in validation.sqref.ranges:
            for row in range(cells.min_row, cells.max_row + 1):
                key = coding.cell(row, 1).value
                found[key] = (offered[validation.formula1], validation.showErrorMessage)
    expected = {}
    for key, question in asked.items():
        codes = [c["value"] for c in sheet["variables"][question["variable"]]["choices"]]
        expected[key] = ([*codes, *missing], bool(codes))  # a date or a number may be typed
    assert expected == found
    every = [v for each in book for v in each.data_validations.dataValidation]
    assert [] == [v for v in every if len(v.prompt or "") > 255 or len(v.promptTitle or "") > 32]


def test_nothing_is_filled_in_and_nothing_else_is_open(tmp_path: Path) -> None:
    """The cells to fill are blank, text and unlocked; every other cell is locked."""
    sheet = whole()
    book = openpyxl.load_workbook(write(tmp_path, sheet))
    unlocked = {
        (each.title, cell.coordinate): (cell.value, cell.number_format)
        for each in book
        for row in each.iter_rows()
        for cell in row
        if not cell.protection.locked
    }

    cells = {("coding", f"{column}{n}") for n in range(2, len(questions(sheet)) + 2) for column in "DE"}
    about = {("about", f"C{cell.row}") for cell in book["about"]["A"] if cell.value}
    assert 2 == len(about)
    assert dict.fromkeys(cells | about, (None, "@")) == unlocked


def test_one_sheet_gives_one_workbook(tmp_path: Path) -> None:
    """Two writings are the same to the byte; one that is there is kept unless it is forced."""
    one, two = write(tmp_path, brief(), "one.xlsx"), write(tmp_path, brief(), "two.xlsx")

    assert one.read_bytes() == two.read_bytes()
    with pytest.raises(ExportError, match="exists"):
        write_workbook(brief(), one)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["arm-1992-2", "kaz-2022", "kgz-2010"])
def test_the_sheets_of_other_cases_are_written_and_read(tmp_path: Path, case: str) -> None:
    """A large case gives a workbook without a complaint of the library, and every third answer comes back."""
    sheet = whole(case)
    raw = fill(write(tmp_path, sheet), some(sheet))

    assert answers(sheet, some(sheet)) == read_workbook(raw, "anna.xlsx")["answers"]


def test_formulas_and_markup_in_the_evidence_are_text(tmp_path: Path) -> None:
    """A statement that looks like a formula or a tag stands as text; only addresses of the web are links."""
    sheet = brief()
    nasty = ["=1+1", "+1", "@SUM(1)", "=cmd|'/C calc'!A0", "<f>1</f>", "{=1}", "_x0041_", "javascript:alert(1)"]
    sheet["evidence"] = [sheet["evidence"][0] | {"statement": text, "actor": text, "url": text} for text in nasty]
    sheet["evidence"].append(sheet["evidence"][0] | {"url": "https://example.org/?a=<b>&c"})
    for n, row in enumerate(sheet["evidence"]):
        row["questions"] = [q | {"token": f"{n:06x}{q['token'][:6]}"} for q in row["questions"]]
    path = write(tmp_path, sheet)
    book = openpyxl.load_workbook(path)

    assert {"s", "n"} == {cell.data_type for each in book for row in each.iter_rows() for cell in row}
    assert [*nasty, nasty[0]] == [row[6].value for row in book["evidence"].iter_rows(min_row=2)]
    links = [cell.hyperlink.target for row in book["evidence"].iter_rows() for cell in row if cell.hyperlink]
    assert ["https://example.org/?a=%3cb%3e&c"] == links
    with zipfile.ZipFile(path) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("library", ["xlsxwriter", "openpyxl", "defusedxml"])
def test_a_library_that_is_missing_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Without a library the message says what to install."""
    raw = write(tmp_path, brief()).read_bytes()
    monkeypatch.setitem(sys.modules, library, None)
    said = r"^a workbook needs .*, not installed: pip install 'cstocases\[people\]'$"
    with pytest.raises(CstocasesError, match=said):
        write(tmp_path, brief()) if library == "xlsxwriter" else read_workbook(raw, "anna.xlsx")


# What is read back.


def test_a_sheet_left_blank_has_no_answers(tmp_path: Path) -> None:
    """Only whether values were seen must be said; with it an empty sheet is a return without answers."""
    sheet = brief()
    path = write(tmp_path, sheet)
    assert ["anna.xlsx:about!C11: '' must be one of no, partly, yes [shape]"] == wrong(path.read_bytes())
    head = {name: sheet[name] for name in ("cstocases", "version", "coder", "case", "evidence_digest")}
    said = {"shown_as": "", "saw_values": "partly", "day": TODAY, "answers": {}}

    assert head | said == read_workbook(fill(path, {}, saw="partly"), "anna.xlsx")


def shuffled(book: Any) -> None:
    """Put the questions in another order, and drop those that were left blank, as well as the columns of words."""
    coding = book["coding"]
    rows = [[cell.value for cell in row] for row in coding.iter_rows(min_row=2)]
    coding.delete_rows(2, len(rows))
    random.Random(1).shuffle(rows)  # noqa: S311 - no secret
    rows = [row for n, row in enumerate(rows) if row[VALUE - 1] or n % 2]
    for n, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            coding.cell(n, column, value)
    coding.delete_cols(2, 2)


def test_rows_may_be_sorted_and_deleted(tmp_path: Path) -> None:
    """Answers go by the key of their row, wherever it stands."""
    sheet = whole()
    raw = fill(write(tmp_path, sheet), some(sheet), shuffled)

    assert answers(sheet, some(sheet)) == read_workbook(raw, "anna.xlsx")["answers"]


def test_what_a_spreadsheet_made_of_a_text_is_taken_as_shown(tmp_path: Path) -> None:
    """Dates come back to the precision that the cell shows, whole numbers and truths as texts."""
    sheet = brief()
    day = datetime.datetime(2010, 6, 1)
    at = token(sheet, "cases.start_date")
    made = [
        ("2010-06-01", day, "yyyy-mm-dd"),
        ("2010-06-01", day.date(), 'd" of "mmmm yyyy'),
        ("2010-06", day, "mmm-yy"),
        ("2010", day, "yyyy"),
        ("2010", 2010, "General"),
        ("3", 3.0, "0.00"),
        ("true", True, "General"),
        ("12", " 12 ", "@"),
    ]
    path = write(tmp_path, sheet)
    for expected, value, form in made:

        def change(book: Any, value: object = value, form: str = form) -> None:
            cell = book["coding"].cell(row_of(book["coding"], at), VALUE)
            cell.value, cell.number_format = value, form

        found = read_workbook(fill(path, {}, change), "anna.xlsx")["answers"]
        assert answers(sheet, {at: (expected, "")}) == found, (value, form)


def test_every_cell_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    """Formulas, errors, fractions, times, keys unknown or repeated, and what stands in no row or column: each by its cell."""

    def change(book: Any) -> None:
        coding = book["coding"]
        coding["D2"] = "=E2"
        coding["E3"], coding["D3"] = "=HYPERLINK(1)", "x"
        coding["D4"] = "#N/A"
        coding["D5"] = 1.5
        coding["D6"] = datetime.time(12, 30)
        coding["D7"] = datetime.datetime(2010, 6, 1, 12)
        coding["E8"] = "a note alone"
        coding["A9"], coding["D9"] = "abcdefabcdef", "x"
        coding["A10"], coding["D10"] = coding["A11"].value, "x"
        coding["A12"], coding["D12"] = None, "x"
        coding["G13"] = "aside"
        put(coding["D14"], "x"), put(coding["E14"], "two \u200b three")
        put(coding["D15"], "x"), put(coding["E15"], "n" * 2001)
        book["about"]["C11"] = "perhaps"

    raw = fill(write(tmp_path, brief()), {}, change)
    again = openpyxl.load_workbook(io.BytesIO(raw))["coding"]["A11"].value

    assert [
        "anna.xlsx:about!C11: 'perhaps' must be one of no, partly, yes [shape]",
        f"anna.xlsx:coding!A11: '{again}' stands also in coding!A10; delete one of the two rows [cell]",
        "anna.xlsx:coding!A9: 'abcdefabcdef' is no key of a question on this sheet; fill in a new sheet, or undo that change [cell]",
        "anna.xlsx:coding!D12: stands in a row without a key, which is no row of the sheet; delete it [cell]",
        "anna.xlsx:coding!D2: is a formula; write the value itself, as text [cell]",
        "anna.xlsx:coding!D4: is the error '#N/A'; write the value itself, as text [cell]",
        "anna.xlsx:coding!D5: is the number 1.5; write it as text, after an apostrophe [cell]",
        "anna.xlsx:coding!D6: is a time of day; write the day as 2010-06-12, after an apostrophe [cell]",
        "anna.xlsx:coding!D7: is a time of day; write the day as 2010-06-12, after an apostrophe [cell]",
        "anna.xlsx:coding!E14: 'two \\u200b three' holds the invisible character U+200B; retype it [shape]",
        f"anna.xlsx:coding!E15: '{'n' * 60}…' (2,001 characters) is longer than 2,000 characters; shorten it [shape]",
        "anna.xlsx:coding!E3: is a formula; write the value itself, as text [cell]",
        "anna.xlsx:coding!E8: is a note without a value; choose a value such as (unknown), or delete the note [cell]",
        "anna.xlsx:coding!G13: stands in no column of the sheet; move it to the note, or delete it [cell]",
    ] == wrong(raw)  # fmt: skip


def test_sheets_and_columns_that_are_gone_are_named(tmp_path: Path) -> None:
    """Without the hidden sheet, or a column, nothing can be read."""
    path = write(tmp_path, brief())
    remedy = "fill in a new sheet, or undo that change"
    said = wrong(fill(path, {}, lambda book: book.remove(book["keys"])))
    assert [f"anna.xlsx: has no sheet named keys; {remedy} [cell]"] == said
    said = wrong(fill(path, {}, lambda book: book["coding"].delete_cols(1)))
    assert [f"anna.xlsx:coding!1: has no column named key; {remedy} [cell]"] == said


def test_a_formula_dragged_down_a_column_is_one_problem(tmp_path: Path) -> None:
    """Of hundreds of formulas the first is named, and how many there are."""

    def change(book: Any) -> None:
        for row in range(2, 203):
            book["coding"].cell(row, NOTE, f"=D{row}")

    assert ["anna.xlsx:coding!E2: is the first of 201 formulas; write values, no formulas [cell]"] == wrong(
        fill(write(tmp_path, whole()), {}, change)
    )


def test_rows_far_below_the_table_are_refused(tmp_path: Path) -> None:
    """A cell in a row beyond those that are read is not left out in silence, nor are the rows above it gone through for long."""

    def change(book: Any) -> None:
        book["coding"]["D1048576"] = "x"

    said = "is beyond the 30,000 rows that are read; delete all rows below the table"
    assert [f"anna.xlsx:coding!A30001: {said} [cell]"] == wrong(fill(write(tmp_path, brief()), {}, change))


PIECES = ["=1+1", "+5", "@SUM(1)", "-1", "'x", '"quoted"', "a\nb", "\r\n", "“да”", "Ошская область", "<b", "x & y", "1e5", "=cmd|'/C calc'!A0", "true", "2010-06", "\t", "é", "\U0001f600"]  # fmt: skip
notes = st.lists(st.sampled_from(PIECES), max_size=4).map(" ".join)
notes = notes.filter(lambda note: not list(faults(" ".join(note.split()))))


@pytest.mark.slow
@settings(max_examples=30)
@given(st.data())
def test_any_answers_come_back(drawn: st.DataObject) -> None:
    """Whatever part is answered, with whatever notes: those answers come back, blanks in notes put in order."""
    sheet = brief()
    values = {
        key: [*(c["value"] for c in sheet["variables"][q["variable"]]["choices"]), "2010-06", "(disputed)", "=1"]
        for key, q in questions(sheet).items()
    }
    given_ = {
        key: (drawn.draw(st.sampled_from(values[key])), drawn.draw(notes))
        for key in drawn.draw(st.lists(st.sampled_from(sorted(values)), unique=True))
    }
    with tempfile.TemporaryDirectory() as folder:
        raw = fill(write(Path(folder), sheet), given_)

    expected = {key: (value, " ".join(note.split())) for key, (value, note) in given_.items()}
    assert answers(sheet, expected) == read_workbook(raw, "anna.xlsx")["answers"]


@pytest.mark.slow
def test_libreoffice_keeps_it_all(tmp_path: Path) -> None:
    """Opened and saved by LibreOffice, the workbook gives the same return, and lists, hidden sheets, locks and property are there."""
    sheet = whole()
    given_ = some(sheet) | {token(sheet, "cases.start_date"): ("2010-06", "=1+1, a note\nof two lines")}
    path = tmp_path / "anna.xlsx"
    path.write_bytes(fill(write(tmp_path, sheet), given_))
    before = openpyxl.load_workbook(path)
    (tmp_path / "saved").mkdir()
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    words = [program("soffice"), "--headless", profile, "--convert-to", "xlsx", "--outdir", str(tmp_path / "saved"), str(path)]  # fmt: skip
    subprocess.run(words, capture_output=True, check=True)
    raw = (tmp_path / "saved/anna.xlsx").read_bytes()
    after = openpyxl.load_workbook(io.BytesIO(raw))

    assert read_workbook(path.read_bytes(), "anna.xlsx") == read_workbook(raw, "anna.xlsx")
    assert "=1+1, a note of two lines" in [a["note"] for a in read_workbook(raw, "anna.xlsx")["answers"].values()]
    assert [(s.title, s.sheet_state, s.protection.sheet) for s in before] == [
        (s.title, s.sheet_state, s.protection.sheet) for s in after
    ]
    assert before.custom_doc_props["cstocases"].value == after.custom_doc_props["cstocases"].value
    assert lists(before) == lists(after)
    assert {("@", False)} == {(c.number_format, c.protection.locked) for c in after["coding"]["D"][1:]}
    assert set(before.defined_names) <= set(after.defined_names)


def lists(book: Any) -> dict[str, str]:
    """The name of the list of each cell to fill."""
    found = [v for v in book["coding"].data_validations.dataValidation if v.type == "list"]
    return {
        f"D{row}": v.formula1.lstrip("=")
        for v in found
        for cells in v.sqref.ranges
        for row in range(cells.min_row, cells.max_row + 1)
    }
