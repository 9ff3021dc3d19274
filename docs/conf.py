"""The documentation site: what Sphinx makes of the pages that stand in the repository (`make docs`)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

import cstocases

project = html_title = "cstocases"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# Pages are read where they stand, so that every link leads to the same place here as in the repository.
root_doc = "README"
include_patterns = ["*.md", "docs/*.md"]
exclude_patterns = [".*", "build", "dist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
default_role = "code"  # docstrings mark code as Markdown does
suppress_warnings = ["misc.highlighting_failure"]  # SPSS and the like, which Pygments does not know

html_theme = "furo"
html_static_path = html_css_files = ["site.css"]
html_theme_options = {"top_of_page_buttons": []}
html_copy_source = html_show_copyright = html_use_index = html_domain_indices = False

NAVIGATION = """
```{toctree}
:hidden:
:glob:

Start <self>
docs/example
Recipes for R, Stata, SPSS, Excel, SQL <docs/tools>
docs/python
docs/functions
Codebook <CODEBOOK>
CONTRIBUTING
CHANGELOG
docs/*
*
```
"""
# What a screen reader and the keyboard need and the theme leaves out.
ACCESS = """addEventListener("DOMContentLoaded", () => {
document.querySelector(".sidebar-drawer").ariaLabel = "Pages";
document.querySelectorAll("pre, .table-wrapper").forEach(box => { box.tabIndex = 0; });
});"""


def navigation(app: Sphinx, page: str, text: list[str]) -> None:
    """The start page gets the list of all pages."""
    if page == root_doc:
        text[0] += NAVIGATION


def addresses(app: Sphinx, page: nodes.document) -> None:
    """Each variable of the codebook has an address, `#requests.addressee`, and so has each code; the search finds them."""
    if app.env.docname != "CODEBOOK":
        return
    listed = {}
    for table in page.findall(nodes.table):
        head, *rows = table.findall(nodes.row)
        above = table.parent[table.parent.index(table) - 1]
        kind = head[0].astext()
        if kind not in ("field", "code"):
            continue
        table["classes"].append("stacked")
        owner = table.parent[0].astext() if kind == "field" else next(above.findall(nodes.strong)).astext()
        for row in rows:
            name = f"{owner}.{row[0].astext()}"
            listed[name] = row
            row["ids"].append(name)
            app.env.domains.standard_domain.note_object(kind, name, name)
        if kind == "code":
            above["ids"].append(f"{owner}.codes")
            listed[owner][1][0] += [
                nodes.Text(", "),
                nodes.reference("", "codes", refid=f"{owner}.codes", internal=True),
            ]
    for literal in list(page.findall(nodes.literal)):
        if literal.astext() in listed:
            literal.replace_self(nodes.reference("", "", literal.deepcopy(), refid=literal.astext(), internal=True))


def report(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """The navigation leads to the report, too."""
    link = f'<li class="toctree-l1"><a class="reference" href="{context["pathto"]("report.html", 1)}">Report</a></li>'
    context["furo_navigation_tree"] += f"<ul>{link}</ul>"


def finish(app: Sphinx, problem: Exception | None) -> None:
    """The report of all cases, and the start page under the name that servers look for."""
    if problem is None:
        shutil.copy(Path(app.outdir, "README.html"), Path(app.outdir, "index.html"))
        cstocases.report(Path(app.outdir, "report.html"), force=True)


def setup(app: Sphinx) -> None:
    """What Sphinx calls."""
    app.add_object_type("field", "field", objname="variable")
    app.add_object_type("code", "code")
    app.add_js_file(None, body=ACCESS)
    app.connect("source-read", navigation)
    app.connect("doctree-read", addresses)
    app.connect("html-page-context", report, priority=900)
    app.connect("build-finished", finish)
