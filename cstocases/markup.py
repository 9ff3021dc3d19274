"""Texts of the data in Markdown: what would be markup in them is escaped."""

from __future__ import annotations

import re

# What Markdown takes for code, HTML, the target of a link, an entity, a heading or a quotation.
MARKUP = re.compile(r"[\\`]|<(?=[A-Za-z/!?])|\](?=[(\[:])|&(?=#?\w+;)|(?<!\S)(#(?=#*(?!\S))|>)")


def plain(text: str) -> str:
    """A text in which Markdown finds no code, HTML, link or heading; stars and underscores are left alone.

    >>> plain("[1] of <b>, see [this](x)")
    '[1] of \\\\<b>, see [this\\\\](x)'
    """
    return MARKUP.sub(r"\\\g<0>", text)


def cell(text: str) -> str:
    """The same for a cell of a table."""
    return plain(text).replace("|", "\\|")
