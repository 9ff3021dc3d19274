"""What holds of any data: exports read back as they were written, and resolution rules weigh readings and nothing else."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from helpers import mostly_slow, program
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from readback import READERS, from_text
from things import BODY, CASES, COLOURS, THINGS, Reading, Source, parsed, whole, world

from cstocases.errors import ExportError
from cstocases.formats.contents import Contents
from cstocases.formats.registry import FORMATS
from cstocases.parsing import parsed_table
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL
from cstocases.resolution.rules import RULES, decisions, resolve


# R takes seconds to install a package: formats/test_injection.py and test_registry.py have it read strange texts and all tables.
@pytest.mark.parametrize("name", mostly_slow((name for name in FORMATS if name != "r"), "csv", "parquet"))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODY)
def test_each_format_reads_back_as_it_was_written(name: str, body: list[tuple[str, ...]]) -> None:
    """Whatever values and missing-value codes a table holds, another program finds the same in each format of an export."""
    if name == "spss":
        program("pspp")
    rows = [whole(f"t{i}", row) for i, row in enumerate(body)]
    if name == "spss":  # the numbers that stand for gaps there; a table that holds them is not exported
        rows = [[*r[:3], *("0" if c[:2] == "-9" and -96 < float(c) < -90 else c for c in r[3:5]), *r[5:]] for r in rows]
    contents = Contents(parsed({"things": (THINGS, rows), "cases": (CASES, [])}), "as coded")
    with tempfile.TemporaryDirectory() as above:  # PSPP's output goes beside the export
        (folder := Path(above, "export")).mkdir()
        FORMATS[name].write(contents, folder)
        found = READERS[name](folder, THINGS).cells

    assert {f.name: [from_text(f, row[i]) for row in rows] for i, f in enumerate(THINGS.fields)} == found


@pytest.mark.parametrize(("column", "value"), [(3, "-91"), (4, "-94.5")])
def test_a_number_that_means_missing_in_spss_is_not_exported_to_it(tmp_path: Path, column: int, value: str) -> None:
    """SPSS would take it for missing, so the export says so instead."""
    row = ["t0", "x", "red", "1", "1", "true", "2020-01-01", "day"]
    row[column] = value
    contents = Contents(parsed({"things": (THINGS, [row]), "cases": (CASES, [])}), "as coded")
    said = rf"things, {THINGS.names[column]}: {value} lies among the numbers that stand for missing in SPSS \(-95 to -91\); leave spss out"
    with pytest.raises(ExportError, match=said):
        FORMATS["spss"].write(contents, tmp_path)


# Resolution rules.

PUBLISHERS = ["A", "B", "C"]
OFFICIAL = {"official", "intergovernmental"}
DAYS = [f"2020-0{n}-01" for n in range(1, 7)]
DATES = ["2020", "2020-06", "2020-06-12", "2020-06-13", "2021"]
FIELDS = {"colour": [c.value for c in COLOURS], "found": DATES}


SOURCES = st.lists(
    st.builds(
        Source,
        st.sampled_from(PUBLISHERS),
        st.sampled_from([*sorted(OFFICIAL), "news"]),
        st.sampled_from(DAYS),
        st.just("not_applicable"),
    ),
    min_size=1,
    max_size=5,
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[list[str]], list[Source], list[Reading]]:
    """Two things, what is published of them, sources, and readings of both fields; a value that is published has a reading."""
    sources = draw(SOURCES)
    read: dict[tuple[str, str, int, int], Reading] = {}
    for field, values in FIELDS.items():
        for thing, source, n, value in draw(
            st.lists(st.tuples(st.sampled_from(["t0", "t1"]), st.integers(0, len(sources) - 1), st.integers(0, 1), st.sampled_from(values)), max_size=8)
        ):  # fmt: skip
            read.setdefault((thing, field, source, n), Reading(thing, field, source, n, value))
    rows = []
    for thing in ("t0", "t1"):
        cell = {}
        for field in FIELDS:
            said = sorted({r.value for r in read.values() if (r.thing, r.field) == (thing, field)})
            gap = st.sampled_from(["disputed"] if len(said) > 1 else ["unknown", ""])
            cell[field] = draw((st.sampled_from(said) | gap) if said else gap)
        date = cell["found"]
        full = date + "2020-01-01"[len(date) :] if date[:2] == "20" else date
        how = {4: "year", 7: "month", 10: "day"}[len(date)] if date[:2] == "20" else date
        rows.append([thing, "x", cell["colour"], "1", "1", "true", full, how])
    return rows, sources, list(read.values())


def made(data: Data, rule: str, as_of: str | None = None) -> dict[tuple[str, ...], tuple[Any, Any]]:
    """What a rule makes of each cell that has readings: value and missing-value code."""
    known = resolve(data, "published", as_of) if as_of else data
    if as_of:  # only which readings are known is wanted here
        known = Data(data.package, {**data.parsed, "readings": known.parsed["readings"]})
    frame = decisions(data, known, rule).astype(object)
    frame = frame.where(frame.notna(), None)
    return {
        tuple(row[:3]): tuple(row[3:]) for row in frame[[*CELL, "value", "kind"]].itertuples(index=False, name=None)
    }


RULE = st.sampled_from(sorted(RULES))
MANY = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@MANY
@given(worlds(), RULE, st.integers(0, 99))
def test_the_order_of_rows_changes_no_value(of: Any, rule: str, seed: int) -> None:
    """Readings, evidence, sources and rows in any order give the same values."""
    assert made(world(*of), rule) == made(world(*of, random.Random(seed)), rule)  # noqa: S311


@pytest.mark.slow
@MANY
@given(worlds(), RULE, st.sampled_from(DAYS), st.data())
def test_later_publications_are_ignored_with_as_of(of: Any, rule: str, day: str, data: st.DataObject) -> None:
    """A reading from a source published after a day changes nothing as of that day."""
    rows, sources, read = of
    if not read:
        return
    before = made(world(rows, sources, read), rule, day)
    about = data.draw(st.sampled_from(read))
    value = data.draw(st.sampled_from(FIELDS[about.field]))
    late = [*sources, Source("Z", "official", "2020-12-01")]
    assert before == made(world(rows, late, [*read, about._replace(source=len(sources), value=value)]), rule, day)


@pytest.mark.slow
@MANY
@given(worlds(), RULE)
def test_a_resolved_cell_is_a_value_that_was_read_or_is_missing(of: Any, rule: str) -> None:
    """Under every rule a cell has a value or a missing-value code; the value is published or read, for official read in an official source."""
    rows, sources, read = of
    published = {(row[0], "colour"): row[2] for row in rows}
    for (_, thing, field), (value, kind) in made(world(*of), rule).items():
        mine = [r for r in read if (r.thing, r.field) == (thing, field)]
        assert (value is None) != (kind is None)
        if value is not None and field == "colour":
            assert value in {r.value for r in mine if rule != "official" or sources[r.source].kind in OFFICIAL}
        if rule == "published" and (thing, field) in published:
            assert published[thing, field] == (value or ("" if kind == "not_coded" else kind))


T0 = ["t0", "x", "unknown", "1", "1", "true", "2020-01-01", "year"]
T1 = ["t1", "x", "unknown", "1", "1", "true", "unknown", "unknown"]


@pytest.mark.slow
@MANY
@example(
    ([T0, T1], [Source("A", "official", DAYS[0]), Source("A", "official", DAYS[0])], [Reading("t0", "found", n // 2, n % 2, date) for n, date in enumerate(("2020", "2020-06-12", "2020-06-13"))])
)  # fmt: skip
@given(worlds())
def test_strict_gives_no_value_where_readings_differ(of: Any) -> None:
    """Where two readings of a cell differ, other than by how exact a date is, strict gives no value."""
    for (_, thing, field), (value, _) in made(world(*of), "strict").items():
        said = {r.value for r in of[2] if (r.thing, r.field) == (thing, field)}
        if any(not (a.startswith(b) or b.startswith(a)) for a in said for b in said):
            assert value is None


@MANY
@given(worlds())
def test_plurality_follows_the_most_publishers(of: Any) -> None:
    """No code has more independent publishers than the one plurality gives, and on a tie it gives the published one or none."""
    rows, sources, read = of
    published = {row[0]: row[2] for row in rows}
    for (_, thing, field), (value, kind) in made(world(*of), "plurality").items():
        if field == "colour" and published[thing] not in ("", "unknown"):
            publishers = {
                code: len(
                    {sources[r.source].publisher for r in read if (r.thing, r.field, r.value) == (thing, field, code)}
                )
                for code in FIELDS["colour"]
            }
            first = [code for code, n in publishers.items() if n == max(publishers.values())]
            wanted = first[0] if len(first) == 1 else published[thing] if published[thing] in first else None
            assert (wanted, None if wanted else "disputed") == (value, kind)


@pytest.mark.slow
@MANY
@given(worlds(), RULE, st.sets(st.integers(0, 20)))
def test_a_publisher_counts_once(of: Any, rule: str, some: set[int]) -> None:
    """A second source of one publisher, alike in kind, that says the same changes nothing."""
    rows, sources, read = of
    again = [r._replace(source=r.source + len(sources)) for i, r in enumerate(read) if i in some]
    assert made(world(*of), rule) == made(world(rows, [*sources, *sources], [*read, *again]), rule)


@pytest.mark.slow
@MANY
@given(worlds(), RULE)
def test_a_value_on_which_all_readings_agree_is_kept(of: Any, rule: str) -> None:
    """Where every reading gives the published value, so does every rule; official too, if an official source is among them."""
    rows, sources, read = of
    for (_, thing, field), (value, kind) in made(world(*of), rule).items():
        mine = [r for r in read if (r.thing, r.field) == (thing, field)]
        row = next(row for row in rows if row[0] == thing)
        said = row[2] if field == "colour" else row[6][: {"year": 4, "month": 7}.get(row[7], 10)]
        if {said} == {r.value for r in mine}:
            silent = rule == "official" and OFFICIAL.isdisjoint(sources[r.source].kind for r in mine)
            assert ((None, "unknown") if silent else (said, None)) == (value, kind)


@pytest.mark.slow
@MANY
@given(worlds(), RULE)
def test_resolved_tables_hold_the_values_decided(of: Any, rule: str) -> None:
    """The tables of resolved data say what the rule decided, a coarse date as its first day with its precision, and nothing else changes."""
    data = world(*of)
    settled, decided = resolve(data, rule), made(data, rule)
    before, after = (parsed_table.cells(THINGS, d.frames["things"], d.missing_codes["things"]) for d in (data, settled))
    for line in before.index:
        thing = before.at[line, "thing_id"]
        for field in FIELDS:
            value, kind = decided.get(("things", thing, field), (None, None))
            if (value, kind) == (None, None):
                assert before.at[line, field] == after.at[line, field]
                continue
            shown = value if value is None or field == "colour" else value + "2020-01-01"[len(value) :]
            assert (shown or {"not_coded": ""}.get(kind, kind)) == after.at[line, field]
            if field == "found":
                how = {4: "year", 7: "month", 10: "day"}[len(value)] if value else {"not_coded": ""}.get(kind, kind)
                assert how == after.at[line, "found_precision"]
    same = [name for name in THINGS.names if name not in (*FIELDS, "found_precision")]
    pd.testing.assert_frame_equal(before[same], after[same])
