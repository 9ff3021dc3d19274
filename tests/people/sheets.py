"""Small sheets written by hand, as questions.py and its like give them; texts with markup, which must stay text."""

from __future__ import annotations

from typing import Any

NASTY = "<b>bold</b> \"quoted\" 'single' & </script><script>alert(1)</script><img src=x onerror=alert(2)>"


def question(token: str, variable: str) -> dict[str, str]:
    """A question; its digest is made of its token."""
    return {"token": token, "digest": token[:8], "variable": variable}


def code(value: str, label: str, description: str = "") -> dict[str, str]:
    """A code of a variable."""
    return {"value": value, "label": label, "description": description}


def variable(title: str, kind: str, *choices: dict[str, str]) -> dict[str, Any]:
    """A variable that is asked."""
    return {"title": title, "description": f"{title}, as the codebook has it.", "type": kind, "choices": list(choices)}


def statement(token: str, **given: Any) -> dict[str, Any]:
    """A statement of the evidence."""
    return {
        "token": token, "actor": "Government of Kyrgyzstan", "speaker": "", "statement": "It asked for troops to part the sides.",
        "day": "2010-06-12", "said": "2010-06-13", "locator": "para. 3", "publisher": "Agency of record", "source_kind": "News",
        "url": "https://example.org/a/long/address/that/does/not/end-2010-06-12.html", "questions": [],
    } | given  # fmt: skip


STATUS = [
    code(
        "documented", "Documented", "A source shows the words or a text. Borderline: the letter Liberia sent in 2003."
    ),
    code("reported", "Reported", "Sources say that it was asked. Borderline: a call of which only one side spoke."),
    code("denied", "Denied " + NASTY, "The asker says that nothing was asked. " + NASTY),
]
MISSING = [
    code("(unknown)", "Unknown", "You read the evidence and none of it says."),
    code("(not_applicable)", "Not applicable", "The question does not arise here."),
    code("(disputed)", "Disputed", "The sources differ and none is to be preferred."),
]
KINDS = (("combat", "Forces to fight"), ("guard", "Forces to guard or part"), ("money", "Money " + NASTY))

CODING: dict[str, Any] = {
    "cstocases": "coding", "version": "0.1.0", "coder": "anna", "case": "kgz-2010", "evidence_digest": "0123456789abcdef",
    "cue": "The violence in the south of Kyrgyzstan, June 2010 " + NASTY,
    "evidence": [
        statement("e00000000001", questions=[question("a00000000001", "evidence.rationale"), question("a00000000002", "evidence.direction")]),
        statement("e00000000002", speaker="A minister " + NASTY, statement=NASTY, day="", said="", url="javascript:alert(3)"),
        statement("e00000000003", actor="Secretary-General", publisher="Journal", source_kind="Scholarship"),
    ],
    "background": [statement("e00000000004", statement="A member may ask for help of any kind.")],
    "variables": {
        "cases.start_date": variable("Start", "date"),
        "requests.status": variable("Status of the request", "code", *STATUS),
        "requests.withdrawn": variable("Withdrawn", "boolean"),
        "requests.letters": variable("Letters sent", "integer"),
        "asks.record": variable("Asked for at all", "code", code("yes", "Yes"), code("no", "No")),
        "asks.status": variable("Status", "code", *STATUS),
        "asks.date": variable("Date", "date"),
        "evidence.rationale": variable("Reason given", "code", code("law", "Law", "The treaty or its absence."), code("cost", "Cost", "What it would cost.")),
        "evidence.direction": variable("For or against", "code", code("for", "For help"), code("against", "Against help")),
    },
    "missing": MISSING,
    "groups": [
        {"heading": "The crisis", "cue": "", "questions": [question("b00000000001", "cases.start_date")], "grids": []},
        {
            "heading": "Request 1", "cue": "The telegram of the interim president",
            "questions": [question("c00000000001", "requests.status"), question("c00000000002", "requests.withdrawn"), question("c00000000003", "requests.letters")],
            "grids": [
                {
                    "title": "Which kinds of help were asked for?",
                    "rows": [
                        {
                            "label": label, "description": f"What {kind} covers.",
                            "questions": [question(f"d000000000{n}1", "asks.record"), question(f"d000000000{n}2", "asks.status"), question(f"d000000000{n}3", "asks.date")],
                        }
                        for n, (kind, label) in enumerate(KINDS, 1)
                    ],
                }
            ],
        },
    ],
}  # fmt: skip


def reading(value: str, agrees: bool, **given: Any) -> dict[str, Any]:
    """A reading, as sheets of checks and of verdicts show it."""
    return {
        "value": value, "agrees": agrees, "basis": "stated", "who": "The president's office", "day": "2010-06-12",
        "statement": "The letter was sent " + NASTY, "locator": "para. 1", "publisher": "Agency of record", "url": "https://example.org/letter",
    } | given  # fmt: skip


def checked(token: str, **given: Any) -> dict[str, Any]:
    """A cell of a sheet of checks."""
    return {
        "token": token, "digest": token[:8], "title": "Status of the request", "description": "How sure it is that it was asked.",
        "value": "Documented", "definition": STATUS[0]["description"], "status": "contested",
        "readings": [reading("Documented", True), reading("Reported " + NASTY, False, basis="")], "searches": [],
    } | given  # fmt: skip


CHECKS: dict[str, Any] = {
    "cstocases": "checks", "version": "0.1.0", "coder": "anna", "case": "kgz-2010", "title": "Kyrgyzstan, June 2010 " + NASTY,
    "records": [
        {"heading": "Request: Appeal for troops", "cells": [checked("f00000000001"), checked("f00000000002", title="Date", value="2010-06-12", definition="", status="single source", readings=[reading("2010-06-12", True)])]},
        {"heading": "Decision: Session of 14 June", "cells": [checked("f00000000003", title="Legal basis", value="(no evidence found)", readings=[], searches=["2026-11-24: the organisation's site " + NASTY])]},
    ],
}  # fmt: skip

VERDICTS: dict[str, Any] = {
    "cstocases": "verdicts", "version": "0.1.0",
    "cells": [
        {
            "token": "f10000000001", "digest": "f1000000", "where": "Request: Appeal for troops", "title": "Status of the request", "description": "How sure it is.",
            "choices": STATUS, "value": "Documented", "readings": [reading("Documented", True), reading("Reported", False)],
            "codings": [{"letter": "A", "value": "Reported", "note": "Only one side spoke " + NASTY}, {"letter": "B", "value": "Documented", "note": ""}],
        },
        {
            "token": "f10000000002", "digest": "f1000000", "where": "Request: Appeal for troops", "title": "Date", "description": "Day of the request.",
            "choices": [], "value": "2010-06-12", "readings": [reading("2010-06-12", True)],
            "codings": [{"letter": "A", "value": "2010-06", "note": ""}, {"letter": "B", "value": "(unknown)", "note": ""}],
        },
    ],
}  # fmt: skip

ALL = {"coding": CODING, "checks": CHECKS, "verdicts": VERDICTS}
