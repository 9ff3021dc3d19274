"""An .xlsx from anybody, looked through before a library for workbooks opens it. No pandas here."""

from __future__ import annotations

import contextlib
import copy
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn
from xml.parsers import expat

from cstocases.errors import Problem, visible
from cstocases.people.proposal import ReturnError

MEMBERS = 200
DECLARED = 50_000_000  # bytes, of all members together
# What building a part in memory costs, a character being 1: rows and cells are plain, all else makes many objects.
WORK = 20_000_000
PLAIN = dict.fromkeys(("row", "c", "v", "si", "is", "t", "r"), 50)
OTHER = 1_000
DEEPEST = 40
LONGEST = 100_000  # characters of an attribute or a comment: older parsers take a time that is its square
OPENS_OTHERWISE = b"\xd0\xcf\x11\xe0"  # Microsoft's older container: .xls, and any file that a password encrypts
PARTS = re.compile(r"(?i)\.(xml|rels|vml)$")  # all that a reader needs; pictures and printers' settings are left out
SAVE = "save the sheet as .xlsx again"
FORBIDDEN = {
    "vbaproject": "holds macros; save as .xlsx, not .xlsm",
    "macrosheets/": "holds macros; save as .xlsx, not .xlsm",
    "activex/": "holds controls that run programs; remove them",
    "externallinks/": "draws on another workbook; break the links (in Excel: Data, Edit Links)",
    "connections.xml": "draws data from elsewhere; remove the connection",
    "querytables/": "draws data from elsewhere; remove the query",
    "embeddings/": "holds another file; remove it",
    "chartsheets/": "holds a sheet that is a chart; remove it",
    "comments": "holds comments on cells, which are not read; write them in the column note, and delete them",
}
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    ValueError,
    OSError,
)
UNSOUND = (expat.ExpatError, LookupError, ValueError)  # LookupError: of an encoding that nobody knows


class Vetted(NamedTuple):
    """An archive written anew of the parts that passed, and the address of every formula by part."""

    raw: bytes
    formulas: dict[str, list[str]]


def vetted(raw: bytes, path: str) -> Vetted:
    """The parts of an .xlsx that a reader needs, none of which can run, fetch or expand to anything.

    Raises:
        ReturnError: it is no .xlsx, is larger than any sheet to fill in, or holds what none has; each part is named.
    """
    if raw.startswith(OPENS_OTHERWISE):
        _refuse(path, "", f"is encrypted with a password, or an .xls by another name; {SAVE}, without a password")
    # Before any of them is read: each entry of the list of members costs more memory than it has bytes.
    if raw.count(b"PK\x01\x02") > MEMBERS:
        _refuse(path, "", f"has more than {MEMBERS} members; {SAVE}")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if problems := list(_unfit(archive.infolist(), path)):
                raise ReturnError(problems)
            return _parts(archive, path)
    except BROKEN as error:
        if isinstance(error, ReturnError):
            raise
        _refuse(path, "", f"is no sound .xlsx file ({visible(str(error))[:80]}); {SAVE}")


def _refuse(path: str, member: str, message: str) -> NoReturn:
    raise ReturnError([Problem(path, 0, _shown(member), "archive", message)])


def _shown(member: str) -> str:
    return visible(member)[:80]


def _unfit(members: list[zipfile.ZipInfo], path: str) -> Iterator[Problem]:
    """What is wrong with the members by what the list of them says."""
    seen = set[str]()
    for member in members:
        name = member.filename.casefold()
        why = [said for part, said in FORBIDDEN.items() if part in name]
        if re.match(r"[/\\]|[a-z]:", name) or ".." in re.split(r"[/\\]", name) or not name.isprintable():
            why.append("leads out of the archive, or is no name")
        if member.flag_bits & 1:
            why.append(f"is encrypted; {SAVE}, without a password")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            why.append(f"is packed in a way that no spreadsheet uses; {SAVE}")
        if name in seen:
            why.append(f"stands twice in the archive; {SAVE}")
        seen.add(name)
        if why:
            yield Problem(path, 0, _shown(member.filename), "archive", why[0])
    declared = sum(member.file_size for member in members)
    if declared > DECLARED:
        message = f"would expand to {declared:,} bytes, more than the {DECLARED:,} that are read; {SAVE}"
        yield Problem(path, 0, "", "archive", message)


def _parts(archive: zipfile.ZipFile, path: str) -> Vetted:
    made, formulas, work = io.BytesIO(), dict[str, list[str]](), 0
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as kept:
        for member in archive.infolist():
            name = member.filename
            part = _expanded(archive, member, path)
            if not PARTS.search(name):
                continue
            try:
                cost, formulas[name] = _weighed(part, WORK - work)
            except UNSOUND as error:
                said = str(error) if isinstance(error, UnfitError) else f"is no sound XML ({error})"
                _refuse(path, name, f"{said}; {SAVE}")
            work += cost
            kept.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return Vetted(made.getvalue(), {name: cells for name, cells in formulas.items() if cells})


def _expanded(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: str) -> bytes:
    """The bytes of a member, if they are as many as it declares. The library would cut off the rest in silence."""
    more = copy.copy(member)
    more.file_size += 1
    part = b""
    with contextlib.suppress(*BROKEN), archive.open(more) as stream:
        part = stream.read(member.file_size + 1)
    if len(part) != member.file_size:
        message = f"is damaged, or does not expand to the {member.file_size:,} bytes that it declares; {SAVE}"
        _refuse(path, member.filename, message)
    return part


class UnfitError(ValueError):
    """XML that is not read."""


def _weighed(part: bytes, room: int) -> tuple[int, list[str]]:
    """What it costs to build an XML part in memory, and the address of every cell in it that is a formula.

    Raises:
        UnfitError: it costs more than there is room for, or holds what no sheet does.
        ExpatError: it is no XML.
    """
    work, depth, cell = 0, 0, ""
    formulas = list[str]()

    def weigh(cost: int) -> None:
        nonlocal work
        work += cost
        if work > room:
            raise UnfitError("holds more than any sheet to fill in does")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, cell
        local, depth = name.rpartition(" ")[2], depth + 1
        if depth > DEEPEST:
            raise UnfitError("is nested too deeply")
        weigh(PLAIN.get(local, OTHER) + sum(map(short, attributes.values())))
        if local == "c":
            cell = attributes.get("r", "")[:20]
        elif local == "f" and cell:
            formulas.append(cell)

    def end(name: str) -> None:
        nonlocal depth, cell
        depth -= 1
        cell = "" if name.endswith(" c") else cell

    def short(text: str) -> int:
        if len(text) > LONGEST:
            raise UnfitError("holds an attribute or a comment longer than any sheet has")
        return len(text)

    def doctype(*_: Any) -> None:
        raise UnfitError("declares a document type (DOCTYPE), which no spreadsheet writes")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: weigh(len(text))
    parser.CommentHandler = lambda text: weigh(short(text))
    parser.ProcessingInstructionHandler = lambda _, text: weigh(short(text))
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = doctype
    # In one piece: fed in pieces, a parser of old takes for a long token a time that is its square.
    parser.Parse(part, True)
    return work, formulas
