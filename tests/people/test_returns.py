"""Files that come back: of the kinds we give they are read, and anything else is refused by its place, quickly."""

from __future__ import annotations

import datetime
import io
import json
import os
import random
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from workbooks import brief, patched, repacked, write

from cstocases.people.proposal import ReturnError
from cstocases.people.returns import Return, read_return

TODAY = datetime.date.today()
WHO = {"version": "0.1.0", "coder": "anna", "day": TODAY.isoformat(), "shown_as": "Anna A."}
ANSWERS = {
    "coding": {"value": "(unknown)", "note": "", "digest": "0123abcd"},
    "checks": {"verdict": "agree", "reason": "", "opened": True, "digest": "0123abcd"},
    "verdicts": {"verdict": "corrected", "to": "2010-06", "reason": "The decree gives it.", "digest": "0123abcd"},
}
HEADS = {
    "coding": {"case": "kgz-2010", "evidence_digest": "0123456789abcdef", "saw_values": "no"},
    "checks": {"case": "kgz-2010"},
    "verdicts": {},
}


def returned(kind: str = "coding", **changes: Any) -> dict[str, Any]:
    """A sound return of a kind, with one answer, and then with these keys changed."""
    return {"cstocases": kind, **WHO, **HEADS[kind], "answers": {"0123456789ab": dict(ANSWERS[kind])}} | changes


def given(folder: Path, content: object, name: str = "anna.json") -> Path:
    """A file with this content: bytes, a text, or what is written as JSON."""
    raw = content if isinstance(content, bytes) else (content if isinstance(content, str) else json.dumps(content)).encode()  # fmt: skip
    (folder / name).write_bytes(raw)
    return folder / name


def wrong(path: Path) -> list[str]:
    """Everything that is said of a file that is refused."""
    with pytest.raises(ReturnError) as caught:
        read_return(path)
    assert all(str(problem) in str(caught.value) for problem in caught.value.problems)
    return [str(problem) for problem in caught.value.problems]


# JSON.


@pytest.mark.parametrize("kind", list(ANSWERS))
def test_a_sound_return_is_read(tmp_path: Path, kind: str) -> None:
    """Each kind of JSON comes back as it was written."""
    assert Return(kind, "anna.json", returned(kind)) == read_return(given(tmp_path, returned(kind)))


