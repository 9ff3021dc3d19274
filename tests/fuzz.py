"""Random files and commands, guided by the code they reach (atheris, on libFuzzer).

    python tests/fuzz.py SECONDS            each target for its share of the time; exit 1 if a fault is found
    python tests/fuzz.py SECONDS TARGET     one target

A fault is any exception but those the package raises on purpose, an answer a terminal would act on, a
message nobody would read, a run of more than five minutes, or more than 3 GiB. What led to one is kept in
build/fuzz; so is the corpus, from which the next run goes on.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import importlib
import io
import json
import os
import pkgutil
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

KEPT = Path(__file__).resolve().parents[1] / "build" / "fuzz"
LIMITS = ["-timeout=300", "-rss_limit_mb=3072", "-max_len=65536", "-report_slow_units=60", "-print_final_stats=1", "-len_control=0"]  # fmt: skip
TEXTS = [
    "", " ", "x", "unknown", "not_applicable", "disputed", "true", "=1+1", "-1", "@x", '"', "'", "`", "$x", "|", "\\", "a\nb", "a\r", "\x00", "\x1b[2J",
    "\u202e", "\ufeff", "\ufffd", "e\u0301", "<<<<<<< ours", "9" * 30, "0", "-0", "1e5", "NaN", "\u0663", "2010-06-12", "2010-13-01", "9999-12-31", "0000-00-00",
    "../../etc/passwd", "/etc/passwd", "con", "x" * 40_000, "kaz-2022", "(a+)+$", "(a|a)*b", "[a-z]{2,3}", "(?=a)", "(a)\\1", "x{1000}", "<b>", "\ud800", "record", "date", "day",
]  # fmt: skip
VALUES: list[Any] = [*TEXTS, None, True, False, 0, 1, -1, 0.5, 2**31, 10**30, float("inf"), float("nan"), [], {}, [[]], {"x": 1}, ["iso3c"]]  # fmt: skip
WORDS = [
    *["tables", "describe", "show", "compare", "evidence", "candidates", "why", "contested", "sensitivity", "reliability", "export", "report", "plot", "qca", "cite", "codebook", "validate", "diff", "verify", "format", "sheet", "coding", "checks", "verdicts", "correction", "enter"],
    *["--home", "--format", "--rule", "--as-of", "--field", "--between", "--cells", "--outcome", "--condition", "--samples", "--case", "--table", "--style", "--changelog", "--derived", "--check", "--force", "-f", "-o", "--help", "--version", "--"],
    *["table", "csv", "json", "markdown", "text", "github", "published", "official", "strict", "plurality", "HELP", "TROOPS", "STATEADV", "OWNTERR", "bibtex", "csl-json", "ris", "all", "sqlite", "excel", "r"],
    *["kaz-2022", "arm-2020", "kaz-2022-appeal", "requests", "decisions", "date", "status", "requests.date", "comparison", "states", "evidence", "timeline", "asks", "members", "x.svg", "2022-01-05", "100", "0", "-1"],
    *["small", "made", "empty", "NEWS", "nowhere", "pipe", "x.html", "out"],
]  # fmt: skip
CALLS = [
    "tables --home small", "describe requests --home small", "describe requests.date --home small --format json", "show kaz-2022 --home small",
    "compare kaz-2022 arm-2020 --home small --field date --rule strict", "evidence requests kaz-2022-appeal date --home small --format csv",
    "contested --home small --format markdown", "candidates --home small", "cite --home small --case kaz-2022 --style bibtex", "codebook --home small",
    "validate small --format json", "validate small --format github", "diff small made --format text", "diff made small --changelog NEWS", "diff small small --derived",
    "verify made", "format --check --home small", "export out --home small", "export out --home small -f sqlite -f json", "compare --home small --as-of 2022-01-05",
]  # fmt: skip


class Target(NamedTuple):
    """One way in: how to try an input, inputs to start from, and how to make another of one."""

    run: Callable[[bytes], None]
    seeds: list[bytes]
    mutate: Callable[[bytes, random.Random], bytes]


def file_target(
    run: Callable[[bytes], None], sound: dict[str, bytes], other: Callable[[bytes, random.Random], bytes]
) -> Target:
    """One of some files. An input is its name, a line break and its bytes; `other` makes other bytes of them."""

    def mutate(data: bytes, rng: random.Random) -> bytes:
        name, _, body = data.partition(b"\n")
        if rng.random() < 0.1:
            name = rng.choice(list(sound)).encode()
            body = sound[name.decode()]
        return name + b"\n" + other(body, rng)

    return Target(run, [name.encode() + b"\n" + body for name, body in sound.items()], mutate)


def csv_target(home: Path) -> Target:
    """The file of a table. An input is the name of the table, a line break and the bytes of the file."""
    import helpers

    from cstocases import dataset
    from cstocases.errors import DataError
    from cstocases.parsing import column_rules, csv_reader
    from cstocases.schema.reader import package

    stored = package(home).stored
    sound = {name: (home / table.path).read_bytes() for name, table in stored.items()}
    others = {name: helpers.parse_file(package(home), table) for name, table in stored.items()}

    def run(data: bytes) -> None:
        name, _, body = data.partition(b"\n")
        table = stored.get(name.decode("latin-1"), stored["requests"])
        path = home / table.path
        with _put(path, body):
            parsed = helpers.parse_file(package(home), table)
            problems = [*parsed.problems, *column_rules.check_columns(parsed), *column_rules.check_keys(parsed)]
            problems += column_rules.check_references(parsed, {**others, table.name: parsed})
            turn = zlib.crc32(body) % 16
            if turn == 0:
                problems = dataset.validate(home)
            if turn < 4:
                with contextlib.suppress(DataError):
                    once = csv_reader.canonical(table, body)
                    assert once == csv_reader.canonical(table, once.encode()), "canonical form is not its own"
        for problem in problems:
            _readable(str(problem), problem.message)

    return file_target(run, sound, _other_csv)


def schema_target(home: Path) -> Target:
    """A schema file. An input is its name, a line break and its bytes; what is accepted must serve validation and export."""
    import cstocases
    from cstocases.errors import DataError, ExportError, SchemaFileError

    sound = {path.stem: path.read_bytes() for path in (home / "schema").glob("*.json")}

    def run(data: bytes) -> None:
        name, _, body = data.partition(b"\n")
        name = name if name.decode("latin-1") in sound else b"states"
        with _put(home / f"schema/{name.decode()}.json", body):
            refused = ""
            try:
                cstocases.package(home)
            except SchemaFileError as error:
                refused = str(error)
            if refused:
                _readable(refused, refused)
                assert refused.startswith("schema/"), "no address"
                return
            if zlib.crc32(body) % 8 == 0:
                _serves(home)

    def _serves(home: Path) -> None:
        for problem in cstocases.validate(home):
            _readable(str(problem), problem.message)
        cstocases.codebook(home)
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(DataError):
            cstocases.tables(home)
            cstocases.export(Path(folder, "x"), ["csv", "sqlite", "json", "excel", "stata"], home=home)
            with contextlib.suppress(ExportError):  # a name or version that R does not take
                cstocases.export(Path(folder, "r"), ["r"], home=home)

    return file_target(run, sound, _other_json)


def cli_target(home: Path) -> Target:
    """The command line in a folder of files. An input is the words, one a line; then, after a blank line, a file's name and bytes."""
    import click.testing

    import cstocases
    from cstocases.cli.main import main

    os.chdir(home.parent)
    home.rename("small")
    cstocases.export("made", ["csv"], home="small")
    Path("empty").mkdir()
    os.mkfifo("pipe")
    Path("NEWS").write_text("# Changelog\n\n## 0.2.0\n\n### Data\n\n- kaz-2022: `requests.date`.\n", encoding="utf-8")
    files = ["small/cases/requests.csv", "small/cases/readings.csv", "small/schema/dataset.json", "small/schema/requests.json", "made/datapackage.json", "made/SHA256SUMS", "made/csv/requests.csv", "NEWS"]  # fmt: skip
    sound = {name: Path(name).read_bytes() for name in files}
    there = {path.name for path in Path.cwd().iterdir()}
    safe = {*WORDS, *(word for call in CALLS for word in call.split())}

    def run(data: bytes) -> None:
        head, _, rest = data.partition(b"\n\n")
        words = head.decode("utf-8", "surrogateescape").split("\n")[:12]
        if any(word not in safe and ("/" in word or ".." in word or "\0" in word) for word in words):
            return  # no word may lead out of the folder
        if "format" in words:
            words += ["--home", "small"]  # or it would rewrite the shipped data
        name, _, body = rest.partition(b"\n")
        name = name.decode("latin-1")
        with _put(Path(name), body) if name in sound else contextlib.nullcontext():
            done = click.testing.CliRunner().invoke(main, words, catch_exceptions=False)
        for path in {path.name for path in Path.cwd().iterdir()} - there:
            shutil.rmtree(path) if Path(path).is_dir() else Path(path).unlink()
        assert done.exit_code in (0, 1, 2), f"exit code {done.exit_code}"
        if {"csv", "json"}.isdisjoint(words):  # those carry data to programs
            _readable(done.output.replace("\n", " "), "")

    def mutate(data: bytes, rng: random.Random) -> bytes:
        head, _, rest = data.partition(b"\n\n")
        words = head.decode("utf-8", "replace").split("\n")
        name, _, body = rest.partition(b"\n")
        if rng.random() < 0.3:
            name = rng.choice(files).encode()
            body = sound[name.decode()]
        if name.decode("latin-1") in sound and rng.random() < 0.6:
            change = _other_csv if name.endswith(b".csv") else _other_json if name.endswith(b".json") else _bytes
            body = change(body, rng)
        else:
            place = rng.randrange(len(words) + 1)
            word = rng.choice([*WORDS, *WORDS, *TEXTS])
            words[place : place + rng.randint(0, 1)] = [] if rng.random() < 0.2 else [word]
        return "\n".join(words).encode("utf-8", "replace") + b"\n\n" + name + b"\n" + body

    return Target(run, [call.replace(" ", "\n").encode() for call in CALLS], mutate)


