"""The codebook, in Markdown, from the schema and the docstrings of the rules."""

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
    """The codebook: every table, field and code with its definition, the kinds of missing and the rules.

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
    yield "Dates are ISO dates with a column for their precision: a coarser date is written as its first day. Booleans are `true` and `false`, numbers bare digits, texts Unicode NFC. A cell without a value says why:\n"
    yield "| in the CSV | kind | meaning | Stata | SPSS |\n| --- | --- | --- | --- | --- |"
    for kind, k in dataset.missing_codes.items():
        token = f"`{k.token}`" if k.token else "(empty)"
        yield f"| {token} | {kind} | {markup.cell(k.label)} | `{k.stata}` | {k.spss or 'system-missing'} |"
    yield "\nColumns marked *evidenced* need a reading for every value: a row of `readings` that ties the cell to a proposition of one source. A reading that differs from the published value is a rival value. The word `record` in place of a column means the row as a whole; there a reading says yes, no or unclear. The number of a code stands for it in Stata and SPSS, and never changes. From the readings alone follows the status of a cell:\n"
    for status, meaning in STATUSES.items():
        yield f"- `{status}`: {meaning}."
    yield "\nPublishers are counted by origin: many copies of one agency report are one publisher.\n"
    for table in dataset.all_tables.values():
        yield from _table(table)
    yield "## Resolution rules\n"
    yield "Where sources differ, `rule` says what a cell becomes (in `load`, `compare`, `export`, and `--rule`):\n"
    for name, meaning in RESOLUTIONS.items():
        yield f"- `{name}`: {meaning}."
    yield "\nVoices are independent publishers. A date that stops at its month or year and agrees with the published one is a voice for it. `as_of` leaves out sources published later; a source without a date counts from the day it was read, one known to the month or year from its last day. A cell no reading speaks to stays as it is.\n"
    yield "## The inclusion rule\n"
    steps = "; ".join(f"`{name}`" for name in CRITERIA)
    yield f"A candidate is a case if every criterion is true, asked in this order: {steps}. A criterion that is false or missing is not met. The founding three are kept as cases on the terms of the founding article, whatever the rule says; `cstocases candidates` shows which would fail.\n"
    yield "## Reliability\n"
    yield "`codings` holds two codings of the main variables, each made blind: the coder saw this codebook without data and the evidence rows without notes, not the published values and not the other coding. Both coders are language models, and so were the coders of the published values. Many definitions carry a borderline example from these very cases, which helped both coders alike. Agreement between them therefore shows how far the definitions lead one such reader to the same code twice from the same excerpts; it does not show that the code is right, nor that a person would agree. `cstocases reliability` computes percent agreement and Krippendorff's alpha (nominal).\n"
    yield "## Rules\n"
    yield "Beside what the tables above say of types, codes, keys and references, validation requires:\n"
    for name, meaning in rules_of_validation():
        yield f"- **{name}**: {meaning}"


def rules_of_validation() -> list[tuple[str, str]]:
    """Name and meaning of each rule of validation beyond types, codes, keys and references."""
    return [(rule.__name__.replace("_", " "), str(rule.__doc__)) for rule in (*content.RULES, *sourcing.RULES)]


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n"
    where = "Derived, never stored." if table.derived else f"Stored in `{table.path}`."
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
