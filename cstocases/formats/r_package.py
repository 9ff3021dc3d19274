"""The R package: every table as labelled data, with a help page each; written without R, installed by R alone."""

from __future__ import annotations

import gzip
import importlib.metadata
import io
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from cstocases.errors import ExportError
from cstocases.formats.catalogues import terms
from cstocases.formats.citation import dataset_item
from cstocases.formats.contents import Contents
from cstocases.formats.r_data import column, data_frame, factor, named_list, rda, strings
from cstocases.formats.r_help import package_page, table_page
from cstocases.formats.r_vignette import vignette
from cstocases.schema.model import Package
from cstocases.schema.reader import default_home

LICENCES = {"CC-BY-4.0": "CC BY 4.0 + file LICENSE"}  # in R's words; LICENSE says what this does not cover
STAMP = 1_577_836_800  # the day all files are dated to, 1 January 2020: the same bytes every time
Gaps = dict[str, dict[str, list[str | None]]]  # by table and column that has any: the missing-value code of each cell


def r_package(contents: Contents, work: Path) -> None:
    """NAME_VERSION.tar.gz, for `install.packages(FILE, repos = NULL, type = "source")`.

    Raises:
        ExportError: R takes no package of this name or version.
    """
    package = contents.package
    name = str(package.metadata["name"]).replace("_", ".")
    for what, text, pattern in (
        ("name", name, r"[a-z][a-z0-9.]*[a-z0-9]"),
        ("version", package.version, r"[0-9]+([.-][0-9]+)+"),
    ):
        if not re.fullmatch(pattern, text):
            raise ExportError(f"an R package cannot have the {what} {text!r}; leave r out")
    gaps = _gaps(contents)
    files: dict[str, str | bytes] = {
        "DESCRIPTION": _description(contents, name),
        **_pages(contents, name, gaps),
        **_data(contents, gaps),
    }
    files["NAMESPACE"] = "export(missing_code)\n"
    files["R/missing_code.R"] = _template("missing_code.R")
    files["LICENSE"] = _template("LICENSE", TERMS=terms(package))
    files["inst/CITATION"] = _citation(contents)
    files |= vignette(contents, name, _template("comparing.html"))
    if news := _news(package, name):
        files["NEWS.md"] = news
    (work / f"{name}_{package.version}.tar.gz").write_bytes(_packed(name, files))


def _template(file: str, **texts: str) -> str:
    text = (Path(__file__).parent / "r_files" / file).read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda m: texts.get(m[1], m[0]), text)


def _description(contents: Contents, name: str) -> str:
    package = contents.package
    meta = package.metadata
    people = meta.get("contributors", [])
    # R wants somebody to write to; ORPHANED is its word for nobody.
    reached = [
        f"{p['title']} <{p['email']}>" for p in people if re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", p.get("email", ""))
    ]
    fields = {
        "Package": name,
        "Title": meta["title"],
        "Version": package.version,
        "Date": meta["released"],
        "Author": ", ".join(p["title"] for p in people) or name,
        "Maintainer": (reached or ["ORPHANED"])[0],
        "Description": f"{meta['description']} {contents.how}",
        "License": LICENCES.get(meta["licenses"][0]["name"], "file LICENSE"),
        "URL": meta.get("homepage"),
        "Depends": "R (>= 2.10)",  # the first that reads such data
        "Encoding": "UTF-8",
        "LazyData": "true",
        "NeedsCompilation": "no",
    }
    return "".join(f"{key}: {value}\n" for key, value in fields.items() if value)


def _gaps(contents: Contents) -> Gaps:
    return {
        table: {column: pa.array(found).to_pylist() for column, found in codes.items() if found.notna().any()}
        for table, codes in contents.missing_codes.items()
    }


def _pages(contents: Contents, name: str, gaps: Gaps) -> dict[str, str]:
    """The help pages, by file."""
    package = contents.package
    tables = package.all_tables
    pages = {n: table_page(package, t, len(contents.texts[n])) for n, t in tables.items()}
    pages[f"{name}-package"] = package_page(contents, name)
    shown = [(table, column) for table, columns in gaps.items() for column in columns]
    shown += [(table.name, table.names[0]) for table in tables.values()]
    pages["missing_code"] = _template("missing_code.Rd", TABLE=shown[0][0], COLUMN=shown[0][1])
    return {f"man/{page}.Rd": text for page, text in pages.items()}


def _data(contents: Contents, gaps: Gaps) -> dict[str, bytes]:
    """The tables, and what only `missing_code` reads: the keys and the missing-value codes."""
    package = contents.package
    files = {}
    for name, table in package.all_tables.items():
        values = contents.values[name]
        columns = {f.name: column(f, values[f.name]) for f in table.fields}
        files[f"data/{name}.rda"] = rda({name: data_frame(columns, len(values))})
    kinds = list(package.missing_codes)
    codes = {t: named_list({c: factor(found, kinds) for c, found in columns.items()}) for t, columns in gaps.items()}
    keys = {name: strings(table.primary_key) for name, table in package.all_tables.items()}
    files["R/sysdata.rda"] = rda({"gaps": named_list(codes), "keys": named_list(keys)})
    return files


def _citation(contents: Contents) -> str:
    """inst/CITATION, for `citation()`."""
    item = dataset_item(contents.package)
    authors = ", ".join(f"person({_quoted(person['literal'])})" for person in item["author"])
    fields = {
        "key": _quoted(item["id"]),
        "title": _quoted(item["title"]),
        "author": f"c({authors})",
        "year": _quoted(str(item["issued"]["date-parts"][0][0])),
        "note": _quoted(f"Data set, version {item['version']}"),
        "url": _quoted(item["URL"]) if "URL" in item else "",
        "textVersion": _quoted(contents.citation),
    }
    body = ",\n".join(f"  {key} = {value}" for key, value in fields.items() if value)
    return f'bibentry("Misc",\n{body}\n)\n'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _news(package: Package, name: str) -> str:
    """NEWS.md: what the changelog of the shipped dataset says of the data."""
    if package.home.resolve() != default_home().resolve():
        return ""
    _, *versions = re.split(r"^## ", _changelog(), flags=re.MULTILINE)
    lines = []
    for part in versions:
        heading, _, body = part.partition("\n")
        data = re.search(r"^### Data\n(.*?)(?=^### |\Z)", body, re.MULTILINE | re.DOTALL)
        lines.append(
            f"# {name} {'(development version)' if heading == 'Unreleased' else heading}\n{data[1] if data else ''}"
        )
    return "\n".join(lines)


def _changelog() -> str:
    """The changelog: beside the data, or for the installed data among the files of the distribution."""
    beside = default_home() / "CHANGELOG.md"
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    files = importlib.metadata.files("cstocases") or []
    return "".join(file.read_text(encoding="utf-8") for file in files if file.name == "CHANGELOG.md")


def _packed(name: str, files: Mapping[str, str | bytes]) -> bytes:
    """A .tar.gz of these files in a folder, the same bytes every time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, content in sorted(files.items()):
            raw = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mtime = len(raw), STAMP
            tar.addfile(entry, io.BytesIO(raw))
    return gzip.compress(packed.getvalue(), 6, mtime=0)
