"""What the package costs beside what a user would pick instead: whole processes, in turn, as ratios of one run.

    python tests/bench.py                      a million rows, some fifteen minutes
    python tests/bench.py --rows 10000         the short form
    python tests/bench.py --write docs/performance.md

Every command runs in turn with what it is compared with, after one run that is not counted; the ratio is
the median of the pairs, because a machine's speed drifts. Peak memory is that of the process.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

BIN = Path(sys.executable).parent
PYTHON = [sys.executable, "-c"]
CLICK = [
    *PYTHON,
    "import click\n@click.group()\ndef main(): 'Five commands.'\nfor n in 'abcde': main.command(n)(lambda: None)\nmain(['--help'])",
]
LIBRARIES = ("click", "pandas", "pandera", "pyarrow", "frictionless", "csv-diff")
LONG = 100_000  # three runs here, one above, where frictionless would take minutes
HERE = Path(__file__).parent
GROW = f"import sys; from pathlib import Path; sys.path.insert(0, {str(HERE)!r}); from helpers import grow; grow(Path(sys.argv[1]), int(sys.argv[2]))"
READ = "import pandas as pd, sys; from pathlib import Path; home = Path(sys.argv[1]); "
# pandas as a user types it, with the dtypes and the kinds of missing of the schema.
TYPED = READ + (
    "import cstocases; dataset = cstocases.package(home); from cstocases.parsing.csv_reader import DTYPES; read = lambda t: pd.read_csv("
    "home / t.path, dtype={f.name: DTYPES[f.type] for f in t.fields if f.type != 'date'}, true_values=['true'], "
    "false_values=['false'], na_values=list(dataset.missing), keep_default_na=False, "
    "parse_dates=[f.name for f in t.fields if f.type == 'date'])"
    ".astype({f.name: 'datetime64[s]' for f in t.fields if f.type == 'date'}); "
)  # fmt: skip
PANDERA = TYPED + "[cstocases.to_pandera(t).validate(read(t), lazy=True) for t in dataset.stored.values()]"
EVERY = (
    READ
    + "frames = {p.stem: pd.read_csv(p, dtype=str, keep_default_na=False) for p in sorted(home.glob('cases/*.csv'))}; dest = Path(sys.argv[2]); dest.mkdir(exist_ok=True); "
)
TO_CSV = EVERY + "[f.to_csv(dest / f'{n}.csv', index=False) for n, f in frames.items()]"
TO_PARQUET = EVERY + "[f.to_parquet(dest / f'{n}.parquet', index=False) for n, f in frames.items()]"
ARROW = "import sys, pyarrow.csv as c, pyarrow.parquet as q; from pathlib import Path; home, dest = map(Path, sys.argv[1:]); dest.mkdir(exist_ok=True); "
ARROW_CSV = ARROW + "[c.write_csv(c.read_csv(p), dest / p.name) for p in sorted(home.glob('cases/*.csv'))]"
ARROW_PARQUET = (
    ARROW + "[q.write_table(c.read_csv(p), dest / f'{p.stem}.parquet') for p in sorted(home.glob('cases/*.csv'))]"
)


class Cost(NamedTuple):
    """Wall seconds and peak MiB of one run of a process."""

    seconds: float
    peak: float


class Row(NamedTuple):
    """A line of the results: the medians of a command and of what it is compared with, and the median ratio."""

    what: str
    rows: int
    ours: Cost
    beside: str
    theirs: Cost
    ratio: float


def run(command: list[str]) -> Cost:
    """One run of a command as a process of its own, which must succeed; what it prints is thrown away."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # else every start compiles anew
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != (1 if command[-1].endswith("/bad") and "validate" in command else 0):
        raise SystemExit(f"exit code {process.returncode}: {command}")
    return Cost(seconds, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 2**20))