def returns_target(home: Path) -> Target:
    """A file that comes back from a sheet. An input is its name, a line break and its bytes; `home` is not needed."""
    from people.answers import coding
    from spoil_returns import CORRECTION

    from cstocases.dataset import data
    from cstocases.people.entering import proposed
    from cstocases.people.new_case import case_toml
    from cstocases.people.proposal import ReturnError
    from cstocases.people.questions import coding_sheet
    from cstocases.people.returns import read_return
    from cstocases.people.workbook import write_workbook

    found = data()
    sheet = coding_sheet(found, "kgz-2016", "anna").sheet
    sound = {
        "anna.json": json.dumps(coding("kgz-2016", {"requests/kgz-2016-session/status": "documented"})).encode(),
        "fix.toml": CORRECTION.encode(),
        "arm-1995.toml": case_toml(found, "ARM", "arm-1995").encode(),
        "anna.xlsx": write_workbook(sheet, home / "anna.xlsx").read_bytes(),
    }

    def run(data: bytes) -> None:
        name, _, body = data.partition(b"\n")
        path = home / (name.decode("latin-1") if name.decode("latin-1") in sound else "anna.json")
        path.write_bytes(body)
        try:
            proposed(found, read_return(path))
        except ReturnError as error:
            for problem in error.problems:
                _readable(str(problem), problem.message)

    def other(body: bytes, rng: random.Random) -> bytes:
        return _other_json(body, rng) if body.startswith(b"{") else _bytes(body, rng)

    return file_target(run, sound, other)


