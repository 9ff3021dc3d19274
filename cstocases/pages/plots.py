"""Pictures of the comparison, drawn with matplotlib; each is a figure with title, note, source and version."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from cstocases.analysis.case_record import known_case
from cstocases.analysis.queries import core_cases
from cstocases.dataset import data
from cstocases.errors import CstocasesError, UnknownNameError
from cstocases.files.atomic import file_to_write, write_file
from cstocases.pages import by_request, charts
from cstocases.pages.drawing import STYLE, sign
from cstocases.pages.timeline import timeline
from cstocases.resolution.data import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The formats of a picture, each with what would hold the time of writing or the version of the library.
SUFFIXES = {"svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None}}
# What draws each kind, and whether it shows only the founding cases unless told otherwise.
KINDS: dict[str, tuple[Callable[[Data, list[str]], Figure], bool]] = {
    "timeline": (timeline, True),
    "asks": (by_request.asks, False),
    "members": (by_request.members, False),
    "rationales": (charts.rationales, True),
    "evidence": (charts.evidence, True),
}


def plot(
    kind: str,
    cases: Iterable[str] | None = None,
    home: str | Path | None = None,
    *,
    rule: str = "published",
    as_of: str | None = None,
) -> Figure:
    """A picture of the comparison, as a matplotlib figure for further work.

    Kinds: timeline (crisis, requests, decisions and deployments by case), asks (who asked for
    what, what was answered and what arrived), members (what each member did on each request,
    and whether a text obliged it), rationales (reasons officials stated against mechanisms
    scholars argue, by case), evidence (independent sources of each cell). Default cases are
    the founding three (all, where no case is marked `core`), for asks and members all; `rule`
    and `as_of` as in `load`. Each is as wide as a printed page, or wider where there are many cases.

    Raises:
        UnknownNameError: no such kind, case or rule.
        CstocasesError: matplotlib is not installed.
        DataError: the data have problems.
    """
    if kind not in KINDS:
        raise UnknownNameError("picture", kind, KINDS)
    return draw(data(home, rule, as_of), kind, cases, rule, as_of)


def draw(found: Data, kind: str, cases: Iterable[str] | None, rule: str, as_of: str | None) -> Figure:
    """What `plot` gives, of data already resolved by this rule and day."""
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise CstocasesError("plot needs the library matplotlib: pip install 'cstocases[plot]'") from None
    picture, few = KINDS[kind]
    every = found.frames["cases"].sort_values("start_date", na_position="first")["case_id"]
    chosen = list(dict.fromkeys(cases or (core_cases(found) if few else every)))
    for case in chosen:
        known_case(found, case)
    with matplotlib.rc_context(STYLE):
        figure = picture(found, chosen)
        sign(figure, found, rule, as_of)
    return figure


def save(figure: Figure, path: str | Path | IO[bytes], suffix: str | None = None, *, force: bool = False) -> None:
    """Write a figure as SVG (text as text), PNG or PDF by `suffix` or that of its name; the same bytes each time.

    Raises:
        CstocasesError: another suffix, or the file cannot be written, or exists without `force`.
    """
    import matplotlib

    kind = suffix or Path(str(path)).suffix.lower().removeprefix(".")
    if kind not in SUFFIXES:
        raise CstocasesError(f"{path}: a picture's name ends in .svg, .png or .pdf")
    drawn = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(drawn, format=kind, metadata=SUFFIXES[kind], dpi=200)
    if isinstance(path, str | Path):
        write_file(file_to_write(path, force), drawn.getvalue(), force)
    else:
        path.write(drawn.getvalue())
