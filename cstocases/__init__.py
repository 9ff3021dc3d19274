"""Requests for assistance put to the CSTO, what came of them, and who says so.

The names below are the whole public interface; each is loaded on first use, so that
`import cstocases` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cstocases.agreement import reliability as reliability
    from cstocases.book import codebook as codebook
    from cstocases.changes import apply as apply
    from cstocases.changes import diff as diff
    from cstocases.checks import to_pandera as to_pandera
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
    from cstocases.hinges import consequences as consequences
    from cstocases.hinges import sensitivity as sensitivity
    from cstocases.integrity import verify as verify
    from cstocases.plots import plot as plot
    from cstocases.publish import export as export
    from cstocases.qca import calibrate as calibrate
    from cstocases.references import cite as cite
    from cstocases.schema import package as package
    from cstocases.views import candidates as candidates
    from cstocases.views import compare as compare
    from cstocases.views import contested as contested
    from cstocases.views import differing as differing
    from cstocases.views import evidence as evidence
    from cstocases.views import show as show
    from cstocases.views import why as why
    from cstocases.webpage import codebook_html as codebook_html
    from cstocases.webpage import report as report

HOMES = {
    "book": ["codebook"],
    "changes": ["apply", "diff"],
    "checks": ["to_pandera"],
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
    "hinges": ["consequences", "sensitivity"],
    "integrity": ["verify"],
    "publish": ["export"],
    "agreement": ["reliability"],
    "plots": ["plot"],
    "qca": ["calibrate"],
    "references": ["cite"],
    "schema": ["package"],
    "webpage": ["codebook_html", "report"],
    "views": ["candidates", "compare", "contested", "differing", "evidence", "show", "why"],
}
_MODULE_OF = {name: module for module, names in HOMES.items() for name in names}
__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("cstocases.schema").package().version
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'cstocases' has no attribute {name!r}")
    return getattr(importlib.import_module(f"cstocases.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
