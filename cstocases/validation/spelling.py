"""Rules on the spelling of missing values and names. Each docstring is a line in the codebook."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from cstocases.errors import Problem, quoted
from cstocases.parsing.joins import is_in
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL

NAMES = (
    "actor", "author", "dataset", "dataset_version", "instrument_name", "measure", "office", "origin", "person", "publisher",
    "quantity", "requester", "speaker", "speaker_office", "unit",
)  # fmt: skip
# What programs and hands write where a value is missing, beside the missing-value codes.
GAPS = re.compile(r"#?n/?a|<na>|nan|null|\\n|(?-i:None)|[-?]+", re.IGNORECASE)
TYPESET = str.maketrans('\u2018\u2019\u201c\u201d\u00ab\u00bb"\u2010\u2011\u2013\u2014', "'''''''----")


def missing_codes_as_listed(data: Data) -> Iterator[Problem]:
    """A cell without a value holds a missing-value code, spelt as in the list above; no text is such a code spelt otherwise, nor NA, null or the like."""
    tokens = [token for token in data.package.missing if token]
    codes = {re.sub("[^a-z]", "", token) for token in tokens}
    for name, parsed in data.parsed.items():
        for f in (f for f in parsed.table.fields if f.type == "string" and not (f.categories or f.pattern)):
            texts = parsed.frame[f.name].dropna()
            words = {t: re.sub("[^a-z(]", "", t.casefold()) for t in texts.unique() if len(t) < 24}
            coded = (name, f.name) == ("codings", "coded_value")  # where codes have brackets, and a rule of their own
            gaps = [t for t, word in words.items() if GAPS.fullmatch(t) or (word in codes and not coded)]
            for line, text in texts[is_in(texts, gaps)].items() if gaps else ():
                written = ", ".join(f"({token})" if coded else token for token in tokens)
                message = f"{quoted(text)} is no value; write a missing-value code: {written}"
                yield data.problem(name, line, f.name, "missing", message)


def names_spelt_one_way(data: Data) -> Iterator[Problem]:
    """A name is spelt one way: no two values of a column of names, and no two readings of one such cell, differ only in case, quotes, dashes or a final point."""
    for name, frame in data.frames.items():
        for column in (c for c in NAMES if c in frame.columns):
            texts = frame[column].dropna()
            unique = texts.unique()
            if len({_fold(text) for text in unique}) < len(unique):
                yield from _spelt(data, name, column, texts, _folded(texts))
    names = [f"{n}/{f.name}" for n, t in data.package.stored.items() for f in t.evidenced if f.name in NAMES]
    read = data.frames["readings"].dropna(subset=[*CELL, "reading"])
    read = read[is_in(read["table_name"] + "/" + read["field_name"], names)]
    cell = read["table_name"] + "/" + read["record_id"] + "/" + read["field_name"] + "/"
    yield from _spelt(data, "readings", "reading", read["reading"], cell + _folded(read["reading"]))


def _fold(text: str) -> str:
    return text.translate(TYPESET).casefold().rstrip(".")


def _folded(texts: pd.Series) -> pd.Series:
    return texts.map({text: _fold(text) for text in texts.unique()}).astype("string")


def _spelt(data: Data, name: str, column: str, texts: pd.Series, keys: pd.Series) -> Iterator[Problem]:
    """The rarer spellings of what has one key; all of them where none is rarer."""
    pairs = pd.DataFrame({"key": keys, "text": texts}).dropna().drop_duplicates()
    twice = is_in(keys, pairs.loc[pairs["key"].duplicated(), "key"])
    for _, same in texts[twice].groupby(keys[twice]):
        n = same.value_counts()
        wrong = n.index[(n < n.max()) | (n.min() == n.max())]
        for text, lines in same[same.isin(wrong)].groupby(same).groups.items():
            others = ", ".join(quoted(other) for other in n.index[:5] if other != text)
            message = f"{quoted(text)} is elsewhere spelt {others}; spell it one way"
            for line in lines:
                yield data.problem(name, line, column, "spelling", message)
