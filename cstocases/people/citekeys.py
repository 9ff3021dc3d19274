"""A citekey for a new source, made as those of the other sources are."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pandas as pd

from cstocases.people.draft import Draft
from cstocases.people.proposal import Row

STEM = re.compile(r"(.+?)-([0-9]{4}|nd)-")  # of a citekey
LONG = 16  # letters of the name of a publisher that a citekey still takes whole
SMALL = {"about", "after", "amid", "and", "before", "csto", "for", "from", "have", "into", "over", "says", "that", "the", "their", "this", "will", "with"}  # fmt: skip


def slug(text: str) -> str:
    """A text as words of an id: Latin letters without marks and digits, joined by hyphens; "" if it has none.

    >>> slug("Radio Free Europe/Radio Liberty: Kyrgyz-Tadžik")
    'radio-free-europe-radio-liberty-kyrgyz-tadzik'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def citekey(draft: Draft, row: Row) -> str:
    """A citekey for a source: author, or publisher as the other sources have it, year, and words of the title. It is not yet taken."""
    sources = draft.data.parsed["sources"].texts
    year = row["published"][:4] if row["published"] not in draft.package.missing else "nd"
    title = [word for word in slug(row["title"]).split("-") if len(word) > 3 and word not in SMALL]
    stem = _stem(draft, sources, row)
    words = [word for word in title if word != stem][:2] or ["page"]
    made = "-".join([stem, year, *words])
    taken = {*sources["citekey"], *(one["citekey"] for one in draft.rows.get("sources", []))}
    return next(one for one in (made, *(f"{made}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _stem(draft: Draft, sources: pd.DataFrame, row: Row) -> str:
    if row["author"] not in draft.package.missing:
        surname = slug(row["author"].partition(";")[0]).rpartition("-")[2]
        if surname:
            return surname
    others = sources.loc[(sources["publisher"] == row["publisher"]) & sources["author"].isin(draft.package.missing)]
    stems = Counter(match[1] for key in others["citekey"] if (match := STEM.match(key)))
    if stems:
        return stems.most_common(1)[0][0]
    host = re.sub(r"^https?://(www\.)?|[/:].*$", "", row["url"]).rpartition(".")[0].rpartition(".")[2]
    name = slug(re.sub(r"\.[a-z]+$", "", row["publisher"].casefold())).replace("-", "")
    return (name if 0 < len(name) <= LONG else slug(host)) or name or "source"
