"""Scripts that load the CSV files in R and in Stata with labels, dates and kinds of missing in place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cstocases.schema.model import Field, Package, Table

R_TYPES = {"integer": "as.integer", "number": "as.numeric", "date": "as.Date"}
R_HEAD = """\
# {title}, version {version}. Loads every table of csv/ into the list `{name}`: d <- {name}$comparison
# Codes are factors in their declared order, attr(x, "labels") gives their labels; attr(x, "label") is a
# column's title. `{name}_missing` has, for each table, the kind of missing of each cell, NA where a value stands.
# (R drops both when you take rows of a data frame; {name}$comparison still has them.)
# Run it in the folder it is in, or set `folder` first. Needs R alone.

{name}_loaded <- local({{
where <- if (exists("folder")) folder else "."
kinds <- c({kinds})
read_table <- function(name) {{
  read.csv(file.path(where, "csv", paste0(name, ".csv")), colClasses = "character", na.strings = character(),
           encoding = "UTF-8", check.names = FALSE)
}}
code_list <- function(x, codes, labels, ordered = FALSE) {{
  structure(factor(x, levels = codes, ordered = ordered), labels = setNames(labels, codes))
}}
tables <- list()
gaps <- list()
"""
R_TAIL = """\
list(tables, gaps)
}})
`{name}` <- {name}_loaded[[1]]
{name}_missing <- {name}_loaded[[2]]
rm({name}_loaded)
"""
STATA_HEAD = """\
* {name}, version {version}. Loads every table of csv/ and saves it as NAME.dta in the folder you run it in.
* Numbers of codes are those of the codebook; {kinds}.
* A missing text keeps its word (such as not_applicable): texts have no extended missing values in Stata.
version 14
clear all
"""


def load_r(package: Package) -> str:
    """load.R: a script in base R."""
    kinds = ", ".join(f"{_r(k.token)} = {_r(kind)}" for kind, k in package.missing_codes.items() if k.token)
    lines = [R_HEAD.format(**_names(package), kinds=kinds)]
    for table in package.all_tables.values():
        lines += _r_table(table)
    return "\n".join([*lines, R_TAIL.format(**_names(package))])


def _names(package: Package) -> dict[str, str]:
    meta = package.metadata
    return {"title": meta["title"], "version": package.version, "name": meta["name"]}


def _r_table(table: Table) -> Iterator[str]:
    yield f"d <- read_table({_r(table.name)})"
    yield 'm <- as.data.frame(lapply(d, function(x) ifelse(x == "", "not_coded", unname(kinds[x]))), optional = TRUE)'
    yield "d[!is.na(m)] <- NA"
    for f in table.fields:
        yield from _r_column(f)
    yield f"tables[[{_r(table.name)}]] <- d"
    yield f"gaps[[{_r(table.name)}]] <- m\n"


def _r_column(f: Field) -> Iterator[str]:
    column = f"d[[{_r(f.name)}]]"
    if f.categories:
        codes, labels = (
            ", ".join(map(_r, part)) for part in zip(*((c.value, c.label) for c in f.categories), strict=True)
        )
        ordered = ", ordered = TRUE" if f.ordered else ""
        yield f"{column} <- code_list({column}, c({codes}), c({labels}){ordered})"
    elif f.type == "boolean":
        yield f'{column} <- {column} == "true"'
    elif f.type in R_TYPES:
        yield f"{column} <- {R_TYPES[f.type]}({column})"
    yield f'attr({column}, "label") <- {_r(f.title)}'


def _r(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def load_do(package: Package) -> str:
    """load.do: a script for Stata 14 and newer."""
    kinds = ", ".join(f"{k.stata} is {kind}" for kind, k in package.missing_codes.items())
    lines = [STATA_HEAD.format(**_names(package), kinds=kinds)]
    for table in package.all_tables.values():
        lines += _do_table(package, table)
    return "\n".join(lines) + "\n"


def _do_table(package: Package, table: Table) -> Iterator[str]:
    yield "clear"
    yield "label drop _all"
    yield f'import delimited using "csv/{table.name}.csv", varnames(1) case(preserve) encoding("utf-8") bindquote(strict) stringcols(_all) clear'
    for f in table.fields:
        yield from _do_column(package, f)
    about = f"{package.metadata['name']} {package.version}: {table.title}"
    yield f"label data {_do(about[:80])}"
    yield f'save "{table.name}.dta", replace\n'


def _do_column(package: Package, f: Field) -> Iterator[str]:
    if f.categories or f.type != "string":
        made = "double" if f.type == "number" else "long"
        yield f"generate {made} _v = ."
        if f.categories:
            for c in f.categories:
                yield f"replace _v = {c.number} if {f.name} == {_do(c.value)}"
        elif f.type == "boolean":
            yield f'replace _v = ({f.name} == "true") if inlist({f.name}, "true", "false")'
        elif f.type == "date":
            yield f'replace _v = date({f.name}, "YMD") if !missing(date({f.name}, "YMD"))'
        else:
            yield f"replace _v = real({f.name}) if !missing(real({f.name}))"
        gaps = [k for k in package.missing_codes.values() if k.token] if not f.required or f.evidenced else []
        for k in gaps:
            yield f"replace _v = {k.stata} if {f.name} == {_do(k.token)}"
        labels = [(str(c.number), c.label) for c in f.categories]
        labels += [("0", "no"), ("1", "yes")] if f.type == "boolean" else []
        labels += [(k.stata, k.label) for k in gaps]
        yield f"order _v, after({f.name})"
        yield f"drop {f.name}"
        yield f"rename _v {f.name}"
        for i, (number, label) in enumerate(labels):
            yield f"label define {f.name} {number} {_do(label)}{', modify' if i else ''}"
        yield f"label values {f.name} {f.name}"
        if f.type == "date":
            yield f"format {f.name} %tdCCYY-NN-DD"
    yield f"label variable {f.name} {_do(f.title)}"


def _do(text: str) -> str:
    # Stata looks for macros in texts too; a backtick would begin one, and the two quotes together end the text.
    shown = re.sub(r"\\*\$", r"\\$", text.replace("`", "\u2018").replace("\"'", '"\u2019'))
    return f'`"{shown}"\''