def test_texts_are_put_in_order_and_what_may_be_left_out_is_filled_in(tmp_path: Path) -> None:
    """Line breaks and runs of blanks in a note become a blank; a name and a note may be left out."""
    content = returned()
    del content["shown_as"], content["answers"]["0123456789ab"]["note"]
    content["answers"]["0123456789ac"] = ANSWERS["coding"] | {"note": " one\r\n  two\u00a0three\te\u0301 "}
    found = read_return(given(tmp_path, content)).content

    assert ("", "") == (found["shown_as"], found["answers"]["0123456789ab"]["note"])
    assert "one two three é" == found["answers"]["0123456789ac"]["note"]


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Each key and value that is not as it must be, by its place; a wrong key with the nearest right one."""
    token, later = "0123456789ab", (TODAY + datetime.timedelta(days=2)).isoformat()
    answer = {"valu": "x", "note": "see  <b>below</b>", "digest": 5}
    content = returned(
        version="1", coder="Anna", case="KGZ 2010", evidence_digest="0", day=later, saw_values="maybe", shown_as=["A"],
        answers={token: answer, "x\x1b[2J": {}, "0123456789ac": "yes", "0123456789ad": ANSWERS["coding"] | {"note": "n" * 2001}},
    )  # fmt: skip
    content["codr"] = "anna"
    del content["evidence_digest"]

    assert [
        f"anna.json:answers.{token}.digest: 5 must be 8 hexadecimal digits; give the file as the sheet saved it [shape]",
        f"anna.json:answers.{token}.note: 'see <b>below</b>' holds mark-up or an escape of a program; write the character itself [shape]",
        f"anna.json:answers.{token}.valu: is no key; did you mean value? [shape]",
        f"anna.json:answers.{token}.value: is missing [shape]",
        "anna.json:answers.0123456789ac: must be an object [shape]",
        f"anna.json:answers.0123456789ad.note: '{'n' * 60}…' (2,001 characters) is longer than 2,000 characters; shorten it [shape]",
        r"anna.json:answers.x\x1b[2J: is no token of a question; give the file as the sheet saved it [shape]",
        "anna.json:case: 'KGZ 2010' must be the id of a case, such as kgz-2010 [shape]",
        "anna.json:coder: 'Anna' must be a word of small letters and digits, such as anna [shape]",
        "anna.json:codr: is no key; did you mean coder? [shape]",
        f"anna.json:day: '{later}' is in the future; is the clock of the computer right? [shape]",
        "anna.json:evidence_digest: is missing [shape]",
        "anna.json:saw_values: 'maybe' must be one of no, partly, yes [shape]",
        "anna.json:shown_as: this must be a text [shape]",
        "anna.json:version: '1' must be a version such as 0.1.0 [shape]",
    ] == wrong(given(tmp_path, content))  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "key", "value", "said"),
    [
        ("coding", "value", "", "'' is blank; leave the whole question blank, or choose a value"),
        ("coding", "value", None, "None must be a text"),
        ("coding", "value", "x" * 201, f"'{'x' * 60}…' (201 characters) is longer than 200 characters; shorten it"),
        ("coding", "note", "\ud800", r"'\ud800' holds the invisible character U+D800; retype it"),
        ("checks", "verdict", "kept", "'kept' must be one of agree, disagree, unsure"),
        ("checks", "opened", "true", "'true' must be true or false"),
        ("checks", "opened", 1, "1 must be true or false"),
        ("verdicts", "verdict", "agree", "'agree' must be one of kept, corrected"),
        ("verdicts", "to", {}, "this must be a text"),
    ],
)
def test_an_answer_is_of_the_words_of_its_kind(tmp_path: Path, kind: str, key: str, value: object, said: str) -> None:
    """A value of another type, or another word, is refused by the key it stands under."""
    content = returned(kind, answers={"0123456789ab": ANSWERS[kind] | {key: value}})
    assert [f"anna.json:answers.0123456789ab.{key}: {said} [shape]"] == wrong(given(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "anna.json:1: not JSON: Expecting value [json]"),
        (
            b'{"cstocases":\n "coding",}',
            "anna.json:2: not JSON: Expecting property name enclosed in double quotes [json]",
        ),
        (b'{"answers": {"a": {}, "a": {}}}', "anna.json:answers.a: is duplicated in one object [json]"),
        (b'{"answers": NaN}', "anna.json: NaN is not JSON; write a number [json]"),
        (b"[" * 100_000, "anna.json: nested too deeply [json]"),
        (b"[]", "anna.json: not a JSON object [json]"),
        (b"\xff\xfe{}", "anna.json: not UTF-8 [json]"),
        (b" " * 6_000_000, "anna.json: is larger than 5 MB, so it is no sheet of ours [file]"),
        (
            b'{"answers": 1}',
            "anna.json:cstocases: must say what this is, one of coding, checks, verdicts; give the file as the sheet saved it [shape]",
        ),
        (
            {"cstocases": ["coding"]},
            "anna.json:cstocases: must say what this is, one of coding, checks, verdicts; give the file as the sheet saved it [shape]",
        ),
        (
            {"cstocases": "case"},
            "anna.json:cstocases: holds a case, which is given as .toml; see `cstocases sheet` [shape]",
        ),
        (returned(answers=[]), "anna.json:answers: must be an object with the answers by token [shape]"),
        (
            returned(answers={f"{n:012x}": {} for n in range(20_001)}),
            "anna.json:answers: holds 20,001 answers, more than the 20,000 that are read [shape]",
        ),
    ],
    ids=[
        "empty",
        "comma",
        "twice",
        "NaN",
        "deep",
        "list",
        "UTF-16",
        "6 MB",
        "unnamed",
        "kind",
        "case",
        "answers",
        "many",
    ],
)
def test_json_that_is_refused(tmp_path: Path, content: object, said: str) -> None:
    """JSON that is not strict, too much of it, and what is no return."""
    assert [said] == wrong(given(tmp_path, content))


def test_of_very_many_problems_some_are_said(tmp_path: Path) -> None:
    """A hundred problems are listed, and how many more there are."""
    found = wrong(given(tmp_path, returned(answers={f"x{n:03}": {} for n in range(150)})))
    assert (101, "anna.json: and 50 more problems [shape]") == (len(found), found[0])


# Files of other kinds.


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("anna.ods", "save it as .xlsx in the program"),
        ("anna.XLS", "save it as .xlsx in the program"),
        ("anna.xlsm", "save it as .xlsx in the program"),
        ("anna.csv", "save it as .xlsx in the program"),
        ("anna.html", 'press "Save to a file", and give the .json file'),
        ("anna.docx", "give a file whose name ends in .json, .xlsx, .toml"),
        ("anna", "give a file whose name ends in .json, .xlsx, .toml"),
    ],
)
def test_other_kinds_of_file_are_refused_with_a_remedy(tmp_path: Path, name: str, remedy: str) -> None:
    """The message says what to give instead; the file is not even opened."""
    (said,) = wrong(tmp_path / name)
    assert said.startswith(f"{name}: is ")
    assert remedy in said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of this kind are Unix's")
def test_only_a_plain_file_is_opened(tmp_path: Path) -> None:
    """A pipe, a folder, a device and a link to nowhere are refused at once."""
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    (tmp_path / "link.json").symlink_to("nowhere")

    for name, said in {
        "pipe.json": "is not a plain file",
        "folder.xlsx": "is not a plain file",
        "zero.toml": "is not a plain file",
        "link.json": "cannot be read: No such file or directory",
        "a\x1b[2J.json": "cannot be read: No such file or directory",
        "a\0.json": "cannot be read: embedded null byte",
    }.items():
        shown = repr(name)[1:-1]
        assert [f"{shown}: {said} [file]"] == wrong(tmp_path / name)


# TOML.


def test_toml_comes_with_its_text(tmp_path: Path) -> None:
    """A correction is given as what the TOML says and as the text it says it in, a mark of UTF-8 at its start left out."""
    text = 'cstocases = "correction"\nby = "anna"\r\n'
    for mark in ("", "\ufeff"):
        found = read_return(given(tmp_path, mark + text, "fix.toml"))
        assert Return("correction", "fix.toml", {"cstocases": "correction", "by": "anna"}, text) == found


HEAD = 'cstocases = "case"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "by = anna\n", "fix.toml:2:6: is not TOML: Invalid value; write a value between quotation marks: by = \"anna\" [toml]"),
        (HEAD + "a = 1\na = 2\n", "fix.toml:3:6: is not TOML: Cannot overwrite a value; the key stands twice in its block; take one out [toml]"),
        (HEAD + 'a = """', "fix.toml:2: is not TOML: Unterminated string; a text is not ended; put \" behind its last word, on the same line [toml]"),
        (HEAD + 'by = "anna\na = ""', "fix.toml:2:11: is not TOML: Illegal character '\\n'; a text is not ended; put \" behind its last word, on the same line [toml]"),
        (HEAD + 'a = "the "great" one"', 'fix.toml:2:11: is not TOML: Expected newline or end of document after a statement; write the value as one text between two quotation marks, and \\" for a mark inside it [toml]'),
        (HEAD.encode() + b"a = '\xff'", "fix.toml:2: is not UTF-8; save it as UTF-8 [toml]"),
        ("by = 1\n", 'fix.toml:1:cstocases: must say what this file is: cstocases = "correction" or cstocases = "case" [toml]'),
        ('cstocases = "coding"', "fix.toml:1:cstocases: is 'coding', must say what this file is: cstocases = \"correction\" or cstocases = \"case\" [toml]"),
        (HEAD + "a = " + "[" * 9_000, "fix.toml: is nested too deeply [toml]"),
        (HEAD + "a = " + "[" * 30 + "]" * 30, "fix.toml:a: is nested too deeply [toml]"),
        (HEAD + ".".join("a" * 50) + " = 1", f"fix.toml:{'.'.join('a' * 21)}: is nested too deeply [toml]"),
        (HEAD + ".".join("a" * 400_000) + " = 1", "fix.toml:2: has more than 100 points in one line; break the line [toml]"),
        (HEAD + "a = " + "9" * 4_000, "fix.toml:a: is a number larger than any that is read [toml]"),
        (HEAD + "a = [" + "9" * 5_000 + "]", "fix.toml: is not TOML: Exceeds the limit (4300 digits) for integer string conversion"),
        (HEAD + "#" * 1_000_001, "fix.toml: is larger than 1 MB, so it is no sheet of ours [file]"),
    ],
    ids=["bare", "twice", "open", "quote lost", "quote inside", "UTF-8", "unnamed", "kind", "deep", "nested", "keys", "points", "large", "digits", "1 MB"],
)  # fmt: skip
def test_toml_that_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    """An error of syntax is named by line and column; too much, too deep or of another kind is refused."""
    (found,) = wrong(given(tmp_path, text, "fix.toml"))
    assert found.startswith(said)


