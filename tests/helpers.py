"""A small dataset written by hand, and the ways to damage it that the tests share."""

from __future__ import annotations

import csv
import functools
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import cstocases
from cstocases.cli.main import main
from cstocases.parsing import csv_reader, parsed_table
from cstocases.resolution.data import Data
from cstocases.schema.model import Package, Table

SHIPPED = cstocases.package().home
FILL = "not_applicable"  # what a column gets that a table below does not name

# Two cases, sound under the shipped schema; columns that no test needs are left to FILL.
SMALL = {
    "cases": """
case_id,title,state,core,start_date,start_date_precision,end_date,end_date_precision,crisis_type,deaths_low,deaths_best,deaths_high,summary
arm-2020,War of 2020,ARM,true,2020-09-27,day,unknown,unknown,interstate_war,unknown,unknown,unknown,Armenia wrote to Moscow.
kaz-2022,Unrest of 2022,KAZ,true,2022-01-02,day,2022-01-19,day,domestic_unrest,200,225,238,Kazakhstan asked and was helped.
""",
    "requests": """
request_id,case_id,title,is_primary,date,date_precision,requester,adversary_type,adversary_state,status
arm-2020-letter,arm-2020,Letter to Moscow,true,2020-10-31,day,Nikol Pashinyan,state,AZE,documented
kaz-2022-appeal,kaz-2022,Appeal to the Council,true,2022-01-05,day,Kassym-Jomart Tokayev,foreign_nonstate,not_applicable,documented
kaz-2022-second,kaz-2022,Talks of the month,false,2022-01-01,month,Kassym-Jomart Tokayev,foreign_nonstate,not_applicable,contested
""",
    "decisions": """
decision_id,request_id,title,forum,is_final,organ,date,date_precision,outcome,given_troops,given_materiel,deployed_low,deployed_best,deployed_high,deployment_start,deployment_start_precision,deployment_end,deployment_end_precision
arm-2020-reply,arm-2020-letter,Answer of Moscow,bilateral,true,president,2020-11-01,day,declined,false,false,not_applicable,not_applicable,not_applicable,not_applicable,not_applicable,not_applicable,not_applicable
kaz-2022-council,kaz-2022-appeal,The Council sends a force,csto,true,council,2022-01-06,day,granted,true,not_applicable,2000,2030,4000,2022-01-06,day,2022-01-19,day
kaz-2022-parliament,kaz-2022-appeal,Parliament consents,csto,false,parliament,2022-01-01,month,no_decision,not_applicable,not_applicable,not_applicable,not_applicable,not_applicable,not_applicable,not_applicable,not_applicable,not_applicable
""",
    "contributions": """
contribution_id,decision_id,state,contribution_kind,framework,personnel_low,personnel_best,personnel_high,start_date,start_date_precision
kaz-2022-rus,kaz-2022-council,RUS,troops,csto,not_applicable,3000,not_applicable,2022-01-06,day
kaz-2022-uzb,kaz-2022-council,UZB,relief,non_member,not_applicable,not_applicable,not_applicable,not_applicable,not_applicable
""",
    "positions": """
position_id,case_id,state,actor,stance,date,date_precision,statement
kaz-2022-rus,kaz-2022,RUS,Foreign ministry of Russia,for_troops,2022-01-06,day,Backed urgent steps.
""",
    "rationales": """
rationale_id,case_id,decision_id,date,date_precision,speaker,state,direction,rationale,provision_id,statement
arm-2020-putin-border,arm-2020,arm-2020-reply,2020-11-01,day,Vladimir Putin,RUS,against,outside_territory,not_applicable,The fighting was not on Armenian soil.
kaz-2022-tokayev-bands,kaz-2022,kaz-2022-council,2022-01-06,day,Kassym-Jomart Tokayev,KAZ,for,terrorism,treaty-4,Bands trained abroad attacked the country.
""",
    "explanations": """
explanation_id,case_id,author,year,mechanism,explains,statement
kaz-2022-author-regime,kaz-2022,Erica Marat,2022,regime_protection,grant,The force kept a president in office.
""",
    "events": """
event_id,case_id,date,date_precision,event_kind,actor,description
kaz-2022-airport,kaz-2022,2022-01-05,day,violence,Crowd,The airport of Almaty is seized.
""",
    "sources": """
citekey,type,author,title,publisher,origin,published,published_precision,language,url,source_kind,access,accessed
akorda-2022,webpage,not_applicable,Address to the nation,Akorda,not_applicable,2022-01-05,day,en,https://example.org/akorda,official,full,2026-11-24
book-2022,book,Erica Marat,Regimes and their allies,Example Press,not_applicable,2022-01-01,year,en,not_applicable,scholarly,excerpt,2026-11-24
letter-2020,webpage,not_applicable,Letter of 31 October,Ministry,not_applicable,2020-10-31,day,en,https://example.org/letter,official,full,2026-11-24
lost-2022,report,unknown,Report nobody has read,Example Press,not_applicable,2022-01-01,month,en,not_applicable,analysis,not_seen,2026-11-24
tass-2022,article-newspaper,not_applicable,Dispatch of 6 January,TASS,not_applicable,2022-01-06,day,en,https://example.org/tass,news_agency,full,2026-11-24
undated-2022,webpage,unknown,Page without a date,Example Press,not_applicable,unknown,unknown,en,https://example.org/undated,news,full,2026-11-24
""",
    "evidence": """
evidence_id,case_id,topic,actor,statement,date,date_precision,citekey,locator,note
arm-001,arm-2020,request,Nikol Pashinyan,He wrote to Moscow.,2020-10-31,day,letter-2020,para. 1,not_applicable
arm-002,arm-2020,stated_rationale,Vladimir Putin,The border was not crossed.,2020-11-01,day,letter-2020,para. 2,not_applicable
kaz-001,kaz-2022,request,Kassym-Jomart Tokayev,He appealed to the Council.,2022-01-05,day,akorda-2022,para. 1,not_applicable
kaz-002,kaz-2022,decision,TASS,The Council decided.,2022-01-06,day,tass-2022,para. 1,not_applicable
kaz-003,kaz-2022,stated_rationale,Kassym-Jomart Tokayev,He spoke of bands.,2022-01-06,day,akorda-2022,para. 2,not_applicable
kaz-004,kaz-2022,explanation,Erica Marat,The force kept him in office.,unknown,unknown,book-2022,p. 7,not_applicable
kaz-005,kaz-2022,context,unknown,Somebody said so.,unknown,unknown,undated-2022,para. 1,not_applicable
kaz-006,kaz-2022,context,unknown,Somebody is said to have said so.,unknown,unknown,lost-2022,unknown,not_applicable
leg-001,not_applicable,legal_basis,The parties,The Treaty is signed.,1992-05-15,day,tass-2022,para. 2,not_applicable
""",
    "readings": """
table_name,record_id,field_name,evidence_id,reading
cases,arm-2020,crisis_type,arm-001,interstate_war
cases,arm-2020,start_date,arm-001,2020-09-27
cases,kaz-2022,crisis_type,kaz-001,domestic_unrest
cases,kaz-2022,deaths_best,kaz-002,225
cases,kaz-2022,deaths_high,kaz-002,238
cases,kaz-2022,deaths_low,kaz-002,200
cases,kaz-2022,end_date,kaz-002,2022-01-19
cases,kaz-2022,start_date,kaz-001,2022-01-02
contributions,kaz-2022-rus,framework,kaz-002,csto
contributions,kaz-2022-rus,personnel_best,kaz-002,3000
contributions,kaz-2022-rus,start_date,kaz-002,2022-01-06
contributions,kaz-2022-uzb,framework,kaz-002,non_member
decisions,arm-2020-reply,date,arm-001,2020-11-01
decisions,arm-2020-reply,given_materiel,arm-001,false
decisions,arm-2020-reply,given_troops,arm-001,false
decisions,arm-2020-reply,organ,arm-001,president
decisions,arm-2020-reply,outcome,arm-001,declined
decisions,kaz-2022-council,date,kaz-002,2022-01-06
decisions,kaz-2022-council,deployed_best,kaz-002,2030
decisions,kaz-2022-council,deployed_high,kaz-002,4000
decisions,kaz-2022-council,deployed_low,kaz-002,2000
decisions,kaz-2022-council,deployment_end,kaz-002,2022-01-19
decisions,kaz-2022-council,deployment_start,kaz-002,2022-01-06
decisions,kaz-2022-council,given_troops,kaz-002,true
decisions,kaz-2022-council,organ,kaz-002,council
decisions,kaz-2022-council,outcome,kaz-002,granted
decisions,kaz-2022-parliament,date,kaz-002,2022-01
decisions,kaz-2022-parliament,organ,kaz-002,parliament
decisions,kaz-2022-parliament,outcome,kaz-002,no_decision
events,kaz-2022-airport,date,kaz-001,2022-01-05
explanations,kaz-2022-author-regime,explains,kaz-004,grant
explanations,kaz-2022-author-regime,mechanism,kaz-004,regime_protection
memberships,arm-treaty-1,record,leg-001,yes
memberships,arm-treaty-1,start_date,leg-001,1994-04-20
memberships,kaz-treaty-1,record,leg-001,yes
memberships,kaz-treaty-1,start_date,leg-001,1994-04-20
memberships,rus-treaty-1,record,leg-001,yes
memberships,rus-treaty-1,start_date,leg-001,1994-04-20
memberships,uzb-treaty-1,end_date,leg-001,2012-12-19
memberships,uzb-treaty-1,record,leg-001,yes
memberships,uzb-treaty-1,start_date,leg-001,2006-08-16
offices,chair-arm-2021,start_date,leg-001,2021-09-16
positions,kaz-2022-rus,date,kaz-002,2022-01-06
positions,kaz-2022-rus,stance,kaz-002,for_troops
provisions,treaty-4,record,leg-001,yes
provisions,treaty-4,requires_request,leg-001,true
provisions,treaty-4,start_date,leg-001,1994-04-20
rationales,arm-2020-putin-border,date,arm-002,2020-11-01
rationales,arm-2020-putin-border,direction,arm-002,against
rationales,arm-2020-putin-border,rationale,arm-002,outside_territory
rationales,kaz-2022-tokayev-bands,date,kaz-003,2022-01-06
rationales,kaz-2022-tokayev-bands,direction,kaz-003,for
rationales,kaz-2022-tokayev-bands,rationale,kaz-003,terrorism
requests,arm-2020-letter,adversary_state,arm-001,AZE
requests,arm-2020-letter,adversary_type,arm-001,state
requests,arm-2020-letter,date,arm-001,2020-10-31
requests,arm-2020-letter,record,arm-001,yes
requests,arm-2020-letter,requester,arm-001,Nikol Pashinyan
requests,arm-2020-letter,status,arm-001,documented
requests,kaz-2022-appeal,adversary_type,kaz-001,foreign_nonstate
requests,kaz-2022-appeal,date,kaz-001,2022-01-05
requests,kaz-2022-appeal,record,kaz-001,yes
requests,kaz-2022-appeal,requester,kaz-001,Kassym-Jomart Tokayev
requests,kaz-2022-appeal,status,kaz-001,documented
requests,kaz-2022-second,adversary_type,kaz-001,foreign_nonstate
requests,kaz-2022-second,date,kaz-001,2022-01
requests,kaz-2022-second,record,kaz-001,yes
requests,kaz-2022-second,requester,kaz-001,Kassym-Jomart Tokayev
requests,kaz-2022-second,status,kaz-001,contested
""",
    "states": """
iso3c,name,iso2c,iso3n,cow_letters,cow_number,gw_number,vdem_id,ucdp_id
ARM,Armenia,AM,051,ARM,371,371,105,371
AZE,Azerbaijan,AZ,031,AZE,373,373,106,373
KAZ,Kazakhstan,KZ,398,KZK,705,705,121,705
RUS,Russia,RU,643,RUS,365,365,11,365
UZB,Uzbekistan,UZ,860,UZB,704,704,140,704
""",
    "memberships": """
membership_id,state,bound_by,start_date,start_date_precision,end_date,end_date_precision
arm-treaty-1,ARM,treaty,1994-04-20,day,not_applicable,not_applicable
kaz-treaty-1,KAZ,treaty,1994-04-20,day,not_applicable,not_applicable
rus-treaty-1,RUS,treaty,1994-04-20,day,not_applicable,not_applicable
uzb-treaty-1,UZB,treaty,2006-08-16,day,2012-12-19,day
""",
    "offices": """
office_id,office_kind,person,state,start_date,start_date_precision,end_date,end_date_precision
chair-arm-2021,chair,Nikol Pashinyan,ARM,2021-09-16,day,not_applicable,not_applicable
""",
    "provisions": """
provision_id,instrument_name,article,version,start_date,start_date_precision,requires_request,statement
treaty-4,Collective Security Treaty,Article 4,1992,1994-04-20,day,true,Aggression against one is aggression against all.
""",
}