def median(costs: list[Cost]) -> Cost:
    """Medians of both figures."""
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def compare(what: str, ours: list[str], beside: str, theirs: list[str], rows: int = 0, runs: int = 5) -> Row:
    """Two commands in turn, `runs` times; after one that is not counted, unless they take long."""
    runs = 1 if rows > LONG else min(runs, 3) if rows == LONG else runs
    for command in (ours, theirs) if rows < LONG else ():
        run(command)
    pairs = [(run(ours), run(theirs)) for _ in range(runs)]
    ratio = statistics.median(a.seconds / b.seconds for a, b in pairs)
    return Row(what, rows, median([a for a, _ in pairs]), beside, median([b for _, b in pairs]), ratio)


def start_up(runs: int) -> Iterator[Row]:
    """What each command costs before and beside its work, against an interpreter that does nothing and a bare click group."""
    own = [
        ["--help"],
        ["--version"],
        ["tables"],
        ["describe", "requests"],
        ["show", "kgz-2010"],
        ["compare"],
        ["cite"],
        ["validate"],
    ]
    commands = {f"cstocases {' '.join(words)}": [str(BIN / "cstocases"), *words] for words in own}
    for other in ("csv-diff", "frictionless"):
        commands[f"{other} --help"] = [str(BIN / other), "--help"]
    for what, command in commands.items():
        yield compare(what, command, "bare Python", [*PYTHON, "pass"], runs=runs)
        yield compare(what, command, "a click group's --help", CLICK, runs=runs)


def at_size(home: Path, work: Path, rows: int, runs: int) -> Iterator[Row]:
    """Loading, validating and exporting a dataset of that many readings."""
    own, place = str(BIN / "cstocases"), str(home)
    fresh, other = str(work / "export"), str(work / "other")
    file = [str(home / "cases/readings.csv"), str(work / "readings.parquet")]
    run([*PYTHON, "import pandas, sys; pandas.read_csv(sys.argv[1]).to_parquet(sys.argv[2])", *file])
    load = [*PYTHON, "import cstocases, sys; cstocases.load('readings', sys.argv[1])", place]
    for beside, code, argument in (
        ("pandas.read_csv of the file", "import pandas, sys; pandas.read_csv(sys.argv[1])", file[0]),
        ("pandas.read_csv of every file, typed", TYPED + "[read(t) for t in dataset.stored.values()]", place),
        ("pandas.read_parquet of the file", "import pandas, sys; pandas.read_parquet(sys.argv[1])", file[1]),
    ):  # fmt: skip
        yield compare("load, with every rule checked", load, beside, [*PYTHON, code, argument], rows, runs)
    strict = "import sys; from cstocases import parse; from cstocases.schema.reader import package; p = package(sys.argv[1]); [parse.parse(p, t) for t in p.stored.values()]"
    typed = [*PYTHON, TYPED + "[read(t) for t in dataset.stored.values()]", place]
    yield compare(
        "read every file strictly, no rules", [*PYTHON, strict, place], "pandas.read_csv, typed", typed, rows, runs
    )
    validate = [own, "validate", place]
    yield compare("validate", validate, "pandera, columns only", [*PYTHON, PANDERA, place], rows, runs)
    if rows <= LONG:
        subprocess.run([own, "export", fresh, "-f", "csv", "--home", place, "--force"], check=True, capture_output=True)
        checker = [str(BIN / "frictionless"), "validate", f"{fresh}/datapackage.json"]
        yield compare("validate", validate, "frictionless validate", checker, rows, 1 if rows == LONG else runs)
    yield from spoilt(home, work, rows, validate, runs)
    for form, beside, code in (
        ("csv", "pandas to_csv", TO_CSV), ("csv", "pyarrow write_csv", ARROW_CSV),
        ("parquet", "pandas to_parquet", TO_PARQUET), ("parquet", "pyarrow write_table", ARROW_PARQUET),
    ):  # fmt: skip
        export = [own, "export", fresh, "-f", form, "--home", place, "--force"]
        yield compare(
            f"export -f {form}, checked and described", export, beside, [*PYTHON, code, place, other], rows, runs
        )


