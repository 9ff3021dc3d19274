"""A rule on the tests of texts of law against the facts."""

from __future__ import annotations

from collections.abc import Iterator

from cstocases.errors import Problem
from cstocases.parsing.joins import lookup
from cstocases.resolution.data import Data

READ = ("full", "excerpt")  # how much of a provision must have been read for the words to oblige anybody


def texts_are_tested_as_read(data: Data) -> Iterator[Problem]:
    """A provision obliges only where its words were read and the facts meet its trigger; a provision that began after the request or had ended before it is not_in_force, and no other."""
    if "text_tests" not in data.parsed or not data.sound("text_tests", "asks", "requests", "provisions"):
        return
    tests, asks, requests, texts = (data.frames[n] for n in ("text_tests", "asks", "requests", "provisions"))
    request = lookup(tests["ask_id"], asks["ask_id"], asks["request_id"])
    first, last = (lookup(request, requests["request_id"], day) for day in data.spans("requests", "date"))
    began, ended, read = (
        lookup(tests["provision_id"], texts["provision_id"], texts[name])
        for name in ("start_date", "end_date", "text_read")
    )
    met = (tests["trigger_facts"] == "met").fillna(False)
    too_early, too_late = (began > last).fillna(False), (ended <= first).fillna(False)
    for line in tests.index[(tests["text_says"] == "obliges").fillna(False)]:
        if read[line] not in READ:
            message = f"is obliges, but how much of {tests.at[line, 'provision_id']} was read is {read[line]}"
            yield data.problem("text_tests", line, "text_says", "text-test", message)
        if not met[line]:
            message = "is obliges, but the facts do not meet what the text asks for"
            yield data.problem("text_tests", line, "text_says", "text-test", message)
    outside = too_early | too_late
    named = (tests["text_says"] == "not_in_force").fillna(False)
    for line in tests.index[outside & ~named]:
        message = f"{tests.at[line, 'provision_id']} was not in force on the day of the request; write not_in_force"
        yield data.problem("text_tests", line, "text_says", "text-test", message)
    for line in tests.index[named & ~outside]:
        message = (
            f"is not_in_force, but {tests.at[line, 'provision_id']} may have been in force on the day of the request"
        )
        yield data.problem("text_tests", line, "text_says", "text-test", message)
