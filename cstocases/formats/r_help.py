"""The help pages of the R package, made from the schema: one for each table and one for the package."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cstocases.formats.catalogues import terms
from cstocases.formats.contents import Contents
from cstocases.schema.model import Field, Package, Table

HOW_TO_READ = (
    "Codes are factors: the levels are the codes, in their declared order, because labels may be reworded from one version to "
    r'the next. \code{attr(x, "labels")} gives the labels and \code{attr(x, "label")} the title of a column; R drops both when '
    r'you take rows, so ask the table itself: \code{levels(mine$status) <- attr(requests$status, "labels")[levels(mine$status)]}. '
    "Days known to the month or the year only are given as the first day of it, with a column for the precision beside them. "
    r"A cell without a value is \code{NA}, and \code{\link{missing_code}} tells why:"
)


def table_page(package: Package, table: Table, rows: int) -> str:
    """The help page of a table: every column with its codes and their definitions."""
    return "\n".join(_table(package, table, rows)) + "\n"


def package_page(contents: Contents, name: str) -> str:
    """The help page of the package."""
    return "\n".join(_package(contents, name)) + "\n"


def rd(text: str) -> str:
    """A text in which R's documentation format finds no markup, but for names between backticks, which are set as code.

    >>> rd("100% of {x}, see `evidence`")
    '100\\\\% of \\\\{x\\\\}, see \\\\code{evidence}'
    """
    return re.sub(r"`([\w. ]+)`", r"\\code{\1}", re.sub(r"[\\%{}]", r"\\\g<0>", text))


def _table(package: Package, table: Table, rows: int) -> Iterator[str]:
    yield rf"\name{{{table.name}}}"
    yield rf"\alias{{{table.name}}}"
    yield r"\docType{data}"
    yield rf"\title{{{rd(table.title)}}}"
    keys = ", ".join(map(_code, table.primary_key))
    yield rf"\description{{{rd(table.description)} Key: {keys}.}}"
    yield rf"\usage{{{table.name}}}"
    yield rf"\format{{A data frame with {rows} rows and {len(table.fields)} columns:"
    yield r"\describe{"
    for f in table.fields:
        yield rf"\item{{\code{{{f.name}}}}}{{{rd(f.title)}. {rd(f.description)}{''.join(_codes(f))}}}"
    yield "}}"
    made = (
        "Computed from the other tables."
        if table.derived
        else r"The sources behind each value: \link{readings}, \link{evidence} and \link{sources}."
        if table.evidenced
        else "Part of the dataset."
    )
    others = (
        f" The licence of the package does not cover it: {rd(table.licenses[0]['title'])}." if table.licenses else ""
    )
    yield rf"\source{{{made}{others}}}"
    if links := dict.fromkeys(key.table for key in table.foreign_keys if key.table != table.name):
        yield rf"\seealso{{{', '.join(map(_link, links))}}}"
    yield r"\keyword{datasets}"


def _code(name: str) -> str:
    return rf"\code{{{name}}}"


def _link(page: str) -> str:
    return rf"\link{{{page}}}"


def _codes(f: Field) -> Iterator[str]:
    if f.categories:
        yield rf" A factor{' with ordered levels' if f.ordered else ''}: \itemize{{"
        for code in f.categories:
            about = f": {rd(code.description)}" if code.description else ""
            yield rf" \item \code{{{code.value}}}, {rd(code.label)}{about}"
        yield "}"


def _package(contents: Contents, name: str) -> Iterator[str]:
    package = contents.package
    yield rf"\name{{{name}-package}}"
    yield rf"\alias{{{name}-package}}"
    yield rf"\alias{{{name}}}"
    yield r"\docType{package}"
    yield rf"\title{{{rd(package.metadata['title'])}}}"
    yield rf"\description{{{rd(package.metadata['description'])} Version {package.version}, {package.metadata['released']}. {rd(contents.how)}}}"
    yield rf"\details{{{HOW_TO_READ}"
    yield r"\itemize{"
    for code, k in package.missing_codes.items():
        yield rf"\item \code{{{code}}}: {rd(k.label)}"
    yield "}}"
    for group in package.metadata["groups"]:
        yield rf"\section{{Tables: {rd(group['title'])}}}{{\itemize{{"
        for table in (t for t in package.all_tables.values() if t.group == group["title"]):
            yield rf"\item \code{{\link{{{table.name}}}}}: {rd(table.description)}"
        yield "}}"
    yield rf"\section{{Licence}}{{{rd(terms(package))} The function \code{{missing_code}}: MIT.}}"
    yield rf"\references{{{rd(contents.citation)}}}"
    yield rf'\seealso{{\code{{vignette(package = "{name}")}}, for a worked example.}}'
    yield r"\keyword{package}"