def spoilt(home: Path, work: Path, rows: int, validate: list[str], runs: int) -> Iterator[Row]:
    """The same data with half of its events spoilt: validating them, and comparing the two."""
    bad = work / "bad"
    shutil.copytree(home, bad)
    events = "cases/events.csv"
    lines = (bad / events).read_text(encoding="utf-8").split("\n")
    lines[1::2] = [line.replace(",day,", ",dya,") for line in lines[1::2]]
    (bad / events).write_text("\n".join(lines), encoding="utf-8")
    again = [*validate[:-1], str(bad)]
    yield compare("validate, half of the events spoilt", again, "validate, the sound data", validate, rows, runs)
    if rows < LONG:  # csv-diff takes minutes from here on
        other = [str(BIN / "csv-diff"), str(home / events), str(bad / events), "--key", "event_id"]
        ours = [str(BIN / "cstocases"), "diff", str(home), str(bad)]
        yield compare(
            "diff of every table, half of the events differing", ours, "csv-diff of the events alone", other, rows, runs
        )


def growth(rows: list[Row]) -> Iterator[str]:
    """The exponents with which time and memory grow between the two largest sizes."""
    yield "| what | rows | time grows by | exponent | memory grows by | exponent |\n|---|---|---|---|---|---|"
    for what in dict.fromkeys(row.what for row in rows):
        sizes = {row.rows: row.ours for row in rows if row.what == what}
        if len(sizes) > 1:
            (n, less), (m, more) = sorted(sizes.items())[-2:]
            by = [more.seconds / less.seconds, more.peak / less.peak]
            time_by, peak_by = (f"x {b:.1f} | {math.log(b) / math.log(m / n):.2f}" for b in by)
            yield f"| {what} | {n:,} to {m:,} | {time_by} | {peak_by} |"


def machine() -> str:
    """What the figures were measured with."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"cstocases {importlib.metadata.version('cstocases')}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, {cores} cores; {versions}."


def table(rows: list[Row], sizes: bool) -> Iterator[str]:
    """Results as a Markdown table."""
    yield "| what | " + ("readings | " if sizes else "") + "time | peak | beside it | its time | its peak | ratio |"
    yield "|---|" + ("---|" if sizes else "") + "---|---|---|---|---|---|"
    for row in rows:
        size = f"{row.rows:,} | " if sizes else ""
        (seconds, peak), (other, other_peak) = row.ours, row.theirs
        yield f"| {row.what} | {size}{seconds:.2f} s | {peak:,.0f} MiB | {row.beside} | {other:.2f} s | {other_peak:,.0f} MiB | **{row.ratio:.2f}** |"


def main() -> None:
    """Measure and print; with --write put the results into a page, in place of the earlier ones."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=10**6, help="largest number of readings (default: a million)")
    options.add_argument(
        "--runs", type=int, default=5, help="counted runs of each pair (at most three at 100,000 rows, one above)"
    )
    options.add_argument("--write", type=Path, help="page whose results to replace")
    asked = options.parse_args()
    lines = [machine(), "", "### Start-up", ""]

    def say(*more: str) -> None:
        lines.extend(more)
        print("\n".join(more), flush=True)

    print(lines[0])
    say(*table(list(start_up(asked.runs)), sizes=False), "", "### At size", "")
    measured: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in (10**k for k in range(3, 7) if 10**k <= asked.rows):
            work = Path(folder) / str(rows)
            work.mkdir()
            (work / "home").mkdir()
            run([*PYTHON, GROW, str(work / "home"), str(rows)])
            bytes_ = sum(p.stat().st_size for p in (work / "home/cases").iterdir())
            print(f"{rows:,} readings, {bytes_ / 2**20:.1f} MiB of CSV", file=sys.stderr, flush=True)
            measured += at_size(work / "home", work, rows, asked.runs)
    say(*table(measured, sizes=True), "", "### Growth", "", *growth(measured))
    if asked.write:
        page = asked.write.read_text(encoding="utf-8")
        results = "\n".join(lines)
        page = re.sub(r"(<!-- results -->\n).*(<!-- end -->)", lambda m: f"{m[1]}{results}\n{m[2]}", page, flags=re.S)
        asked.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
