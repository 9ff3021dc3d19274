"""A proposal made in a copy of the shipped data, without the code that makes it in the package."""

from __future__ import annotations

from pathlib import Path

import helpers

import cstocases
from cstocases.formats.canonical import rewrite
from cstocases.people.proposal import Proposal


def put(home: Path, proposal: Proposal) -> Path:
    """Append the rows and change the cells of a proposal in the dataset at `home`, each table in canonical form."""
    for name in {*proposal.rows, *(cell.table for cell in proposal.cells)}:
        header, *rows = helpers.read_rows(home, name)
        keys = [header.index(part) for part in cstocases.package(home).table(name).primary_key]
        for cell in (cell for cell in proposal.cells if cell.table == name):
            (row,) = (row for row in rows if "/".join(row[key] for key in keys) == cell.record)
            assert cell.old == row[header.index(cell.field)]
            row[header.index(cell.field)] = cell.new
        for new in proposal.rows.get(name, []):
            assert header == list(new)
            rows.append(list(new.values()))
        helpers.write_rows(home, name, [header, *rows])
    rewrite(home)
    return home
