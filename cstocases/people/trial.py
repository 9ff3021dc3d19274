"""A proposal tried in memory: the tables as they would be, and what `validate` would say of them, by line of the returned file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from cstocases import dataset
from cstocases.errors import Problem
from cstocases.parsing.csv_reader import in_form
from cstocases.people.proposal import Cell, Proposal
from cstocases.resolution.data import Data
from cstocases.schema.model import Table

# What a rule says of tables, in the words of a sheet in TOML.
REMEDIES = {
    "add one to readings": "add it to says of a [[statement]]",
    "has no reading": "is in no says of a [[statement]]; add its record there, or take the block out",
    'add one with field_name "record"': 'add its record = "yes" to says of a [[statement]]',
    "remove it or correct a criterion": "correct the criterion in [candidate] if a source says so; else it is no case",
    "searches has no search for it": "no [[search]] names it",
}


def applied(data: Data, proposal: Proposal) -> dict[str, bytes]:
    """The files that a proposal changes, by path: canonical, with its rows added and its cells changed."""
    out = {}
    for name in dict.fromkeys([*proposal.rows, *(cell.table for cell in proposal.cells)]):
        table, texts = data.package.table(name), data.parsed[name].texts.copy()
        _change(table, texts, [cell for cell in proposal.cells if cell.table == name])
        added = pd.DataFrame(proposal.rows.get(name, []), columns=table.names, dtype="string")
        whole = pd.concat([texts, added])
        out[table.path] = in_form(table, {column: whole[column].tolist() for column in table.names}).encode()
    return out


def _change(table: Table, texts: pd.DataFrame, cells: Iterable[Cell]) -> None:
    key, *more = table.primary_key
    keys = texts[key].str.cat(texts[more], sep="/")
    for cell in cells:
        texts.loc[keys == cell.record, cell.field] = cell.new


def tried(data: Data, proposal: Proposal, files: Mapping[str, bytes], name: str) -> tuple[Data, list[Problem]]:
    """The data with a proposal made, as `files`, and what `validate` finds in them.

    A problem is at the line of the returned file `name` that brings the cell or its row, if one does.
    """
    then, found = dataset.amended(data, files)
    tables = {table.path: table for table in then.package.stored.values()}
    return then, sorted({_at(then, tables.get(problem.path), problem, proposal, name) for problem in found})


def _at(then: Data, table: Table | None, problem: Problem, proposal: Proposal, name: str) -> Problem:
    if table is None or problem.line not in then.parsed[table.name].texts.index:
        return problem
    texts, message = then.parsed[table.name].texts, problem.message
    record = "/".join(str(part) for part in texts.loc[problem.line, list(table.primary_key)])
    line = proposal.lines.get((table.name, record, problem.column), proposal.lines.get((table.name, record, "")))
    if line is None:
        return problem
    column = f"{table.name}/{record}/{problem.column}".rstrip("/")
    for of_tables, of_sheet in REMEDIES.items() if proposal.kind in ("case", "correction") else ():
        message = message.replace(of_tables, of_sheet)
    return Problem(name, line, column, problem.rule, message, problem.value)