TARGETS: dict[str, Callable[[Path], Target]] = {
    "csv": csv_target, "schema": schema_target, "cli": cli_target, "returns": returns_target,
}  # fmt: skip


@contextlib.contextmanager
def _put(path: Path, body: bytes) -> Iterator[None]:
    """The file with other bytes, for a while."""
    before = path.read_bytes()
    path.write_bytes(body)
    try:
        yield
    finally:
        path.write_bytes(before)


def _readable(shown: str, message: str) -> None:
    assert shown.isprintable(), f"a terminal would act on {shown!r:.300}"
    assert len(message) < 1000, f"nobody reads {message:.300}"


def _rows(body: bytes) -> list[list[str]]:
    """Bytes as rows, those of one read before whatever their faults; none where there are none."""
    try:
        return list(csv.reader(io.StringIO(body.decode("utf-8", "surrogatepass"), newline="")))
    except (csv.Error, UnicodeDecodeError):
        return []


def _other_csv(body: bytes, rng: random.Random) -> bytes:
    """A table with a few cells or rows changed, or with other bytes."""
    rows = _rows(body)
    if not rows or rng.random() < 0.1:
        return _bytes(body, rng)
    for _ in range(rng.randint(1, 4)):
        _edit_rows(rows, rng)
    buffer = io.StringIO(newline="")
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    csv.writer(buffer, lineterminator=rng.choice(["\n", "\n", "\n", "\r\n"]), quoting=quoting).writerows(rows)
    return buffer.getvalue().encode("utf-8", "surrogatepass")


