"""The inclusion rule: which occasions of the register of candidates are cases."""

from __future__ import annotations

import pandas as pd

# In the order in which a reader would ask; a candidate fails at the first that is not true.
CRITERIA = ("was_party", "asked_csto", "competent_authority", "sought_help", "named_threat", "asking_documented")


def include(register: pd.DataFrame) -> pd.DataFrame:
    """Apply the inclusion rule to a register of candidates: a case is a candidate that meets every criterion.

    A criterion that is false or missing is not met. Columns: candidate_id, included
    (boolean), failed (the first criterion not met, NA where included).
    """
    met = pd.DataFrame({name: register[name].fillna(False).astype(bool) for name in CRITERIA})
    first = (~met).idxmax(axis=1).astype("string").mask(met.all(axis=1))
    out = pd.DataFrame({"candidate_id": register["candidate_id"], "included": met.all(axis=1).astype("boolean")})
    return out.assign(failed=first.astype("string"))


def flow(register: pd.DataFrame) -> pd.DataFrame:
    """How many candidates were considered, failed first at each criterion, and are included. Columns: step, n."""
    verdict = include(register)
    steps = [("considered", len(verdict))]
    steps += [(f"failed at {name}", int((verdict["failed"] == name).sum())) for name in CRITERIA]
    steps.append(("included", int(verdict["included"].sum())))
    return pd.DataFrame(steps, columns=["step", "n"])