# Workbooks that no program for workbooks should open.


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small workbook that is filled in and read without a complaint."""
    folder = tmp_path_factory.mktemp("sound")

    def saw(parts: dict[str, bytes]) -> None:
        blank, said = rb'(<c r="C11" s="\d+")/>', rb'\1 t="inlineStr"><is><t>no</t></is></c>'
        parts["xl/worksheets/sheet1.xml"] = re.sub(blank, said, parts["xl/worksheets/sheet1.xml"])

    raw = repacked(write(folder, brief()).read_bytes(), saw)
    assert "coding" == read_return(given(folder, raw, "anna.xlsx")).kind
    return raw


SHEET = "xl/worksheets/sheet2.xml"


def member(name: str, part: bytes = b"<x/>") -> Callable[[bytes], bytes]:
    """A change that adds a member."""
    return lambda raw: repacked(raw, lambda parts: parts.update({name: part}))


def altered(old: bytes, new: bytes, name: str = SHEET) -> Callable[[bytes], bytes]:
    """A change that puts other bytes into a member."""

    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return lambda raw: repacked(raw, change)


def many(raw: bytes) -> bytes:
    """An archive of 300 members."""
    return repacked(raw, lambda parts: parts.update({f"xl/{n}.xml": b"<x/>" for n in range(300)}))


def twice(raw: bytes) -> bytes:
    """An archive with a sheet that stands in it twice, under names that differ in a capital."""
    return member(SHEET.upper())(raw)


def lying(raw: bytes) -> bytes:
    """An archive of which a member expands to more than it declares, the sum of what it declares being right."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        part = archive.read(SHEET)
    return patched(raw, SHEET, size=100, crc=zlib.crc32(part[:100]))