def _other_json(body: bytes, rng: random.Random) -> bytes:
    """A JSON object with a few values changed, or with other bytes."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or rng.random() < 0.1:
        return _bytes(body, rng)
    for _ in range(rng.randint(1, 3)):
        _edit_json(value, rng)
    text = json.dumps(value, indent=rng.choice([None, 2]), ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.05:
        text = re.sub(r'("\w+"): ', r"\1: 0, \1: ", text, count=1)
    return text.encode("utf-8", "surrogatepass")


def _edit_rows(rows: list[list[str]], rng: random.Random) -> None:
    place = rng.randrange(len(rows))
    row = rows[place]
    match rng.choice(["cell"] * 6 + ["take"] * 3 + ["twice", "drop", "shuffle", "longer", "shorter"]):
        case "cell" if row:
            row[rng.randrange(len(row))] = rng.choice(TEXTS)
        case "take" if row:  # a value that stands elsewhere, so that keys and references still hold
            other = rng.choice(rows) or [""]
            column = rng.randrange(len(row))
            row[column] = other[column % len(other)]
        case "twice":
            rows.insert(rng.randrange(len(rows) + 1), list(row))
        case "drop" if len(rows) > 1:
            del rows[place]
        case "shuffle":
            rows[1:] = rng.sample(rows[1:], len(rows) - 1)
        case "longer":
            row.append(rng.choice(TEXTS))
        case "shorter" if row:
            row.pop()


def _edit_json(value: Any, rng: random.Random) -> None:
    nodes = list(_nodes(value))
    if not nodes:
        return
    where, key = rng.choice(nodes)
    match rng.choice(["value"] * 4 + ["text"] * 2 + ["take"] * 2 + ["drop", "twice", "key"]):
        case "value":
            where[key] = rng.choice(VALUES)
        case "text" if isinstance(where[key], str):
            cut = rng.randrange(len(where[key]) + 1)
            where[key] = where[key][:cut] + rng.choice(TEXTS) + where[key][cut:]
        case "take":
            other, name = rng.choice(nodes)
            where[key] = json.loads(json.dumps(other[name]))
        case "drop":
            del where[key]
        case "twice" if isinstance(where, list):
            where.insert(key, json.loads(json.dumps(where[key])))
        case "key" if isinstance(where, dict):
            where[rng.choice([*(k for w, k in nodes if isinstance(w, dict)), "x"])] = where.pop(key)


def _nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _nodes(inner)


def _bytes(body: bytes, rng: random.Random) -> bytes:
    """The bytes with a stretch of them changed, taken out or doubled."""
    start = rng.randrange(len(body) + 1)
    end = min(len(body), start + rng.randint(0, 8))
    new = rng.choice(
        [b"", body[start:end] * 2, rng.randbytes(rng.randint(1, 4)), b"\xff", b"\n\n", b'"', b"[" * 3000, b"\r"]
    )
    return body[:start] + new + body[end:]


def recorded(run: Callable[[bytes], None], data: bytes, folder: Path) -> None:
    """Run an input, and keep it with its traceback if it is the first to fail where it fails."""
    try:
        run(data)
    except io.UnsupportedOperation:
        return  # atheris looks for a terminal where click's test runner stands in for it
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [f for f in frames if "cstocases" in f.filename and "site-packages" not in f.filename] or frames
        where = f"{type(error).__name__} {Path(ours[-1].filename).name}:{ours[-1].lineno}"
        path = folder / f"fault-{hashlib.sha256(where.encode()).hexdigest()[:8]}"
        if not path.exists():
            path.write_bytes(data)
            path.with_suffix(".txt").write_text(f"{where}\n\n{''.join(traceback.format_exception(error))}", "utf-8")
            print(f"FAULT {where}: {error!s:.300}", flush=True)


def fuzz(name: str, seconds: float) -> None:
    """Fuzz one target in this process; libFuzzer ends it."""
    import atheris

    with atheris.instrument_imports(include=["cstocases"]):
        import cstocases

        for module in pkgutil.walk_packages(cstocases.__path__, "cstocases."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    import helpers

    folder = KEPT / name
    corpus, seeds = folder / "corpus", folder / "seeds"
    for made in (corpus, seeds):
        made.mkdir(parents=True, exist_ok=True)
    home = helpers.write_small(Path(tempfile.mkdtemp(prefix="fuzz-"), "home"))
    target = TARGETS[name](home)
    for seed in target.seeds:
        (seeds / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        rng = random.Random(seed)  # noqa: S311 - nothing is kept secret
        made = atheris.Mutate(data, max_size) if rng.random() < 0.05 else target.mutate(data, rng)
        return made[:max_size]

    options = [*LIMITS, f"-max_total_time={max(1, round(seconds))}", f"-artifact_prefix={folder}/"]
    atheris.Setup(
        [sys.argv[0], *options, str(corpus), str(seeds)],
        lambda data: recorded(target.run, data, folder),
        custom_mutator=mutate,
    )
    atheris.Fuzz()


def campaign(names: list[str], seconds: float) -> int:
    """Fuzz targets one after another, each in a process of its own, and say what came of it."""
    code = 0
    for name in names:
        folder, start, runs, edges, kept = KEPT / name, time.monotonic(), 0, 0, 0
        folder.mkdir(parents=True, exist_ok=True)
        before = _kept(folder)
        while (left := seconds / len(names) - (time.monotonic() - start)) >= 1:
            done = subprocess.run(
                [sys.executable, __file__, str(left), name, "--here"],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            said = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
            runs += int(said.get("number_of_executed_units", 0))
            kept += int(said.get("new_units_added", 0))
            edges = max([edges, *map(int, re.findall(r" cov: (\d+)", done.stderr))])
            print("".join(line for line in done.stdout.splitlines(keepends=True) if line.startswith("FAULT")), end="")
            if done.returncode:
                (folder / "died.txt").write_text(done.stderr, encoding="utf-8")  # libFuzzer says where it stood
            if not said:
                print(done.stderr[-3000:])
                return 1
        faults = sorted(_kept(folder) - before)
        took = time.monotonic() - start
        print(
            f"{name:7} {runs:>9,} runs in {took:4.0f} s, {edges:,} edges reached, {kept:,} inputs kept, {len(faults)} faults"
        )
        for path in faults:
            print(f"  {path}")
        code |= bool(faults)
    return code


def _kept(folder: Path) -> set[Path]:
    """What led to a fault: ours, or one by which libFuzzer ended the process."""
    return {p for p in folder.glob("*-*") if p.name.startswith(("fault", "crash", "timeout", "oom")) and not p.suffix}


def main(words: list[str]) -> int:
    """Read the command line."""
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed, or has no wheel for this Python: pip install --group fuzz", file=sys.stderr)
        return 2
    seconds, names = float(words[0]), [word for word in words[1:] if word in TARGETS]
    if "--here" in words:
        fuzz(names[0], seconds)
    return campaign(names or list(TARGETS), seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
