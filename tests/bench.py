"""Times what a person waits for, beside something known on the same machine, and says which targets are met.

    python tests/bench.py --rows 1000 --runs 1                  the short form
    python tests/bench.py --write docs/performance.md           up to a million readings
    python tests/bench.py --python ENV/bin/python --rows 0      the real data alone, in another environment

Two commands run in turn (A B A B), as whole processes; a figure is the median of the ratios of such pairs, because a
machine's speed drifts. One run of each is not counted, so the cache of judged contents is filled.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from helpers import grow

QUERIES = [
    "compare", "show kgz-2010", "evidence kgz-2010", "why arm-2020", "contested", "candidates", "cite", "tables",
    "describe requests.addressee",
]  # fmt: skip
# In a fresh process: the seconds of the work alone, after pandas is imported.
CLOCK = "import pandas, sys, time\nfrom pathlib import Path\nhome = sys.argv[1]\n{before}\nstart = time.perf_counter()\n{work}\nprint(time.perf_counter() - start)"
LOAD = CLOCK.format(before="", work="import cstocases\ncstocases.load('comparison', home)")
# The files as somebody who knows their columns would read them with pandas.
READ_CSV = CLOCK.format(
    before="""from cstocases.schema.reader import package
dataset, types = package(home), {'string': 'string', 'integer': 'Int64', 'number': 'Float64', 'boolean': 'boolean'}
dates = {t.path: [f.name for f in t.fields if f.type == 'date'] for t in dataset.stored.values()}
others = {t.path: {f.name: types[f.type] for f in t.fields if f.type != 'date'} for t in dataset.stored.values()}
words = {'true_values': ['true'], 'false_values': ['false'], 'na_values': list(dataset.missing), 'keep_default_na': False}""",
    work="[pandas.read_csv(Path(home) / path, dtype=others[path], parse_dates=dates[path], **words) for path in dates]",
)
ABOUT = """import cstocases, importlib.metadata, os, platform, sys
kind = "wheel" if "site-packages" in cstocases.__file__ else "checkout"
libraries = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("pandas", "pandera", "pyarrow"))
print(cstocases.package().home, kind, sep="\\n")
print(f"cstocases {cstocases.__version__} as a {kind}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores; {libraries}.")"""


class Row(NamedTuple):
    """A line of the first table: median seconds of both commands, the median of their ratios, and the target."""

    what: str
    beside: str
    ours: float
    theirs: float
    ratio: float
    target: float | None


class Bench:
    """The environment that is measured, and a folder for all that is written."""

    def __init__(self, python: Path, work: Path, runs: int) -> None:
        self.python, self.own, self.work, self.runs = str(python), str(python.parent / "cstocases"), work, runs
        here = python.parent / "frictionless"
        self.frictionless = str(here if here.exists() else Path(sys.executable).parent / "frictionless")
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.env = {**env, "CSTOCASES_CACHE": str(work / "cache"), "MPLCONFIGDIR": str(work / "matplotlib")}
        home, self.kind, self.about = self.output(self.python, "-c", ABOUT).splitlines()
        self.home = Path(home)

    def output(self, *command: str) -> str:
        """What a command prints; it must succeed."""
        done = subprocess.run(command, env=self.env, cwd=self.work, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"exit code {done.returncode}: {' '.join(command)}\n{done.stderr}")
        return done.stdout

    def process(self, *command: str) -> Callable[[], float]:
        """A run of a command as a process, which gives its wall seconds."""

        def run() -> float:
            start = time.perf_counter()
            self.output(*command)
            return time.perf_counter() - start

        return run

    def inside(self, code: str) -> Callable[[], float]:
        """A run of Python code in a fresh process, which gives the seconds that it prints."""
        return lambda: float(self.output(self.python, "-c", code, str(self.home)))

    def pair(
        self, what: str, ours: Callable[[], float], beside: str, theirs: Callable[[], float], target: float | None
    ) -> Row:
        """Two runs in turn, after one of each that is not counted."""
        ours(), theirs()
        pairs = [(ours(), theirs()) for _ in range(self.runs)]
        ratio = statistics.median(a / b for a, b in pairs)
        return Row(what, beside, *(statistics.median(side) for side in zip(*pairs, strict=True)), ratio, target)

    def new_content(self) -> float:
        """The seconds of `compare` where nothing was judged before."""
        shutil.rmtree(self.work / "cache")
        return self.process(self.own, "compare")()


def real_data(bench: Bench) -> Iterator[Row]:
    """What a person waits for on the shipped data."""
    dest, other, page = (str(bench.work / name) for name in ("export", "all", "report.html"))
    pandas = bench.process(bench.python, "-c", "import pandas")
    commands = [(command, 1.6) for command in QUERIES]
    commands += [("sensitivity", 4), (f"report {page} --force", 6)]
    commands += [(f"export {dest} --force", 4), (f"export {other} -f all --force", 10)]
    for command, target in commands:
        shown = re.sub(rf" {re.escape(str(bench.work))}\S+| --force", "", command)
        yield bench.pair(shown, bench.process(bench.own, *command.split()), "import pandas", pandas, target)
    yield bench.pair('load("comparison"), after import pandas', bench.inside(LOAD), "typed read_csv of every file", bench.inside(READ_CSV), 3)  # fmt: skip
    checker = bench.process(bench.frictionless, "validate", f"{dest}/datapackage.json")
    yield bench.pair("validate", bench.process(bench.own, "validate"), "frictionless validate", checker, 0.9)
    yield bench.pair("compare, the first time that a content is seen", bench.new_content, "import pandas", pandas, None)


def synthetic(bench: Bench, most: int) -> Iterator[str]:
    """The same work on 1,000 readings, 10,000 and so on, and how much longer each step takes."""
    yield "| what | readings | time | times the size before | target | met |\n|---|---|---|---|---|---|"
    before: dict[str, float] = {}
    for n in (10**k for k in range(3, 7) if 10**k <= most):
        folder = bench.work / str(n)
        folder.mkdir()
        grow(folder, n)
        home, dest = ["--home", str(folder)], str(bench.work / "export")
        load = f"import cstocases; cstocases.load('readings', {str(folder)!r})"
        for what, command in {
            "load, the first time": [bench.python, "-c", load],
            "load": [bench.python, "-c", load],
            "validate": [bench.own, "validate", str(folder)],
            "export -f csv": [bench.own, "export", dest, "-f", "csv", "--force", *home],
            "export -f parquet": [bench.own, "export", dest, "-f", "parquet", "--force", *home],
        }.items():
            once = n > 10**5 or what == "load, the first time"
            seconds = statistics.median(bench.process(*command)() for _ in range(1 if once else bench.runs))
            grown = seconds / before[what] if what in before else None
            before[what] = seconds
            yield f"| {what} | {n:,} | {seconds:.2f} s | {verdict(grown, 12, below=True)} |"
        shutil.rmtree(folder)


def verdict(figure: float | None, target: float | None, below: bool = False) -> str:
    """A figure, its target, and whether it is met, as three cells; the figure is judged as printed."""
    if figure is None or target is None:
        return f"{'' if figure is None else f'{figure:.2f}'} | |"
    met = round(figure, 2) < target if below else round(figure, 2) <= target
    return f"**{figure:.2f}** | {'below' if below else 'at most'} {target:g} | {'yes' if met else '**no**'}"


def main() -> None:
    """Measure and print; with --write put the results into a page, in place of the earlier ones."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=10**6, help="largest number of readings; 0: the real data alone")
    options.add_argument(
        "--runs", type=int, default=5, help="counted runs of each command (one above 100,000 readings)"
    )
    options.add_argument("--python", type=Path, default=Path(sys.executable), help="of the environment to measure")
    options.add_argument("--write", type=Path, help="page whose results to replace")
    asked = options.parse_args()
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(asked.python.absolute(), Path(folder), asked.runs)
        say(
            f"{bench.about}\n\n| what | time | beside it | its time | ratio | target | met |\n|---|---|---|---|---|---|---|"
        )
        for row in real_data(bench):
            say(
                f"| {row.what} | {row.ours:.2f} s | {row.beside} | {row.theirs:.2f} s | {verdict(row.ratio, row.target)} |"
            )
        if asked.rows:
            say("\n### Larger data\n")
            for line in synthetic(bench, asked.rows):
                say(line)
    if asked.write:
        page = asked.write.read_text(encoding="utf-8")
        place = rf"(<!-- {bench.kind} -->\n).*?(<!-- end -->)"
        if not re.search(place, page, re.DOTALL):
            raise SystemExit(f"{asked.write} has no place for the results of a {bench.kind}")
        results = "\n".join(lines)
        page = re.sub(place, lambda found: f"{found[1]}{results}\n{found[2]}", page, flags=re.DOTALL)
        asked.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