def program(name: str) -> str:
    """The path of a program that reads an export, e.g. pspp. Without it the test is skipped, which in CI is a failure."""
    path = os.environ.get(f"CSTOCASES_{name.upper()}") or shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@functools.cache
def _has_r(package: str) -> bool:
    return 0 == subprocess.run(["Rscript", "-e", f"library({package})"], capture_output=True, check=False).returncode


def rscript(*packages: str) -> str:
    """The path of Rscript, where R has these packages; see `program`."""
    path = program("Rscript")
    for package in packages:
        if not _has_r(package):
            pytest.skip(f"R's {package} is not installed")
    return path


def copy_shipped(to: Path) -> Path:
    """A copy of the shipped dataset in the folder `to`."""
    for part in ("cases", "schema"):
        shutil.copytree(SHIPPED / part, to / part)
    return to


def write_small(to: Path) -> Path:
    """The small dataset in the folder `to`, under the shipped schema without the stored tables SMALL does not have."""
    shutil.copytree(SHIPPED / "schema", to / "schema")
    dataset = json.loads((to / "schema" / "dataset.json").read_text(encoding="utf-8"))
    others = set(cstocases.package().stored) - set(SMALL)
    for group in dataset["groups"]:
        group["tables"] = [name for name in group["tables"] if name not in others]
    (to / "schema" / "dataset.json").write_text(json.dumps(dataset), encoding="utf-8")
    for name in others:
        (to / "schema" / f"{name}.json").unlink()
    (to / "cases").mkdir()
    for name, table in cstocases.package(to).stored.items():
        rows = [
            {column: row.pop(column, FILL) for column in table.names} | row
            for row in csv.DictReader(io.StringIO(SMALL[name].lstrip(), newline=""))
        ]
        with csv_path(to, name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return to


def csv_path(home: Path, table: str) -> Path:
    """The file of a table."""
    return home / "cases" / f"{table}.csv"


def read_rows(home: Path, table: str) -> list[list[str]]:
    """The rows of a table's file as they stand, header first."""
    return list(csv.reader(io.StringIO(csv_path(home, table).read_text(encoding="utf-8"), newline="")))


def write_rows(home: Path, table: str, rows: list[list[str]]) -> None:
    """Write the rows of a table's file, header first."""
    with csv_path(home, table).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def lines(home: Path, table: str) -> dict[str, int]:
    """The file line of every row by its primary key, the parts of a key joined by spaces."""
    schema = cstocases.package(home).table(table)
    header, *rows = read_rows(home, table)
    at, out = 2, {}
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        out[" ".join(cells[part] for part in schema.primary_key)] = at
        at += 1 + sum(cell.count("\n") for cell in row)
    return out


def change_schema(home: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a schema file."""
    path = home / f"schema/{name}.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def spoil(home: Path, table: str, key: str, field: str, value: str) -> int:
    """Replace one cell of the row with this primary key, and return the line of the row."""
    place = list(lines(home, table)).index(key) + 1
    rows = read_rows(home, table)
    column = rows[0].index(field)
    assert rows[place][column] != value, f"{field} of {key} is {value!r} already: nothing would be spoilt"
    rows[place][column] = value
    write_rows(home, table, rows)
    return lines_before(rows, place)


def lines_before(rows: list[list[str]], place: int) -> int:
    """The file line on which the row at `place` starts."""
    return 1 + sum(1 + sum(cell.count("\n") for cell in row) for row in rows[:place])


def add(home: Path, table: str, **cells: str) -> int:
    """Append a row, FILL where no cell is given, and return its line."""
    rows = read_rows(home, table)
    unknown = set(cells) - set(rows[0])
    assert not unknown, f"{table} has no {unknown}"
    rows.append([cells.get(name, FILL) for name in rows[0]])
    write_rows(home, table, rows)
    return lines_before(rows, len(rows) - 1)


def drop(home: Path, table: str, key: str) -> None:
    """Remove the row with this primary key."""
    place = list(lines(home, table)).index(key) + 1
    rows = read_rows(home, table)
    del rows[place]
    write_rows(home, table, rows)


def edit(home: Path, path: str, old: bytes, new: bytes) -> None:
    """Replace the first occurrence of some bytes in a file."""
    file = home / path
    raw = file.read_bytes()
    assert old in raw, f"{path} does not hold {old!r}"
    file.write_bytes(raw.replace(old, new, 1))


def shown(home: Path) -> list[str]:
    """What validate finds, as it is printed."""
    return [str(problem) for problem in cstocases.validate(home)]


def addressed(home: Path, expected: list[str]) -> list[str]:
    """Expected lines with `<key>` after a path turned into the line of that row, as `home` now stands."""

    def line(match: re.Match[str]) -> str:
        return f"cases/{match['table']}.csv:{lines(home, match['table'])[match['key']]}"

    return [re.sub(r"^cases/(?P<table>[a-z]+)\.csv:<(?P<key>[^>+]+)>", line, text) for text in expected]


def run(*words: str | Path) -> Result:
    """Run the command line as a user would; an error that Python would print as a traceback fails the test."""
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False, terminal_width=80)


def grow(home: Path, readings: int, case: str = "tjk-2021") -> None:
    """Write a sound dataset of about that many readings: one shipped case, its events and their evidence told again and again."""
    dataset = cstocases.package()
    table = {
        name: pd.read_csv(SHIPPED / t.path, dtype=str, keep_default_na=False) for name, t in dataset.stored.items()
    }
    for name, frame in table.items():
        if "case_id" in frame.columns and name != "evidence":
            table[name] = frame[frame["case_id"] == case]
    decisions = table["decisions"]
    table["decisions"] = decisions[decisions["request_id"].isin(table["requests"]["request_id"])]
    contributions = table["contributions"]
    table["contributions"] = contributions[contributions["decision_id"].isin(table["decisions"]["decision_id"])]
    for name in ("codings", "adjudications"):
        table[name] = table[name].iloc[:0]
    left = {n: set(table[n][t.primary_key[0]]) for n, t in dataset.stored.items() if len(t.primary_key) == 1}
    for name in ("readings", "searches"):
        frame = table[name]
        stay = [row in left.get(where, ()) for where, row in zip(frame["table_name"], frame["record_id"], strict=True)]
        table[name] = frame[stay]
    evidence, read = table["evidence"], table["readings"]
    evidence = evidence[evidence["evidence_id"].isin(read["evidence_id"])]
    of_a_case = ~evidence["case_id"].isin(list(dataset.missing))
    table["evidence"] = evidence = evidence.assign(case_id=evidence["case_id"].mask(of_a_case, case))
    table["sources"] = table["sources"][table["sources"]["citekey"].isin(evidence["citekey"])]

    events = table["events"][~table["events"]["date"].isin(list(dataset.missing))]
    about = read[(read["table_name"] == "events") & read["record_id"].isin(events["event_id"])]
    behind = evidence[evidence["evidence_id"].isin(about["evidence_id"])]
    copies = range(max(0, (readings - len(read)) // len(about)))
    for name, block, ids in (
        ("events", events, ["event_id"]), ("evidence", behind, ["evidence_id"]), ("readings", about, ["record_id", "evidence_id"]),
    ):  # fmt: skip
        again = [block.assign(**{column: block[column] + f"-{n}" for column in ids}) for n in copies]
        table[name] = pd.concat([table[name], *again])
    shutil.copytree(SHIPPED / "schema", home / "schema")
    (home / "cases").mkdir()
    for name, frame in table.items():
        frame.to_csv(home / f"cases/{name}.csv", index=False, lineterminator="\n")


def git(home: Path, *words: str) -> None:
    """Run git in a folder, with no settings but these."""
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false", *words],
        cwd=home, check=True, capture_output=True,
    )  # fmt: skip


def parse_file(package: Package, table: Table, home: Path | None = None) -> parsed_table.Parsed:
    """A table's file, parsed and not judged."""
    raw, absent = csv_reader.file_bytes(home or package.home, table.path)
    parsed = parsed_table.unread(package, table) if raw is None else parsed_table.parse(package, table, raw)
    parsed.problems[:0] = absent
    return parsed


def parse_all(package: Package) -> Data:
    """All stored tables, parsed and not judged."""
    return Data(package, {name: parse_file(package, table) for name, table in package.stored.items()})


def canonical_file(package: Package, table: Table) -> str:
    """The canonical form of a table's file."""
    return csv_reader.canonical(table, (package.home / table.path).read_bytes())
