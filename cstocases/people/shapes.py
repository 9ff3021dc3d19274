"""What a returned sheet may hold: the keys of each kind, and what each value must be. No pandas here."""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cstocases.errors import Problem, count, quoted, visible
from cstocases.parsing.text_faults import faults

ANSWERS = 20_000
NOTE = 2_000  # characters
LISTED = 100  # problems of one file
TOKEN = re.compile(r"[0-9a-f]{12}")
WORD = r"[a-z0-9]+(-[a-z0-9]+)*"
REMEDY = "give the file as the sheet saved it"

Rule = Callable[[Any], str]  # what is wrong with a value, or ""


class Key(NamedTuple):
    """A key of a return: its rule, and what it is where it may be left out."""

    rule: Rule
    default: str | None = None


class Shape(NamedTuple):
    """The keys of a kind of return besides `cstocases` and `answers`, and those of each answer."""

    head: Mapping[str, Key]
    answer: Mapping[str, Key]


def _pattern(pattern: str, said: str) -> Rule:
    def rule(value: Any) -> str:
        return "" if isinstance(value, str) and len(value) <= 60 and re.fullmatch(pattern, value) else said

    return rule


def _one_of(*words: str) -> Rule:
    def rule(value: Any) -> str:
        return "" if value in words else f"must be one of {', '.join(words)}"

    return rule


def _text(most: int, *, required: bool = False) -> Rule:
    def rule(value: Any) -> str:
        if not isinstance(value, str):
            return "must be a text"
        if required and not value:
            return "is blank; leave the whole question blank, or choose a value"
        return f"is longer than {most:,} characters; shorten it" if len(value) > most else next(faults(value), "")

    return rule


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _day(value: Any) -> str:
    try:
        day = datetime.date.fromisoformat(value if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else "")
    except (TypeError, ValueError):
        return "must be a day such as 2026-12-01"
    return "is in the future; is the clock of the computer right?" if day.isoformat() > tomorrow() else ""


def tomorrow() -> str:
    """The last day that is not in the future: where somebody sits it may be tomorrow already."""
    return (datetime.date.today() + datetime.timedelta(days=1)).isoformat()


_WHO = {
    "version": Key(_pattern(r"[0-9]+\.[0-9]+\.[0-9]+", "must be a version such as 0.1.0")),
    "coder": Key(_pattern(WORD, "must be a word of small letters and digits, such as anna")),
    "day": Key(_day),
    "shown_as": Key(_text(200), ""),
}
_CASE = {"case": Key(_pattern(WORD, "must be the id of a case, such as kgz-2010"))}
_DIGEST = {"digest": Key(_pattern("[0-9a-f]{8}", f"must be 8 hexadecimal digits; {REMEDY}"))}
SHAPES = {
    "coding": Shape(
        {
            **_WHO,
            **_CASE,
            "evidence_digest": Key(_pattern("[0-9a-f]{16}", f"must be 16 hexadecimal digits; {REMEDY}")),
            "saw_values": Key(_one_of("no", "partly", "yes")),
        },
        {"value": Key(_text(200, required=True)), "note": Key(_text(NOTE), ""), **_DIGEST},
    ),
    "checks": Shape(
        {**_WHO, **_CASE},
        {
            "verdict": Key(_one_of("agree", "disagree", "unsure")),
            "reason": Key(_text(NOTE), ""),
            "opened": Key(_flag),
            **_DIGEST,
        },
    ),
    "verdicts": Shape(
        dict(_WHO),
        {
            "verdict": Key(_one_of("kept", "corrected")),
            "to": Key(_text(200), ""),
            "reason": Key(_text(NOTE), ""),
            **_DIGEST,
        },
    ),
}


def checked(
    content: Mapping[str, Any], path: str, places: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """A return with its blanks tidied and what may be left out filled in, and everything wrong with it.

    Line breaks and runs of blanks in texts become one blank, as the tables hold texts of one line; `places` has the
    address of a value (such as `answers.TOKEN.value`) where that is not its path, as in a workbook.
    """
    found: list[Problem] = []

    def wrong(at: str, message: str) -> None:
        found.append(Problem(path, 0, (places or {}).get(at, at), "shape", message))

    shape = SHAPES.get(content["cstocases"]) if isinstance(content.get("cstocases"), str) else None
    if shape is None:
        wrong("cstocases", f"must say what this is, one of {', '.join(SHAPES)}; {REMEDY}")
        return dict(content), found
    given = {key: value for key, value in content.items() if key not in ("cstocases", "answers")}
    out = {"cstocases": content["cstocases"], **_object(given, shape.head, "", wrong, ("cstocases", "answers"))}
    answers = content.get("answers")
    out["answers"] = {}
    if not isinstance(answers, dict):
        wrong("answers", "must be an object with the answers by token" if "answers" in content else "is missing")
    elif len(answers) > ANSWERS:
        wrong("answers", f"holds {len(answers):,} answers, more than the {ANSWERS:,} that are read")
    else:
        for token, answer in answers.items():
            at = f"answers.{visible(token[:40])}"
            if not TOKEN.fullmatch(token):
                wrong(at, f"is no token of a question; {REMEDY}")
            elif not isinstance(answer, dict):
                wrong(at, "must be an object")
            else:
                out["answers"][token] = _object(answer, shape.answer, f"{at}.", wrong)
    return out, found


def _object(
    given: Mapping[str, Any],
    keys: Mapping[str, Key],
    at: str,
    wrong: Callable[[str, str], None],
    also: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The known keys of an object, texts tidied; `wrong` is told what is wrong with it."""
    for n, name in enumerate(name for name in given if name not in keys):
        # To find the nearest takes long, if somebody made very many.
        near = difflib.get_close_matches(name[:40], [*keys, *also], n=1) if n < 5 else []
        wrong(f"{at}{visible(name[:40])}", f"is no key; did you mean {near[0]}?" if near else f"is no key; {REMEDY}")
    out: dict[str, Any] = {}
    for name, key in keys.items():
        if name not in given and key.default is None:
            wrong(f"{at}{name}", "is missing")
            continue
        out[name] = tidy(given.get(name, key.default))
        if said := key.rule(out[name]):
            wrong(f"{at}{name}", f"{_said(out[name])} {said}")
    return out


def _said(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    return "this" if isinstance(value, (dict, list)) else quoted(str(value)).strip("'")


def tidy(value: Any) -> Any:
    """A text with line breaks and runs of blanks as one blank, in normal form C; anything else as it is.

    >>> tidy(" two  words,\\n two lines ")
    'two words, two lines'
    """
    return " ".join(unicodedata.normalize("NFC", value).split()) if isinstance(value, str) else value


def listed(problems: list[Problem]) -> list[Problem]:
    """As many problems as anybody reads, and how many more there are."""
    if len(problems) <= LISTED:
        return problems
    more = f"and {count(len(problems) - LISTED, 'more problem')}"
    return [*problems[:LISTED], Problem(problems[0].path, 0, "", problems[0].rule, more)]
