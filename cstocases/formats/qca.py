"""The folder that `cstocases qca` writes: the calibrated tables, their calibration logs and a README."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from cstocases.analysis.conditions import UNKNOWN, condition, questions
from cstocases.analysis.qca import Calibration, calibrated, case_years
from cstocases.dataset import data
from cstocases.errors import count
from cstocases.formats.export import may_write, write_folder
from cstocases.resolution.rules import RULES, how

MARKS = ("README.md", "calibration-log-*.csv", "truth-*.csv")


def qca(
    dest: str | Path,
    rules: Iterable[str] = tuple(RULES),
    *,
    force: bool = False,
    outcome: str = "TROOPS",
    conditions: Iterable[str] | None = None,
    regime: str = "vdem_v2x_regime",
    threshold: float | None = None,
    unknown: str = "absent",
    home: str | Path | None = None,
) -> Path:
    """Write to the folder `dest`, for each resolution rule, the calibrated table and its calibration log, with a README.

    The tables are for `read.csv(..., row.names = 1)` in R and `read_csv(..., index_col=0)` in
    Python. Options as in `calibrate`; `force` as in `export`.

    Raises:
        UnknownNameError: as `calibrate`.
        ExportError: `dest` exists or cannot be written.
        DataError: the data have problems.
    """
    may_write(dest, force, MARKS)
    sets = questions(outcome, conditions, regime, threshold, unknown)
    years = case_years(data(home))
    made = {rule: calibrated(data(home, rule), sets, years) for rule in dict.fromkeys(rules)}

    def write(folder: Path) -> None:
        for rule, c in made.items():
            c.table.to_csv(folder / f"qca-{rule}.csv", lineterminator="\n")
            c.log.to_csv(folder / f"calibration-log-{rule}.csv", index=False, lineterminator="\n")
            c.truth.to_csv(folder / f"truth-{rule}.csv", index=False, lineterminator="\n")
        (folder / "README.md").write_text("\n".join(_readme(made, regime, unknown)) + "\n", encoding="utf-8")

    return write_folder(dest, write, force, MARKS)


def _readme(made: dict[str, Calibration], regime: str, unknown: str) -> Iterator[str]:
    some = next(iter(made.values()))
    yield "# The cases calibrated for QCA\n"
    yield f"Crisp sets, one row a case. Gaps: {UNKNOWN[unknown]}. What cannot exist for a case is absent.\n"
    yield "| set | meaning | rule |\n| --- | --- | --- |"
    rules = some.log.drop_duplicates("set").set_index("set")["rule"]
    for name in (*some.conditions, some.outcome):
        yield f"| {name}{' (outcome)' if name == some.outcome else ''} | {condition(name).definition} | {rules[name]} |"
    yield f"\nAUTOCRAT rests on `{regime}`. `calibration-log-RULE.csv` has, for each score, the cell it comes from and every reading of that cell.\n"
    for rule, c in made.items():
        yield f"## {rule}\n"
        yield f"{how(rule)}\n"
        yield from (f"- {line}" for line in summary(c))
        yield ""
    columns = ", ".join(f'"{name}"' for name in some.conditions)
    yield "## Reading it\n"
    yield "```r\nlibrary(QCA)\n" + f'd <- read.csv("qca-{next(iter(made))}.csv", row.names = 1, check.names = FALSE)'
    yield f'truthTable(d, outcome = "{some.outcome}", conditions = c({columns}), show.cases = TRUE)\n```\n'
    yield "```python\nimport pandas as pd\nfrom qca import CSQCA"
    yield f'd = pd.read_csv("qca-{next(iter(made))}.csv", index_col=0).reset_index(names="CASE")'
    yield f'CSQCA(d, case_id="CASE", outcome="{some.outcome}", conditions=[{columns}]).build_truth_table()\n```'


def summary(c: Calibration) -> Iterator[str]:
    """What a calibration holds, and whether it can carry a solution, in a few sentences."""
    assumed = c.log.loc[c.log["basis"] == "assumed_absent"].drop_duplicates(["case_id", "set"])
    yield f"{count(len(c.table), 'case')}, {count(len(c.conditions), 'condition')}: {2 ** len(c.conditions)} configurations are possible, {len(c.truth)} occur, {c.remainders} are logical remainders."
    assumed_names = set(assumed["row_name"])
    mixed = c.truth.loc[c.truth["consistency"].between(0, 1, inclusive="neither"), "cases"]
    told = [
        f"[{cases}]" + (" (with an assumed score)" if assumed_names & set(cases.split("; ")) else "") for cases in mixed
    ]
    yield f"Contradictory configurations: {'; '.join(told) or 'none'}."
    if len(c.left_out):
        gaps = c.left_out.groupby("row_name", sort=False)["set"].agg(", ".join)
        yield "Left out for a gap: " + "; ".join(f"{name} ({sets})" for name, sets in gaps.items()) + "."
    if len(assumed):
        listed = "; ".join(f"{name} {gap}" for name, gap in zip(assumed["row_name"], assumed["set"], strict=True))
        if len(assumed) > len(c.log["case_id"].unique()):
            listed = "see basis in the calibration log"
        yield f"{count(len(assumed), 'score')} assumed absent: {listed}."
    if c.is_diverse:
        yield "At least half of the possible configurations occur, so the table can be minimised: in R, minimize(truthTable(...))."
    elif c.table[c.outcome].nunique() < 2:
        yield f"No solution is suggested: {c.outcome} does not vary among these cases."
    elif len(c.truth) >= c.remainders:
        yield f"No solution is suggested: no configuration leads to {c.outcome} in all its cases."
    else:
        yield "No solution is suggested: fewer than half of the possible configurations occur, so any solution would rest on remainders more than on cases. Choose fewer conditions."
