"""Requests for assistance put to the CSTO, what came of them, and the sources behind every value.

The names below are the whole public interface; each is loaded on first use, so that
`import cstocases` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cstocases.analysis.case_record import show as show
    from cstocases.analysis.checked import checked as checked
    from cstocases.analysis.checked import checks as checks
    from cstocases.analysis.conflicts import contested as contested
    from cstocases.analysis.conflicts import differing as differing
    from cstocases.analysis.counterfactuals import consequences as consequences
    from cstocases.analysis.diff import apply as apply
    from cstocases.analysis.diff import diff as diff
    from cstocases.analysis.differences import differences as differences
    from cstocases.analysis.pairs import pairs as pairs
    from cstocases.analysis.qca import calibrate as calibrate
    from cstocases.analysis.queries import candidates as candidates
    from cstocases.analysis.queries import compare as compare
    from cstocases.analysis.queries import evidence as evidence
    from cstocases.analysis.queries import why as why
    from cstocases.analysis.reliability import bases as bases
    from cstocases.analysis.reliability import reliability as reliability
    from cstocases.analysis.sensitivity import sensitivity as sensitivity
    from cstocases.analysis.supposing import suppose as suppose
    from cstocases.dataset import canonical as canonical
    from cstocases.dataset import describe as describe
    from cstocases.dataset import load as load
    from cstocases.dataset import missing as missing
    from cstocases.dataset import tables as tables
    from cstocases.dataset import validate as validate
    from cstocases.errors import ComparisonError as ComparisonError
    from cstocases.errors import CstocasesError as CstocasesError
    from cstocases.errors import DataError as DataError
    from cstocases.errors import ExportError as ExportError
    from cstocases.errors import Problem as Problem
    from cstocases.errors import SchemaFileError as SchemaFileError
    from cstocases.errors import UnknownNameError as UnknownNameError
    from cstocases.files.checksums import verify as verify
    from cstocases.formats.citation import cite as cite
    from cstocases.formats.codebook import codebook as codebook
    from cstocases.formats.export import export as export
    from cstocases.pages.html import codebook_html as codebook_html
    from cstocases.pages.html import report as report
    from cstocases.pages.plots import plot as plot
    from cstocases.parsing.column_rules import to_pandera as to_pandera
    from cstocases.schema.reader import package as package

HOMES = {
    "formats.codebook": ["codebook"],
    "analysis.diff": ["apply", "diff"],
    "parsing.column_rules": ["to_pandera"],
    "dataset": ["canonical", "describe", "load", "missing", "tables", "validate"],
    "errors": [
        "ComparisonError",
        "CstocasesError",
        "DataError",
        "ExportError",
        "Problem",
        "SchemaFileError",
        "UnknownNameError",
    ],
    "analysis.checked": ["checked", "checks"],
    "analysis.conflicts": ["contested", "differing"],
    "analysis.counterfactuals": ["consequences"],
    "analysis.sensitivity": ["sensitivity"],
    "analysis.supposing": ["suppose"],
    "files.checksums": ["verify"],
    "formats.export": ["export"],
    "analysis.reliability": ["bases", "reliability"],
    "analysis.pairs": ["pairs"],
    "analysis.differences": ["differences"],
    "pages.plots": ["plot"],
    "analysis.qca": ["calibrate"],
    "formats.citation": ["cite"],
    "schema.reader": ["package"],
    "pages.html": ["codebook_html", "report"],
    "analysis.case_record": ["show"],
    "analysis.queries": ["candidates", "compare", "evidence", "why"],
}
_MODULE_OF = {name: module for module, names in HOMES.items() for name in names}
__all__ = sorted(_MODULE_OF, key=str.swapcase)  # functions, then classes


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("cstocases.schema.reader").package().version
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'cstocases' has no attribute {name!r}")
    return getattr(importlib.import_module(f"cstocases.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
