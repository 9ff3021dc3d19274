"""A dataset that somebody extended: tables, columns and bounds of their own are read and checked like ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import helpers
import pytest
from helpers import shown

import cstocases
from cstocases.errors import quoted


def extend(home: Path, name: str, fields: list[dict[str, Any]], rows: list[str], **parts: Any) -> None:
    """Add a table, its first field the key; a name that other tables have means the same."""
    known = {f.name: f for table in cstocases.package(home).stored.values() for f in table.fields}
    for f in fields:
        same = known.get(f["name"])
        f.update(title=same.title if same else "Theirs", description=same.description if same else "Theirs.")
    schema = {"name": name, "title": name.title(), "description": "Theirs.", "fields": fields, "primaryKey": [fields[0]["name"]]}  # fmt: skip
    (home / f"schema/{name}.json").write_text("{}", encoding="utf-8")
    helpers.change_schema(home, name, lambda value: value.update(schema, **parts))
    helpers.change_schema(home, "dataset", lambda value: value["groups"][0]["tables"].append(name))
    header = ",".join(f["name"] for f in fields)
    helpers.csv_path(home, name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def column(name: str, kind: str, **constraints: Any) -> dict[str, Any]:
    """A column of such a table."""
    return {"name": name, "type": kind, "constraints": {"required": True, **constraints}}


KEY = column("war_id", "string", pattern="[a-z]+")
DAYS = [column("start_date", "date"), column("end_date", "date")]


def test_a_spell_without_precisions_ends_after_it_began(small: Path) -> None:
    """Dates without a column for their precision are days."""
    extend(small, "wars", [KEY, *DAYS], ["a,2020-09-27,2020-11-10", "b,2020-09-27,2020-09-26"])
    assert ["cases/wars.csv:3:end_date: is before start_date, 2020-09-27 [end-before-start]"] == shown(small)


@pytest.mark.parametrize(("kind", "there", "not_there"), [("integer", "1", "2"), ("date", "2020-09-27", "2020-09-28")])
def test_a_key_may_be_a_number_or_a_day(small: Path, kind: str, there: str, not_there: str) -> None:
    """A reference to a row that is not there is named whatever the type of the key."""
    extend(small, "wars", [column("war", kind)], [there])
    key = {"fields": ["war"], "reference": {"resource": "wars", "fields": ["war"]}}
    rows = [f"a,{there}", f"b,{not_there}"]
    extend(small, "fights", [column("fight_id", "string"), column("war", kind)], rows, foreignKeys=[key])
    assert [f"cases/fights.csv:3:war: '{not_there}' is no war of cases/wars.csv [reference]"] == shown(small)


@pytest.mark.parametrize("name", ["line", "value", "kind", "independent_source"])
def test_readings_may_have_columns_of_their_own(small: Path, name: str) -> None:
    """A column added to readings has no part in what is made of them, whatever its name."""
    before = cstocases.load("statuses", small)
    added = {"name": name, "type": "string", "title": "Theirs", "description": "Theirs."}
    helpers.change_schema(small, "readings", lambda schema: schema["fields"].append(added))
    header, *rows = helpers.read_rows(small, "readings")
    helpers.write_rows(small, "readings", [[*header, name], *([*row, "x"] for row in rows)])
    assert [] == shown(small)
    assert before.equals(cstocases.load("statuses", small))


def test_readings_keep_to_the_bounds_of_their_column(small: Path) -> None:
    """A reading above the most or below the least that its column may hold is named with the bound in full."""
    (place,) = (i for i, f in enumerate(cstocases.package(small).table("cases").fields) if f.name == "deaths_best")
    bounds = {"minimum": 100, "maximum": 1_234_567}
    helpers.change_schema(small, "cases", lambda schema: schema["fields"][place].update(constraints=bounds))
    line = {
        reading: helpers.add(small, "readings", table_name="cases", record_id="kaz-2022", field_name="deaths_best", evidence_id=f"kaz-00{i}", reading=reading)
        for i, reading in ((1, "1234567"), (3, "1234568"), (5, "99"))
    }  # fmt: skip
    assert [
        "cases/cases.csv:3:deaths_high: is 238, but the highest figure in a reading is 1234568 [extreme]",
        "cases/cases.csv:3:deaths_low: is 200, but the lowest figure in a reading is 99 [extreme]",
        f"cases/readings.csv:{line['1234568']}:reading: '1234568' is above 1234567 [reading-value]",
        f"cases/readings.csv:{line['99']}:reading: '99' is below 100 [reading-value]",
    ] == shown(small)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1.5", None),
        ("1.50", "is a number written 1.5; write it so"),
        ("0.1234567890123456789", "is a number written 0.12345678901234568; write it so"),
        ("9" * 400, "is beyond any number"),
    ],
)
def test_a_number_is_written_one_way(small: Path, said: str, expected: str | None) -> None:
    """A number has one spelling, so that a reading that gives the same number is the same text; one too large is no number."""
    extend(small, "wars", [KEY, column("weight", "number")], [f"a,{said}"])
    assert ([f"cases/wars.csv:2:weight: {quoted(said)} {expected} [type]"] if expected else []) == shown(small)
