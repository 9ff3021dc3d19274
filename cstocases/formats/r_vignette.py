"""The vignette of the R package: a page with R's code and the results that it gives, computed here since an export has no R."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from cstocases.formats.contents import Contents
from cstocases.formats.r_data import data_frame, named_list, rds, strings

# The columns that the page asks for; without them, or without a main request, there is no page.
NEEDED = {
    "comparison": {"request_id", "is_primary", "threat_framing", "csto_outcome_military"},
    "request_members": {"request_id", "kept"},
    "member_years": {"candidates_n", "requests_documented_n", "charter_bound_days", "vdem_v2x_libdem"},
    "asks": {"ask_id", "request_id"},
    "answers": {"answer_id", "ask_id", "help_kind", "answer"},
}
TYPES = {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype(), pa.bool_(): pd.BooleanDtype()}
CLEAR = ["honoured", "partly", "not_honoured"]
NAME = "comparing"


def vignette(contents: Contents, package: str, page: str) -> dict[str, str | bytes]:
    """The files of the vignette, from its page with a place for each result.

    R lists and opens what build/vignette.rds names if there is a folder vignettes; neither knitr nor LaTeX is needed.
    """
    tables = contents.package.all_tables
    if not all(name in tables and columns <= set(tables[name].names) for name, columns in NEEDED.items()):
        return {}
    frames = {name: table.to_pandas(types_mapper=TYPES.get) for name, table in contents.values.items()}
    main = frames["comparison"][frames["comparison"]["is_primary"].fillna(False)]
    if main.empty:
        return {}
    results = {**_results(contents, frames, main), "PACKAGE": package, "CITATION": html.escape(contents.citation)}
    results["ABOUT"] = html.escape(
        f"Version {contents.package.version}, {contents.package.metadata['released']}. {contents.how}".strip()
    )
    made = re.sub(r"@([A-Z]+)@", lambda found: results[found[1]], page)
    code = "\n\n".join(html.unescape(block) for block in re.findall(r'<pre class="r">(.*?)</pre>', made, re.DOTALL))
    title = re.search(r"<title>(.*?)</title>", made)
    files = {"File": f"{NAME}.html", "Title": title[1] if title else NAME, "PDF": f"{NAME}.html", "R": f"{NAME}.R"}
    none = named_list({"": strings([])})
    index = data_frame({**{key: strings([text]) for key, text in files.items()}, "Depends": none, "Keywords": none}, 1)
    return {
        f"vignettes/{NAME}.html": made,
        f"inst/doc/{NAME}.html": made,
        f"inst/doc/{NAME}.R": f"{code}\n",
        "build/vignette.rds": rds(index),
    }


def _results(contents: Contents, frames: Mapping[str, pd.DataFrame], main: pd.DataFrame) -> dict[str, str]:
    years, dyads = frames["member_years"], frames["request_members"]
    framing, outcome = (_labelled(contents, main[name]) for name in ("threat_framing", "csto_outcome_military"))
    clear = dyads[dyads["kept"].isin(CLEAR)]
    kept = pd.Categorical(clear["kept"], [code for code in CLEAR if (clear["kept"] == code).any()])
    asked, charter = years["requests_documented_n"] > 0, years["charter_bound_days"] > 0
    had = ((years["candidates_n"] > 0) & asked.notna() & charter.notna()).fillna(False)
    read = frames["readings"]
    cell = read[
        (read["table_name"] == "requests")
        & (read["record_id"] == main["request_id"].iloc[0])
        & (read["field_name"] == "date")
    ]
    who = (
        cell.merge(frames["evidence"], on="evidence_id")
        .merge(frames["sources"], on="citekey")
        .sort_values("evidence_id")
    )
    about = frames["asks"].loc[frames["asks"]["request_id"] == main["request_id"].iloc[0], "ask_id"]
    answers = frames["answers"][frames["answers"]["ask_id"].isin(about)]
    gaps = contents.missing_codes["comparison"].loc[main.index, "threat_framing"]
    gaps.index = pd.Index(main["request_id"])
    return {
        "FRAMING": _cross(framing, outcome),
        "MISSING": _table([gaps.dropna().index.tolist(), gaps.dropna().tolist()], ["request", "code"]),
        "KEPT": _cross(clear["request_id"], kept),
        "CHARTER": _cross(charter[had].map({True: "charter TRUE", False: "charter FALSE"}), asked[had].map({True: "asked TRUE", False: "asked FALSE"})),
        "MODEL": _model(asked, charter, years["vdem_v2x_libdem"]),
        "WHO": _table([who[name].tolist() for name in ("evidence_id", "reading", "basis", "publisher")], ["evidence_id", "reading", "basis", "publisher"]),
        "ANSWERS": _table([answers[name].tolist() for name in ("answer_id", "help_kind", "answer")], ["answer_id", "help_kind", "answer"]),
    }  # fmt: skip


def _labelled(contents: Contents, values: pd.Series) -> pd.Categorical:
    labels = contents.package.table("comparison").field(str(values.name)).labels
    used = [code for code in labels if (values == code).any()]
    return pd.Categorical(values.map(labels), [labels[code] for code in used])


def _cross(rows: pd.Series | pd.Categorical, columns: pd.Series | pd.Categorical) -> str:
    """A table of counts, with a row or column NA where a value is missing, as R's `table(useNA = "ifany")` gives it."""
    names, sides = [], []
    for side in (rows, columns):
        values = pd.Series(side).astype(object).reset_index(drop=True)
        order = list(side.categories) if isinstance(side, pd.Categorical) else sorted(set(values.dropna()))
        names.append([*order, *(["NA"] if values.isna().any() else [])])
        sides.append(values.where(values.notna(), "NA"))
    counts = [[int(((sides[0] == row) & (sides[1] == column)).sum()) for row in names[0]] for column in names[1]]
    return _table([names[0], *counts], ["", *names[1]])


def _model(asked: pd.Series, *measures: pd.Series) -> str:
    """Coefficients and standard errors of a logistic regression, by iterated weighted least squares as in R's `glm`."""
    known = pd.concat([asked, *measures], axis=1).dropna().astype(float).to_numpy()
    y, x = known[:, 0], np.column_stack([np.ones(len(known)), known[:, 1:]])
    nothing = "<p>What is known does not allow an estimate.</p>"
    if len(known) == 0 or np.linalg.matrix_rank(x) < x.shape[1]:
        return nothing
    beta = np.zeros(x.shape[1])
    try:
        for _ in range(25):
            p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
            information = x.T @ (x * (p * (1 - p))[:, None])
            step = np.linalg.solve(information, x.T @ (y - p))
            beta = beta + step
        errors = np.sqrt(np.diag(np.linalg.inv(information)))
    except np.linalg.LinAlgError:
        return nothing
    # Where asking follows from the measures without exception, the coefficients grow without end.
    if np.abs(step).max() > 1e-6:
        return nothing
    names = ["(Intercept)", "charterTRUE", "vdem_v2x_libdem"]
    return _table([names, [f"{b:.3f}" for b in beta], [f"{e:.3f}" for e in errors]], ["", "Estimate", "Std. Error"])


def _table(columns: Sequence[Sequence[object]], heads: Sequence[str]) -> str:
    """Columns as a table of HTML."""
    lines = ["".join(f"<th>{html.escape(head)}</th>" for head in heads)]
    lines += ["".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) for row in zip(*columns, strict=True)]
    return "<table>\n" + "\n".join(f"<tr>{line}</tr>" for line in lines) + "\n</table>"
