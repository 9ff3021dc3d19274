"""A script that loads the CSV files in R with labels, dates and missing-value codes in place."""

from __future__ import annotations

from collections.abc import Iterator

from cstocases.schema.model import Field, Package, Table

TYPES = {"integer": "as.integer", "number": "as.numeric", "date": "as.Date"}
HEAD = """\
# {title}, version {version}. Loads every table of csv/ into the list `{name}`: d <- {name}$comparison
# Codes are factors in their declared order, attr(x, "labels") gives their labels; attr(x, "label") is a
# column's title. `{name}_missing` has, for each table, the missing-value code of each cell, NA where a value stands.
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
TAIL = """\
list(tables, gaps)
}})
`{name}` <- {name}_loaded[[1]]
{name}_missing <- {name}_loaded[[2]]
rm({name}_loaded)
"""


def load_r(package: Package) -> str:
    """load.R: a script in base R."""
    kinds = ", ".join(f"{_text(k.token)} = {_text(kind)}" for kind, k in package.missing_codes.items() if k.token)
    meta = package.metadata
    lines = [HEAD.format(title=meta["title"], version=package.version, name=meta["name"], kinds=kinds)]
    for table in package.all_tables.values():
        lines += _table(table)
    return "\n".join([*lines, TAIL.format(name=package.metadata["name"])])


def _table(table: Table) -> Iterator[str]:
    yield f"d <- read_table({_text(table.name)})"
    yield 'm <- as.data.frame(lapply(d, function(x) ifelse(x == "", "not_coded", unname(kinds[x]))), optional = TRUE)'
    yield "d[!is.na(m)] <- NA"
    for f in table.fields:
        yield from _column(f)
    yield f"tables[[{_text(table.name)}]] <- d"
    yield f"gaps[[{_text(table.name)}]] <- m\n"


def _column(f: Field) -> Iterator[str]:
    column = f"d[[{_text(f.name)}]]"
    if f.categories:
        codes, labels = (
            ", ".join(map(_text, part)) for part in zip(*((c.value, c.label) for c in f.categories), strict=True)
        )
        ordered = ", ordered = TRUE" if f.ordered else ""
        yield f"{column} <- code_list({column}, c({codes}), c({labels}){ordered})"
    elif f.type == "boolean":
        yield f'{column} <- {column} == "true"'
    elif f.type in TYPES:
        yield f"{column} <- {TYPES[f.type]}({column})"
    yield f'attr({column}, "label") <- {_text(f.title)}'


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
