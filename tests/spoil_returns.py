"""What becomes of a file that comes back: an answer, a key or a byte of it spoilt on the way."""

from __future__ import annotations

import functools
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from people.answers import coding
from planting import SHIPPED, Fault, Kind

from cstocases.people.entering import enter
from cstocases.people.proposal import ReturnError

Content = dict[str, Any]
CORRECTION = """cstocases = "correction"
by = "anna"
reason = "A decree gives the day."
shown_as = "Anna A."
[source]
type = "legislation"
title = "Decree on the letter"
publisher = "Government of Kyrgyzstan"
published = "2010-06"
language = "ru"
url = "https://example.org/decree"
source_kind = "official"
access = "full"
accessed = "2011-01-05"
[[statement]]
words = "The decree dates the letter to the eighteenth."
case = "kgz-2010"
topic = "request"
date = "2010-06-18"
says = { "requests/kgz-2010-troops/date" = "2010-06-18" }
[[change]]
cell = "requests/kgz-2010-troops/date"
was = "2010-06-12"
now = "2010-06-18"
"""


@functools.cache
def _sound() -> str:
    values = {"addressee": "csto_body", "instrument": "none", "status": "documented", "date": "2016-03"}
    return json.dumps(
        coding("kgz-2016", {f"requests/kgz-2016-session/{name}": value for name, value in values.items()}, home=SHIPPED)
    )


def answer(
    name: str, change: Callable[[str], str], at: str = "answers.{}"
) -> Callable[[Path, random.Random], tuple[Path, str]]:
    """One answer of a coding with another value, note or digest, named at its token."""

    def plant(folder: Path, rng: random.Random) -> tuple[Path, str]:
        content = json.loads(_sound())
        token = rng.choice(sorted(content["answers"]))
        if name == "token":
            content["answers"][other := change(token)] = content["answers"].pop(token)
            token = other
        else:
            content["answers"][token][name] = change(content["answers"][token][name])
        return _saved(folder, json.dumps(content)), at.format(token)

    return plant


def head(name: str, new: Any, at: str | None = None) -> Callable[[Path, random.Random], tuple[Path, str]]:
    """One value of the head of a coding replaced, named at its key."""

    def plant(folder: Path, rng: random.Random) -> tuple[Path, str]:
        return _saved(folder, json.dumps(json.loads(_sound()) | {name: new})), name if at is None else at

    return plant


def text(
    change: Callable[[str, random.Random], str], at: str = ""
) -> Callable[[Path, random.Random], tuple[Path, str]]:
    """The text of a coding changed, named as a whole."""
    return lambda folder, rng: (_saved(folder, change(_sound(), rng)), at)


def toml(old: str, new: str, at: str) -> Callable[[Path, random.Random], tuple[Path, str]]:
    """A correction with one text replaced, named at its key."""

    def plant(folder: Path, rng: random.Random) -> tuple[Path, str]:
        assert old in CORRECTION
        (folder / "fix.toml").write_text(CORRECTION.replace(old, new, 1), encoding="utf-8")
        return folder / "fix.toml", at

    return plant


def _saved(folder: Path, content: str) -> Path:
    (folder / "anna.json").write_text(content, encoding="utf-8")
    return folder / "anna.json"


def in_returns(kinds: list[Kind], rng: random.Random) -> Iterator[tuple[Path, list[Fault]]]:
    """Each kind in a file of its own, in a folder of its own."""
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder:
            file, at = kind.plant(Path(folder), rng)
            yield file, [Fault(kind, [(file.name, 0, at)])]


def judge(file: Path, fault: Fault) -> None:
    """Let `enter` look at a file, and note how the fault was missed: not at all if it was named at its key under a rule of its kind."""
    at = fault.at[0][2]
    try:
        enter(file, SHIPPED)
        fault.missed = "it was taken"
    except ReturnError as error:
        rules = {problem.rule for problem in error.problems if problem.column == at}
        wrong = not rules & set(fault.kind.rules.split())
        fault.missed = f"{at!r} is named by {sorted(rules) or 'nothing'}" if wrong else ""
        if wrong:
            fault.missed += f": {error.problems[0]}"
    except Exception as error:
        fault.missed = f"killed the run: {type(error).__name__}: {error}"
