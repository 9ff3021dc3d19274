"""The codebook in Markdown, made from the schema and the docstrings of the validation rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cstocases import markup
from cstocases.errors import count
from cstocases.resolution.inclusion import CRITERIA
from cstocases.resolution.readings import STATUSES
from cstocases.resolution.rules import RULES as RESOLUTIONS
from cstocases.schema.build import DUMMIES, DUMMIES_INTO
from cstocases.schema.model import Field, Package, Table
from cstocases.schema.reader import package
from cstocases.validation import content, sourcing


def codebook(home: str | Path | None = None) -> str:
    """The codebook: every table, field and code with its definition, the missing-value codes and the rules.

    Raises:
        SchemaFileError: the schema itself is wrong.
    """
    return codebook_of(package(home))


def codebook_of(dataset: Package) -> str:
    """The codebook of a schema that has been read."""
    return "\n".join(_lines(dataset)) + "\n"


def _lines(dataset: Package) -> Iterator[str]:
    meta = dataset.metadata
    yield f"# Codebook: {markup.plain(meta['title'])}"
    yield f"\nVersion {dataset.version}, {meta['released']}. {markup.plain(meta['description'])}"
    yield "\nThis file is generated from `schema/`; `cstocases codebook` prints it."
    yield "\n## Tables\n"
    for group in meta["groups"]:
        yield f"**{markup.plain(group['title'])}**\n"
        for name in group["tables"]:
            table = dataset.table(name)
            yield f"- [{name}](#{name}): {markup.plain(table.description)}"
        yield ""
    yield "## How to read a cell\n"
    yield "Dates are ISO dates with a column for their precision: where only the month or the year is known, its first day is written. Days and times are those of the place where a thing happened, not Moscow time or UTC: a call at 22:02 in Minsk on 5 January 2022 was a call of 6 January in Kazakhstan. Booleans are `true` and `false`, numbers are plain digits, and texts are in Unicode (NFC). A cell without a value has a missing-value code that says why:\n"
    yield "| in the CSV | missing-value code | meaning | Stata | SPSS |\n| --- | --- | --- | --- | --- |"
    for kind, k in dataset.missing_codes.items():
        token = f"`{k.token}`" if k.token else "(empty)"
        yield f"| {token} | {kind} | {markup.cell(k.label)} | `{k.stata}` | {k.spss or 'system-missing'} |"
    yield "\nIn columns marked *evidenced* every value has at least one reading: a row of the table `readings` that ties the cell to a statement, that is, to one thing that one source says. A reading that gives another value than the published one is a conflicting value. The word `record` in place of a column name means the row as a whole; such a reading says yes, no or unclear. `readings.basis` says whether the statement itself states the value or whether it follows only with other knowledge: who held an office or was a member, where a border runs, who fought whom, what an article provides, which request or decision of a crisis is meant, that a thing not mentioned was not so, and the step from the general to the particular. Readers who had made none of the readings judged each one from the statement, the row's short description, the field's definition and its codes alone; a reading is stated only where two of them found it so. Each code has a number, which stands for it in Stata and SPSS and never changes. Many definitions end in a borderline example; unless it names another code, it falls under the code it stands with. The status of a cell is computed from its readings:\n"
    for status, meaning in STATUSES.items():
        yield f"- `{status}`: {meaning}."
    yield "\nPublishers are counted by origin: many copies of one agency report count as one publisher.\n"
    for table in dataset.all_tables.values():
        yield from _table(table)
    yield "## Resolution rules\n"
    yield "Where sources differ, a resolution rule decides what value the cell gets. It is the argument `rule` of `load`, `compare` and `export`, and `--rule` in the shell:\n"
    for name, meaning in RESOLUTIONS.items():
        yield f"- `{name}`: {meaning}."
    yield "\nEach independent publisher counts once. A reading that gives only the month or the year of a date, and agrees with the published date, counts for the published date. `as_of` leaves out sources published after a day; a source without a date of publication counts from the day it was read, and one dated to a month or year from the last day of it. A cell without readings stays as it is.\n"
    yield "## Inclusion criteria\n"
    steps = "; ".join(f"`{name}`" for name in CRITERIA)
    yield f"An occasion in the table `candidates` is a case if it meets every criterion; they are checked in this order: {steps}. A criterion that is false or missing is not met. The three founding cases, those compared in the article that the dataset started from (Cooley, 9 January 2022), are kept as cases whether or not they meet the criteria; `cstocases candidates` shows which of them would fail.\n"
    yield "## Reliability\n"
    yield "The table `codings` holds two further codings of the main variables, each made blind: the coder saw this codebook without data and the evidence rows without notes, but neither the published values nor the other coding. Both coders are language models, as were the coders of the published values. Many definitions contain a borderline example from these very cases, which helped both coders in the same way. Agreement between them therefore shows how often the definitions lead one such reader to the same code from the same excerpts. It does not show that the code is right, or that a person would agree. `cstocases reliability` computes percent agreement and Krippendorff's alpha (nominal). There each kind of missing is a value of its own. Where a coding is compared with the published value, (unknown) agrees also with no_evidence_found and withheld, as a blind coder reads the evidence and cannot search; not applicable and disputed agree only with themselves; a published cell that is not coded yet is not compared; and of a statement, (unknown) and (not_applicable) agree with having no reading.\n"
    yield "## Validation rules\n"
    yield "In addition to the types, codes, keys and references given in the tables above, `cstocases validate` requires:\n"
    for name, meaning in rules_of_validation():
        yield f"- **{name}**: {meaning}"


def rules_of_validation() -> list[tuple[str, str]]:
    """Name and meaning of each validation rule beyond types, codes, keys and references."""
    always = [(rule.__name__.replace("_", " "), str(rule.__doc__)) for rule in (*content.RULES, *sourcing.RULES)]
    release = [
        (f"{rule.__name__.replace('_', ' ')} (for a release)", str(rule.__doc__)) for rule in sourcing.FOR_RELEASE
    ]
    return always + release


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n"
    where = "Computed, not stored." if table.derived else f"Stored in `{table.path}`."
    yield f"{markup.plain(table.description)} {where} Key: {', '.join(f'`{k}`' for k in table.primary_key)}."
    for key in table.foreign_keys:
        yield f"`{key.fields[0]}` refers to [{key.table}](#{key.table})."
    yield "\n| field | type | meaning |\n| --- | --- | --- |"
    for f in table.fields:
        if not f.dummy_of:
            yield f"| `{f.name}` | {f.type} | {_meaning(f)} |"
    if table.name == DUMMIES_INTO:
        for dummies in DUMMIES:
            codes = f"`{dummies.table}.{dummies.field}`"
            yield f"| `{dummies.prefix}_CODE` | boolean | One column per code of {codes}. {dummies.description} |"
    yield ""
    for f in table.fields:
        if f.categories and f.ref is None:
            yield f"**`{table.name}.{f.name}`**, {count(len(f.categories), 'code')}:\n"
            yield "| code | number | label | definition |\n| --- | --- | --- | --- |"
            for code in f.categories:
                yield f"| `{code.value}` | {code.number} | {markup.cell(code.label)} | {markup.cell(code.description)} |"
            yield ""


def _meaning(f: Field) -> str:
    notes = []
    if f.evidenced and f.ref is None:
        notes.append("evidenced")
    if f.required:
        notes.append("never missing")
    if f.ordered:
        notes.append("codes are ordered")
    if f.minimum is not None or f.maximum is not None:
        low = "" if f.minimum is None else f"{f.minimum:g}"
        high = "" if f.maximum is None else f"{f.maximum:g}"
        notes.append(f"from {low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}")
    if f.ref is not None:
        notes.append(f"from `{'.'.join(f.ref)}`")
    return f"**{markup.cell(f.title)}.** {markup.cell(f.description)}" + (f" *({'; '.join(notes)})*" if notes else "")
