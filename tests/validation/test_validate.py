"""Faults that validate once passed over, or told in words that led astray."""

from __future__ import annotations

import json
from pathlib import Path

import helpers
import pytest
from helpers import run

import cstocases


def test_a_missing_value_in_codings_is_written_in_round_brackets(home: Path) -> None:
    """A coder who found no value writes (unknown); whoever writes [unknown] or unknown is told so, and what is only wrong is told as before."""
    cell = slice(2, 5)
    judged = [row[:3] for row in helpers.read_rows(home, "adjudications")]
    header, *rows = helpers.read_rows(home, "codings")
    places = [i for i, row in enumerate(rows) if row[cell] in judged and row[4] in ("crisis_type", "outcome")][:5]
    written = ["(unknown)", "[unknown]", "(Not applicable)", "unknown", "[some]"]
    for place, value in zip(places, written, strict=True):
        rows[place][-1] = value
    helpers.write_rows(home, "codings", [header, *rows])
    told = [(p.line, p.message.partition(" is not a code of")[0]) for p in cstocases.validate(home)]

    _, second, third, fourth, fifth = (place + 2 for place in places)
    assert [
        (second, "'[unknown]' is no value; a missing value is written (unknown), in round brackets"),
        (third, "'(Not applicable)' is no value; a missing value is written (not_applicable), in round brackets"),
        (fourth, "a missing value is written (unknown) here, in round brackets"),
        (fourth, 'is required but is "unknown"'),
        (fifth, "'[some]'"),
    ] == told


@pytest.mark.parametrize("name", ["empty", "a:b", "a#b"])
def test_a_folder_without_schema_is_one_problem(tmp_path: Path, name: str) -> None:
    """Of a folder that is no dataset `validate` says so in every form, whatever signs its name has."""
    (tmp_path / name).mkdir()
    message = f"no folder schema/ in {tmp_path / name}; a dataset has cases/ and schema/ side by side"
    done = run("validate", tmp_path / name, "--format", "json")
    problem = {"path": "schema", "line": 0, "column": "", "rule": "schema", "message": message, "value": ""}
    assert (1, [problem]) == (done.exit_code, json.loads(done.stdout))
    done = run("validate", tmp_path / name, "--format", "github")
    assert (1, f"::error file=schema,line=1::schema: {message} [schema]\n") == (done.exit_code, done.stdout)