GONE = "save the sheet as .xlsx again"
ROOT = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "declared": (lambda raw: member("xl/a.xml", b"<x>" + b" " * 60_000_000 + b"</x>")(raw), ": would expand to "),
    "lying": (lying, f":{SHEET}: is damaged, or does not expand to the 100 bytes that it declares; {GONE} [archive]"),
    "short": (lambda raw: patched(raw, SHEET, size=40_000_000), f":{SHEET}: is damaged, or does not expand to the 40,000,000 bytes that it declares; {GONE} [archive]"),
    "members": (many, f": has more than 200 members; {GONE} [archive]"),
    "twice": (twice, f":{SHEET.upper()}: stands twice in the archive; {GONE} [archive]"),
    "macro": (member("xl/vbaProject.bin"), ":xl/vbaProject.bin: holds macros; save as .xlsx, not .xlsm [archive]"),
    "link": (member("xl/externalLinks/externalLink1.xml"), ":xl/externalLinks/externalLink1.xml: draws on another workbook; break the links (in Excel: Data, Edit Links) [archive]"),
    "embedded": (member("xl/embeddings/oleObject1.bin"), ":xl/embeddings/oleObject1.bin: holds another file; remove it [archive]"),
    "connection": (member("xl/connections.xml"), ":xl/connections.xml: draws data from elsewhere; remove the connection [archive]"),
    "comments": (member("xl/comments1.xml"), ":xl/comments1.xml: holds comments on cells, which are not read; write them in the column note, and delete them [archive]"),
    "up": (member("xl/../../evil.xml"), ":xl/../../evil.xml: leads out of the archive, or is no name [archive]"),
    "absolute": (member("/etc/passwd"), ":/etc/passwd: leads out of the archive, or is no name [archive]"),
    "drive": (member("C:\\evil.xml"), ":C:\\evil.xml: leads out of the archive, or is no name [archive]"),
    "escape": (member("xl/\x1b[2J.xml"), ":xl/\\x1b[2J.xml: leads out of the archive, or is no name [archive]"),
    "encrypted": (lambda raw: patched(raw, SHEET, flags=1), f":{SHEET}: is encrypted; {GONE}, without a password [archive]"),
    "packed": (lambda raw: patched(raw, SHEET, method=14), f":{SHEET}: is packed in a way that no spreadsheet uses; {GONE} [archive]"),
    "old": (lambda _: b"\xd0\xcf\x11\xe0" + b"x" * 1000, f": is encrypted with a password, or an .xls by another name; {GONE}, without a password [archive]"),
    "text": (lambda _: b"key,value", f": is no sound .xlsx file (File is not a zip file); {GONE} [archive]"),
    "cut": (lambda raw: raw[: len(raw) // 2], ": is no sound .xlsx file ("),
    "other zip": (lambda _: repacked(_, lambda parts: parts.clear()), ": is not read as a workbook ("),
    "6 MB": (lambda raw: raw + b"x" * 6_000_000, ": is larger than 5 MB, so it is no sheet of ours [file]"),
    "DOCTYPE": (altered(b"<worksheet", b"<!DOCTYPE x><worksheet"), f":{SHEET}: declares a document type (DOCTYPE), which no spreadsheet writes; {GONE} [archive]"),
    "entity": (altered(b"<sst", b'<!DOCTYPE x [<!ENTITY a "b">]><sst', "xl/sharedStrings.xml"), ":xl/sharedStrings.xml: declares a document type"),
    "UTF-16": (member("xl/a.xml", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16")), ":xl/a.xml: declares a document type"),
    "no XML": (member("xl/a.xml", b"<x"), ":xl/a.xml: is no sound XML ("),
    "deep": (member("xl/a.xml", b"<r>" * 50 + b"</r>" * 50), f":xl/a.xml: is nested too deeply; {GONE} [archive]"),
    "attribute": (member("xl/a.xml", b'<x a="' + b"y" * 200_000 + b'"/>'), f":xl/a.xml: holds an attribute or a comment longer than any sheet has; {GONE} [archive]"),
    "rows": (member("xl/a.xml", b"<x>" + b"<row/>" * 1_000_000 + b"</x>"), f":xl/a.xml: holds more than any sheet to fill in does; {GONE} [archive]"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_workbook_is_refused_by_its_place(tmp_path: Path, sound: bytes, name: str) -> None:
    """What could run, fetch, lie or expand is named by member, before a library for workbooks sees it."""
    change, said = HOSTILE[name]
    found = wrong(given(tmp_path, change(sound), "anna.xlsx"))
    assert 1 == len(found)
    assert found[0].startswith(f"anna.xlsx{said}"), found


def test_a_formula_with_a_result_is_a_formula(tmp_path: Path, sound: bytes) -> None:
    """A cell that shows a result which a formula gave earlier is not taken at that."""
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        cell = re.search(rb'<c r="D2" s="\d+"', archive.read(SHEET))
    assert cell is not None
    old, new = cell[0] + b"/>", cell[0] + b' t="str"><f>1+1</f><v>1992</v></c>'
    said = "is a formula; write the value itself, as text"

    assert [f"anna.xlsx:coding!D2: {said} [cell]"] == wrong(given(tmp_path, altered(old, new)(sound), "anna.xlsx"))


def test_all_that_is_wrong_with_the_members_is_said_at_once(tmp_path: Path, sound: bytes) -> None:
    """Two members are named in one message."""
    raw = member("xl/vbaProject.bin")(member("xl/../../x.xml")(sound))
    assert 2 == len(wrong(given(tmp_path, raw, "anna.xlsx")))


@pytest.mark.slow
def test_changed_parts_are_read_or_refused(tmp_path: Path, sound: bytes) -> None:
    """Whatever values and bytes of its parts are changed, a workbook is read or refused; no other error comes out."""
    rng = random.Random(1)  # noqa: S311 - no secret
    values = [b"-1", b"99999999999", b"", b"nan", b"1e999", b"A0", b"\xd0\xb0", b"s", b"d", b"e", b"inlineStr", b"xl/workbook.xml", b"rId1", b"2010-01-01T25:00:00Z"]  # fmt: skip
    refused = 0

    def change(parts: dict[str, bytes]) -> None:
        name = rng.choice(sorted(parts))
        found = rng.choice(list(re.finditer(rb'"[^"]*"|>[^<]+<', parts[name])))
        new = rng.choice(values) if rng.random() < 0.8 else bytes([rng.randrange(256)])
        parts[name] = parts[name][: found.start() + 1] + new + parts[name][found.end() - 1 :]

    for _ in range(150):
        try:
            read_return(given(tmp_path, repacked(sound, change), "anna.xlsx"))
        except ReturnError:
            refused += 1
    assert 50 < refused < 150


READ = r"""
import re, sys, time
from pathlib import Path
from cstocases.people.returns import read_return
from cstocases.people.proposal import ReturnError
import openpyxl
def most():  # memory so far, of this program alone; that of getrusage may be its parent's
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024
before, begun = most(), time.process_time()
try:
    read_return(sys.argv[1])
except ReturnError as error:
    print(len(error.problems) > 0)
print(most() - before, time.process_time() - begun)
"""


def bombs(raw: bytes) -> dict[str, bytes]:
    """Archives and texts that cost little to send; each would cost a careless reader much."""
    spaces, word = b" " * 45_000_000, b"<si><t>x</t></si>"
    numbers = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'
    return {
        "declared.xlsx": member("xl/a.xml", b"<x>" + b" " * 100_000_000 + b"</x>")(raw),
        "one text.xlsx": altered(b"<sheetData>", b"<sheetData>" + spaces)(raw),
        "picture.xlsx": member("xl/media/a.png", spaces)(raw),
        "words.xlsx": altered(b"</sst>", word * 2_000_000 + b"</sst>", "xl/sharedStrings.xml")(raw),
        "most words.xlsx": altered(b"</sst>", word * 170_000 + b"</sst>", "xl/sharedStrings.xml")(raw),
        "most rows.xlsx": altered(b"</sheetData>", b"".join(numbers % (n, n) for n in range(100, 110_000)) + b"</sheetData>")(raw),
        "styles.xlsx": altered(b"</cellXfs>", b"<xf/>" * 15_000 + b"</cellXfs>", "xl/styles.xml")(raw),
        "far.xlsx": altered(b"</sheetData>", b'<row r="999999999"><c r="XFD999999999"><v>1</v></c></row></sheetData>')(raw),
        "members.xlsx": b"PK\x05\x06".join([b"PK\x01\x02" + struct.pack("<42x") for _ in range(100_000)]),
        "lists.json": b'{"answers": [' + b"[]," * 1_600_000 + b"[]]}",
        "keys.json": json.dumps(returned() | {f"cod{n}": 0 for n in range(280_000)}).encode(),
        "answers.json": json.dumps(returned(answers={f"{n:012x}": {f"valu{k}": 0 for k in range(15)} for n in range(19_000)})).encode(),
        "keys.toml": HEAD.encode() + (b"a." * 99 + b"a%d = 1\n") * 4_000,
        "tables.toml": HEAD.encode() + b"[[a]]\n" * 160_000,
        "arrays.toml": HEAD.encode() + b"a = [" + b"[]," * 300_000 + b"]",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is told in /proc")
def test_bombs_take_little_time_and_memory(tmp_path: Path, sound: bytes) -> None:
    """No file within the limits of size takes more than 150 MiB or 20 seconds, whether it is read or refused."""
    took = {}
    for name, raw in bombs(sound).items():
        path = given(tmp_path, raw, name)
        done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
        memory, seconds = done.stdout.splitlines()[-1].split()
        took[name] = (int(memory), round(float(seconds), 1))
    print(took)

    assert {} == {name: cost for name, cost in took.items() if cost[0] > 150 or cost[1] > 20}
