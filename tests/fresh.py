"""What the pages that show the data must say by now: test_docs.py compares them, and `make pages` writes them."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import helpers

import cstocases
from cstocases.dataset import data
from cstocases.formats.citation import citation_cff
from cstocases.formats.contents import Contents
from cstocases.pages.plots import plot, save
from cstocases.parsing.csv_reader import to_csv
from cstocases.people.coders import contributors

ROOT = Path(__file__).resolve().parents[1]
CONSOLE = re.compile(r"(?<=```console\n)\$ (?P<command>.*?)\n.*?(?=```)", re.DOTALL)
PYTHON = re.compile(r"(?<=```python\n).*?(?=```)", re.DOTALL)
# The words of README.md that follow the number of rows of a table.
COUNTED = {
    "cases": "cases",
    "requests": "requests",
    "asks": "asks",
    "occasions": "candidates",
    "pairs": "request_members",
    "years": "member_years",
    "sources": "sources",
    "statements": "evidence",
    "readings": "readings",
}
# The derived tables that the repository has as CSV, so that they can be had without a program.
READY = ("comparison", "request_members", "member_years")
R = re.compile(r"(?<=```r\n)(?P<script>.*?)```\n\n```text\n(?P<printed>.*?)(?=```)", re.DOTALL)


def examples(text: str) -> str:
    """A page of README or docs with what its commands and its Python print; docs/tools.md is run by formats/test_recipes.py."""
    session: dict[str, object] = {}
    return PYTHON.sub(lambda found: _python(found[0], session), CONSOLE.sub(_console, text))


def counts(text: str) -> str:
    """README.md with the counts of its first lines, the share of stated readings and the version of the wheel."""
    text = re.sub(r"(?<=/cstocases-)[\d.]+(?=-py3)", cstocases.__version__, text)
    rows = cstocases.tables().set_index("table")["rows"]
    for word, table in COUNTED.items():
        text = re.sub(rf"(?<=\*\*)[\d,]+(?= {word}\*\*)", f"{rows[table]:,}", text)
    sums = cstocases.checked().sum(numeric_only=True)
    text = re.sub(r"(?<=\*\*)[\d,]+ of [\d,]+(?= cells\*\*)", f"{sums['checked']:,} of {sums['cells']:,}", text)
    share = cstocases.bases().set_index("table_name").loc["all tables", "share_stated"]
    return re.sub(r"\d+(?= % of the readings are \*stated\*)", f"{share:.0f}", text)


def r_example(text: str) -> str:
    """README.md with what its R prints, which takes longer: R installs the package."""
    return R.sub(_r, text)


def _console(found: re.Match[str]) -> str:
    command, _, cut = found["command"].partition(" | head -")
    printed = helpers.run(*shlex.split(command)[1:]).stdout.splitlines(keepends=True)
    return f"$ {found['command']}\n{''.join(printed[: int(cut)] if cut else printed)}"


def _python(block: str, session: dict[str, object]) -> str:
    lines, made, at = block.splitlines(keepends=True), "", 0
    for example in doctest.DocTestParser().get_examples(block):
        end = example.lineno + example.source.count("\n")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(example.source, "the example", "single"), session)
        made += "".join(lines[at:end]) + printed.getvalue()
        at = end + example.want.count("\n")
    return made + "".join(lines[at:])


def _r(found: re.Match[str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        if "build/r" in found["script"]:
            cstocases.export(Path(folder) / "build/r", ["r"])
        (Path(folder) / "data").symlink_to(ROOT / "data")
        (Path(folder) / "library").mkdir()
        env = {**os.environ, "R_LIBS": f"{folder}/library"}
        done = subprocess.run(
            ["Rscript", "-e", found["script"]], cwd=folder, env=env, capture_output=True, text=True, check=True
        )
    same = done.stdout.split() == found["printed"].split()  # versions of R space otherwise
    return found[0] if same else found[0].replace(found["printed"], done.stdout)


def words(picture: str) -> list[str]:
    """What is written in a picture, in order."""
    return re.findall(r"<text[^>]*>([^<]*)", picture)


def picture(text: str) -> str:
    """The README's picture; as it was if every word of it is, since versions of matplotlib draw it otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        save(plot("asks", ["kgz-2010", "arm-2020", "kaz-2022"]), Path(folder) / "asks.svg")
        drawn = (Path(folder) / "asks.svg").read_text(encoding="utf-8")
    return text if words(text) == words(drawn) else drawn


def ready(name: str) -> str:
    """A derived table as CSV that R, pandas and Excel read without options: NA where a cell is missing, TRUE and FALSE."""
    contents = Contents(data(), "")
    texts = contents.texts[name].mask(contents.missing_codes[name].notna(), "NA")
    yes_no = [field.name for field in contents.package.table(name).fields if field.type == "boolean"]
    return to_csv(texts.assign(**texts[yes_no].apply(lambda column: column.str.upper())))


# What each page must be, from what it is.
PAGES: dict[str, Callable[[str], str]] = {
    "README.md": lambda text: examples(counts(text)),
    "docs/example.md": examples,
    "docs/python.md": examples,
    "docs/asks.svg": picture,
    "CODEBOOK.md": lambda _: cstocases.codebook(),
    "CONTRIBUTORS.md": lambda _: contributors(data(), (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")),
    "CITATION.cff": lambda _: citation_cff(cstocases.package()),
    **{f"data/{name}.csv": lambda _, name=name: ready(name) for name in READY},
}


def main() -> None:
    """Write every page that is no longer what it must be, and say which."""
    for name, made in PAGES.items():
        path = ROOT / name
        old = path.read_text(encoding="utf-8")
        new = made(old)
        if name == "README.md" and shutil.which("Rscript"):
            new = r_example(new)
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"{name}: renewed; read whether the text around it still holds")


if __name__ == "__main__":
    main()
