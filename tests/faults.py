"""A catalogue of faults: the shipped data spoilt by seed, in every way a hand, a spreadsheet, a merge or a program does.

Each line is a kind of fault: its name, whose doing it is, how it is planted, and the rules that may name it. A kind is
planted at random in all columns it can befall (picked by the tags of planting.py), many in one copy. A fault counts as
named only if a finding under such a rule gives its very cell, or the cells, row or file declared. What `validate` can
name it must name; only the rest is declared for `format --check` and for `diff`. `make faults SEED=7 ROUNDS=10` runs others.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import spoil_cells as s
import spoil_files as files
import spoil_fits as fits
import spoil_returns as returns
import spoil_rows as rows
from planting import (
    SHIPPED,
    TABLES,
    Fault,
    Kind,
    Section,
    cells,
    edits,
    in_files,
    in_tables,
    join,
    judge,
    line,
    split,
    whole,
)  # fmt: skip
from spoil_cells import chosen, dated, figured, inside, swapped
from spoil_files import text

# The rules under which a value of the wrong form is named: in its column, in a reading of it, in a coding of it.
FORM = "type reading-value coding-value text"
CODE = "category reading-value coding-value text"
NAME = "pattern reference reading-cell no-cell text reading-value coding-value"
HELD = "no-reading unread disputed no-search date-precision required category minimum"
GONE = "reference reading-cell no-cell"

# Many in one copy, which stays readable: one cell each.
CELLS = [
    Kind("date as 12/06/2010", "spreadsheet", cells("date", dated("{d:02}/{m:02}/{y}")), FORM),
    Kind("date as 6/12/10", "spreadsheet", cells("date", dated("{m}/{d}/{yy:02}")), FORM),
    Kind("date as 12.06.2010", "spreadsheet", cells("date", dated("{d:02}.{m:02}.{y}")), FORM),
    Kind("date as 12-Jun-10", "spreadsheet", cells("date", dated("{d}-{b}-{yy:02}")), FORM),
    Kind("date as serial 40341", "spreadsheet", cells("date", dated("{s}")), FORM),
    Kind("date with a time", "spreadsheet", cells("date", dated("{y}-{m:02}-{d:02} 00:00:00")), FORM),
    Kind("date with T and a time", "program", cells("date", dated("{y}-{m:02}-{d:02}T00:00:00Z")), FORM),
    Kind("date without hyphens", "program", cells("date", dated("{y}{m:02}{d:02}")), FORM),
    Kind("date with slashes", "hand", cells("date", dated("{y}/{m:02}/{d:02}")), FORM),
    Kind("date without its zeros", "hand", cells("date", dated("{y}-{m}-{d}")), FORM),
    Kind("date in words", "hand", cells("date", dated("{d} {b} {y}")), FORM),
    Kind("date with dashes", "word processor", cells("date", swapped("-", "\u2013")), FORM),
    Kind("date with year of two digits", "hand", cells("date", dated("{yy:02}-{m:02}-{d:02}")), FORM),
    Kind("month 13", "hand", cells("date", dated("{y}-13-{d:02}")), FORM),
    Kind("30 February", "hand", cells("date", dated("{y}-02-30")), FORM),
    Kind("day 0", "hand", cells("date", dated("{y}-{m:02}-00")), FORM),
    Kind("letter O for zero", "hand", cells("date|integer", swapped("0", "O")), FORM),
    Kind("letter l for one", "hand", cells("date|integer", swapped("1", "l")), FORM),
    Kind("thousands by comma", "spreadsheet", cells("integer", figured("{t}")), FORM),
    Kind("thousands by point", "spreadsheet", cells("integer", lambda c: figured("{t}")(c).replace(",", ".")), FORM),
    Kind("thousands by space", "hand", cells("integer", lambda c: figured("{t}")(c).replace(",", " ")), FORM),
    Kind("thousands by thin space", "word processor", cells("integer", lambda c: figured("{t}")(c).replace(",", "\u2009")), FORM),
    Kind("thousands by apostrophe", "spreadsheet", cells("integer", lambda c: figured("{t}")(c).replace(",", "'")), FORM),
    Kind("integer with decimals", "program", cells("integer", figured("{n}.0")), FORM),
    Kind("integer with decimal comma", "spreadsheet", cells("integer", figured("{n},0")), FORM),
    Kind("exponent", "spreadsheet", cells("integer", figured("{n:.2E}")), FORM),
    Kind("leading zero", "hand", cells("integer", figured("0{n}")), FORM),
    Kind("plus sign", "hand", cells("integer", figured("+{n}")), FORM),
    Kind("typeset minus", "word processor", cells("integer", figured("\u2212{n}")), FORM),
    Kind("about", "hand", cells("integer", figured("ca. {n}")), FORM),
    Kind("unit in the cell", "hand", cells("integer", figured("{n} persons")), FORM),
    Kind("range in the cell", "hand", cells("integer", figured("{n}-{n}9")), FORM),
    Kind("Arabic digits", "program", cells("integer", lambda c: c.value.translate({48 + n: 0x660 + n for n in range(10)})), FORM),
    Kind("integer too large", "hand", cells("integer", figured("{n}0000000000")), FORM + " maximum"),
    Kind("negative", "hand", cells("integer minimum", figured("-{n}1")), FORM + " minimum"),
    Kind("above the maximum", "hand", cells("maximum", figured("{n}0000")), "maximum reading-value"),
    Kind("decimal comma in a covariate", "spreadsheet", cells("covariate_value", swapped(r"(?<=^[0-9])\.", ",")), "pattern"),
    Kind("percent in a covariate", "spreadsheet", cells("covariate_value", swapped(r"^[0-9.]+$", r"\g<0>%")), "pattern"),
    Kind("boolean as TRUE", "spreadsheet", cells("boolean", s.mapped("TRUE", "FALSE")), FORM),
    Kind("boolean as True", "program", cells("boolean", s.mapped("True", "False")), FORM),
    Kind("boolean as 0 or 1", "program", cells("boolean", s.mapped("1", "0")), FORM),
    Kind("boolean as yes or no", "hand", cells("boolean", s.mapped("yes", "no")), FORM),
    Kind("boolean as VRAI or FAUX", "spreadsheet", cells("boolean", s.mapped("VRAI", "FAUX")), FORM),
    Kind("boolean in Russian", "spreadsheet", cells("boolean", s.mapped("ИСТИНА", "ЛОЖЬ")), FORM),
    Kind("code in capitals", "hand", cells("code", lambda c: c.value.upper()), CODE),
    Kind("code with a capital", "spreadsheet", cells("code", lambda c: c.value.capitalize()), CODE),
    Kind("code misspelt", "hand", cells("code", swapped("(?<=.).", "")), CODE),
    Kind("label for a code", "hand", cells("code", lambda c: c.place.field.labels[c.value]), CODE),
    Kind("number for a code", "program", cells("code", lambda c: str(next(k.number for k in c.place.field.categories if k.value == c.value))), CODE),
    Kind("space for underscore", "hand", cells("code", swapped("_", " ")), CODE),
    Kind("two codes in a cell", "hand", cells("code", lambda c: f"{c.value}; {c.value}"), CODE),
    Kind("code of another list", "hand", cells("code", s.other_list), CODE),
    Kind("key in other case", "hand", cells("key", lambda c: c.value.swapcase()), NAME),
    Kind("underscore for hyphen", "hand", cells("key", swapped("-", "_")), NAME),
    Kind("en dash in a key", "word processor", cells("key", swapped("-", "\u2013")), NAME),
    Kind("point after a key", "hand", cells("key", lambda c: c.value + "."), NAME),
    Kind("zeros lost from a key", "spreadsheet", cells("key", swapped("^0+", "")), NAME),
    Kind("reference to nothing", "hand", cells("link", s.nobody), GONE),
    Kind("address without scheme", "hand", cells("url", swapped("^https?://", "")), "pattern text"),
    Kind("address broken by a space", "hand", cells("url", inside(" ")), "pattern text"),
    Kind("required cell emptied", "hand", cells("required", chosen("")), "required"),
    Kind("required cell unknown", "hand", cells("required !coded_value", chosen("unknown")), "required"),
    Kind("missing in other words", "hand", cells("open", chosen(*s.GAPS)), FORM + " category missing"),
    Kind("pandas' nan for a gap", "program", cells("open", chosen("nan", "<NA>", "NaN"), missing=True), FORM + " category missing"),
    Kind("missing-value code misspelt", "hand", cells("coded", swapped("(?<=.)[a-z]", ""), missing=True), FORM + " category"),
    Kind("error of a spreadsheet", "spreadsheet", cells("any", chosen("#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "########")), FORM + " category pattern"),
    Kind("text turned into a date", "spreadsheet", cells("string", chosen("04-May", "May-04", "4-May-26")), FORM + " category pattern"),
    Kind("text turned into an exponent", "spreadsheet", cells("string", chosen("1.33E+04", "4E-05")), FORM + " category pattern"),
    Kind("space before", "hand", cells("any", lambda c: " " + c.value), FORM),
    Kind("space after", "hand", cells("any", lambda c: c.value + " "), FORM),
    Kind("two spaces", "hand", cells("string", swapped(" ", "  ")), FORM),
    Kind("no-break space", "word processor", cells("any", lambda c: c.value.replace(" ", "\u00a0") if " " in c.value else c.value + "\u00a0"), FORM),
    Kind("narrow or wide space", "word processor", cells("any", inside("\u2009\u202f\u2003\u3000")), FORM),
    Kind("character nobody sees", "program", cells("any", inside(s.UNSEEN)), FORM),
    Kind("tab in a cell", "hand", cells("any", inside("\t")), FORM),
    Kind("line break in a cell", "hand", cells("any", inside("\n\u2028")), FORM),
    Kind("control character", "program", cells("any", inside("\x00\x07\x1b\x7f\x85")), FORM),
    Kind("letter lost to U+FFFD", "program", cells("any", inside("\ufffd")), FORM),
    Kind("accent apart from its letter", "program", cells("string", swapped("[aeiouAEIOUcn]", "\\g<0>\u0301")), FORM),
    Kind("ligature or wide letter", "PDF reader", cells("string", inside("\ufb01\ufb02\uff21\uff11")), FORM + " category pattern"),
    Kind("Cyrillic letter in a Latin word", "hand", cells("any", s.twin), FORM + " category pattern"),
    Kind("UTF-8 read as Windows-1252", "spreadsheet", cells("words", s.misread("cp1252")), FORM),
    Kind("UTF-8 read as Windows-1251", "spreadsheet", cells("words", s.misread("cp1251")), FORM),
    Kind("letters saved as ?", "spreadsheet", cells("words", s.questioned), FORM),
    Kind("entity of HTML", "program", cells("words", swapped("[&'\"]|$", "&#39;")), FORM),
    Kind("tag of HTML", "program", cells("words", swapped(" ", "<br>")), FORM),
    Kind("escape of a program", "program", cells("words", swapped("['\"]| ", r"\\n")), FORM),
    Kind("quotes quoted twice", "program", cells("words", swapped('"', '""')), FORM),
    Kind("conflict marker in a cell", "merge", cells("string", lambda c: f"<<<<<<< HEAD{c.value}"), FORM),
    Kind("name spelt in another way", "hand", cells("name", s.respelt), "spelling no-reading"),
    Kind("reading that differs in case", "hand", cells("readings words", lambda c: c.value.upper() if sum(r["reading"] == c.value for r in c.book.read[s.cell_of(c.row)]) > 1 else None), "spelling"),
    Kind("value drifted", "hand", cells("evidenced", s.other), HELD),
    Kind("cell filled down", "spreadsheet", cells("evidenced", s.above), HELD),
    Kind("digits transposed", "hand", cells("evidenced !string", s.transposed), HELD + " type"),
    Kind("value without a reading", "hand", cells("evidenced !date", s.invented, missing=True), "no-reading"),
    Kind("unknown where readings exist", "hand", cells("evidenced", s.gap("unknown", "no_evidence_found", "")), "unread"),
    Kind("not_applicable where readings exist", "hand", cells("evidenced", s.gap("not_applicable", "withheld")), "unread"),
    Kind("disputed where readings agree", "hand", cells("evidenced", lambda c: "disputed" if len(c.read()) == 1 else None), "disputed"),
    Kind("searched in vain, without a search", "hand", cells("optional", s.free_of("searches", chosen("no_evidence_found")), missing=True), "no-search"),
]  # fmt: skip

# One fault each, but of several cells or rows; what must be named is said where it is planted.
ROWS = [
    Kind("row pasted twice", "spreadsheet", edits(rows.doubled(1)), "primary-key unique"),
    Kind("block pasted twice", "spreadsheet", edits(rows.doubled(3)), "primary-key unique"),
    Kind("both versions of a row kept", "merge", edits(rows.inserted(rows.other_version)), "primary-key unique"),
    Kind("row of empty cells", "spreadsheet", edits(rows.inserted(lambda t, row: dict.fromkeys(row, "")))),
    Kind("row of totals", "spreadsheet", edits(rows.inserted(lambda t, row: {**dict.fromkeys(row, ""), next(iter(row)): "Total"}))),
    Kind("header in the middle", "merge", edits(rows.inserted(lambda t, row: {name: name for name in row}))),
    Kind("row begun as a copy", "hand", edits(rows.inserted(rows.with_new_key, ""), *s.EVIDENCED), "no-reading"),
    Kind("row lost", "merge", edits(rows.row_lost), GONE),
    Kind("last rows lost", "program", edits(rows.end_lost), GONE),
    Kind("key retyped", "hand", edits(rows.key_changed, *s.KEYED), GONE),
    Kind("two cells exchanged", "hand", edits(rows.exchanged)),
    Kind("cells pushed to the right", "spreadsheet", edits(rows.pushed)),
    Kind("unique value copied", "hand", edits(fits.taken, *s.UNIQUE), "unique"),
    Kind("reading lost", "merge", edits(rows.reading_lost, "readings"), "no-reading disputed"),
    Kind("reading of a row as a whole lost", "merge", edits(rows.record_lost, "readings"), "no-record no-reading"),
    Kind("reading drifted", "hand", edits(rows.reading_drifted, "readings"), "no-reading"),
    Kind("reading given to another row", "hand", edits(rows.reading_moved, "readings"), "no-reading disputed"),
    Kind("coding drifted", "hand", edits(rows.coding_drifted, "codings"), "unjudged"),
    Kind("missing-value code not as coded", "hand", edits(rows.gap_drifted, "codings"), "unjudged"),
    Kind("adjudication lost", "merge", edits(rows.unjudged, "adjudications"), "unjudged"),
    Kind("search lost", "merge", edits(rows.search_lost, "searches"), "no-search"),
    Kind("source not seen", "hand", edits(rows.not_seen, "sources"), "not-seen"),
    Kind("dates behind a rationale lost", "hand", edits(rows.undated, "rationales"), "dated-source"),
    Kind("source orphaned", "hand", edits(rows.orphaned, "evidence"), "unused-source"),
    Kind("statement in both layers", "hand", edits(rows.both_layers, "explanations"), "one-layer"),
    Kind("evidence in both layers", "hand", edits(rows.both_layers, "readings"), "one-layer"),
    Kind("end before start", "hand", edits(fits.ends_early), "end-before-start"),
    Kind("decision before request", "hand", edits(fits.decided_early, "decisions"), "decision-before-request"),
    Kind("dated after it was read", "hand", edits(fits.after_access, "sources", "evidence"), "published-after-access dated-after-access"),
    Kind("low above high", "hand", edits(fits.low_above), "low-best-high"),
    Kind("figure beyond the highest", "hand", edits(fits.beyond, "readings"), "extreme"),
    Kind("best figure without its reason", "hand", cells("preferred", chosen("unknown", "not_applicable", "")), "no-reason"),
    Kind("id of merged evidence in two rows", "merge", edits(fits.merged_again, "evidence"), "merged-id"),
    Kind("day called a month or a year", "hand", edits(fits.coarser), "date-precision no-reading"),
    Kind("date or precision missing alone", "hand", edits(fits.one_gap), "date-precision"),
    Kind("contribution of a non-member", "hand", edits(fits.no_member, "contributions"), "contributor-member"),
    Kind("position of a non-member", "hand", edits(fits.outsider, "positions"), "position-member"),
    Kind("two primary requests, or none", "hand", edits(fits.primary, "requests"), "one-primary"),
    Kind("two final decisions", "hand", edits(fits.final, "decisions"), "one-final"),
    Kind("adversary that is no state", "hand", edits(fits.no_state, "requests"), "adversary"),
    Kind("reason that belongs to nothing", "hand", edits(fits.belongs, "rationales"), "belongs-to"),
    Kind("text that obliges without the facts", "hand", edits(fits.obliging, "text_tests"), "text-test"),
    Kind("row given to another case", "spreadsheet", edits(fits.other_case("case_id"), *s.OF_CASE), "other-case"),
    Kind("decision given to another case", "hand", edits(fits.other_case("request_id"), "decisions"), "other-case"),
    Kind("contribution given to another case", "hand", edits(fits.other_case("decision_id"), "contributions"), "other-case"),
    Kind("rationale of another answer", "hand", edits(fits.other_case("answer_id"), "rationales"), "one-case"),
    Kind("row given to another state", "spreadsheet", edits(fits.other_state, *s.OF_STATE), "other-state"),
    Kind("case without its candidate", "hand", edits(fits.excluded, "candidates"), "inclusion"),
    Kind("case that fails the rule", "hand", edits(fits.criterion, "candidates"), "inclusion"),
]  # fmt: skip

# A column at a time; a copy of their own, for they leave little room.
COLUMNS = [
    Kind("columns exchanged, not their names", "spreadsheet", edits(rows.columns_exchanged, whole_rows=False), FORM + " category"),
    Kind("column sorted alone", "spreadsheet", edits(rows.column(sorted), *s.EVIDENCED, whole_rows=False), HELD),
    Kind("column moved down a cell", "spreadsheet", edits(rows.column(lambda v: v[-1:] + v[:-1]), *s.EVIDENCED, whole_rows=False), HELD),
    Kind("column filled down", "spreadsheet", edits(rows.column(lambda v: [v[0]] * len(v)), *s.EVIDENCED, whole_rows=False), HELD),
]  # fmt: skip

# One in a table, which may become unreadable: what must be named is a line, or the file (line 0).
FILES = [
    Kind("byte order mark", "spreadsheet", whole(lambda lines, _: "\ufeff" + text(lines), 1), "encoding"),
    Kind("UTF-16", "spreadsheet", whole(lambda lines, _: text(lines).encode("utf-16"), 1), "encoding"),
    Kind("a byte of Windows-1252", "spreadsheet", line(lambda row, _: [row.replace("e", "\udce9", 1)] if "e" in row else None), "encoding"),
    Kind("CR LF", "spreadsheet", whole(lambda lines, _: "\r\n".join([*lines, ""]), 1), "line-end"),
    Kind("CR alone", "spreadsheet", whole(lambda lines, _: "\r".join([*lines, ""]), 1), "line-end"),
    Kind("one CR LF", "merge", line(lambda row, _: [row + "\r"]), "line-end"),
    Kind("semicolons", "spreadsheet", whole(lambda lines, _: text([join(split(row), delimiter=";") for row in lines]), 1), "header"),
    Kind("tabs", "spreadsheet", whole(lambda lines, _: text([join(split(row), delimiter="\t") for row in lines]), 1), "header"),
    Kind("sep=, above the header", "spreadsheet", whole(lambda lines, _: text(["sep=,", *lines]), 1), "header"),
    Kind("blank line above the header", "hand", whole(lambda lines, _: text(["", *lines]), 1), "header"),
    Kind("header lost", "program", whole(lambda lines, _: text(lines[1:]), 1), "header"),
    Kind("index column added", "program", whole(lambda lines, _: text([f"{i or ''},{row}" for i, row in enumerate(lines)]), 1), "header"),
    Kind("empty column added", "spreadsheet", whole(lambda lines, _: text([row + "," for row in lines]), 1), "header"),
    Kind("column added", "hand", files.columns(lambda row, i, j: [*row[:i], row[i] if row[0] else "", *row[i:]], "remarks"), "header"),
    Kind("column doubled", "spreadsheet", files.columns(lambda row, i, j: [*row[:i], row[i], *row[i:]]), "header"),
    Kind("column lost", "spreadsheet", files.columns(lambda row, i, j: [*row[:i], *row[i + 1 :]]), "header"),
    Kind("columns exchanged", "spreadsheet", files.columns(lambda row, i, j: [row[{i: j, j: i}.get(k, k)] for k in range(len(row))]), "header"),
    Kind("column renamed", "hand", files.header(lambda name: name.replace("_", "") + "s"), "header"),
    Kind("column in capitals", "hand", files.header(str.upper), "header"),
    Kind("space after a column's name", "hand", files.header(lambda name: name + " "), "header"),
    Kind("cell lost from a row", "hand", line(lambda row, rng: [join(files.without(split(row), rng))]), "row"),
    Kind("comma too many", "hand", line(lambda row, rng: [row + ","]), "row"),
    Kind("comma that needs quotes", "hand", line(lambda row, rng: [",".join(split(row))] if "," in "".join(split(row)) else None), "row"),
    Kind("typeset quotes round a cell", "word processor", line(lambda row, _: [row.replace('"', "\u201c")] if "," in "".join(split(row)) else None), "row"),
    Kind("row in quotes as one cell", "spreadsheet", line(lambda row, _: [join([row])] if "," in row else None), "row"),
    Kind("blank line", "hand", line(lambda row, _: ["", row]), "row"),
    Kind("two rows in one line", "merge", line(lambda row, _: [f"{row},{row}"]), "row"),
    Kind("row broken in two", "merge", line(lambda row, _: row.split(",", 1) if "," in row else None), "row"),
    Kind("quote never closed", "hand", line(lambda row, _: ['"' + row] if not row.startswith('"') else None), "csv"),
    Kind("text after a closing quote", "hand", line(lambda row, _: [f'"{row}'.replace(",", '"s,', 1)] if '"' not in row.split(",")[0] else None), "csv"),
    Kind("conflict of a merge", "merge", line(lambda row, _: ["<<<<<<< ours", row, "=======", row, ">>>>>>> theirs"], 0, 2, 4), "row"),
    Kind("conflict with its base", "merge", line(lambda row, _: ["<<<<<<< ours", row, "||||||| base", row, "=======", row, ">>>>>>> theirs"], 0, 2, 4, 6), "row"),
    Kind("conflict half resolved", "merge", line(lambda row, _: [row, "=======", row], 1), "row"),
    Kind("conflict at the header", "merge", whole(lambda lines, _: text(["<<<<<<< ours", lines[0], "=======", *lines, ">>>>>>> theirs"]), 1), "header"),
    Kind("cut off within a row", "program", line(lambda row, rng: join(split(row)[: rng.randint(1, len(split(row)) - 1)])), "row"),
    Kind("cut off within quotes", "program", line(lambda row, _: row[: row.rindex('"')] if '"' in row else None), "csv"),
    Kind("cut off within the last cell", "program", line(lambda row, _: row[:-1] if row[-1] not in '",' else None), "line-end"),
    Kind("cut off before the line end", "program", line(lambda row, _: row), "line-end"),
    Kind("file lost", "merge", files.file(lambda file: file.unlink()), "file"),
    Kind("file emptied", "program", files.file(lambda file: file.write_bytes(b"")), "file"),
    Kind("folder in its place", "hand", files.file(lambda file: (file.unlink(), file.mkdir())), "file"),
    Kind("link in its place", "hand", files.file(lambda file: file.symlink_to(file.rename(file.parents[1] / file.name))), "file"),
    Kind("file renamed", "hand", files.file(lambda file: file.rename(file.with_stem(f"{file.stem} (1)")), "{} (1).csv", "{}.csv"), "file"),
    Kind("copy left beside it", "hand", files.file(lambda file: shutil.copy(file, f"{file}.orig"), "{}.csv.orig"), "file"),
    Kind("lock file left", "spreadsheet", files.file(lambda file: file.with_name(f".~lock.{file.name}#").touch(), ".~lock.{}.csv#"), "file"),
    Kind("saved as a workbook beside it", "spreadsheet", files.file(lambda file: file.with_suffix(".xlsx").write_bytes(b"PK\3\4"), "{}.xlsx"), "file"),
    Kind("another table in its place", "hand", whole(lambda lines, _: (SHIPPED / "cases" / ("states.csv" if lines[0][0] != "i" else "cases.csv")).read_bytes(), 1), "header"),
    Kind("web page in its place", "program", whole(lambda lines, _: "<!DOCTYPE html>\n<title>Sign in</title>\n", 1), "header"),
    Kind("pointer of Git LFS in its place", "program", whole(lambda lines, _: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", 1), "header"),
]  # fmt: skip

# A file of the schema; each in a copy of its own, for the first stops the reading.
SCHEMA = [
    Kind("schema file lost", "merge", files.schema(None)),
    Kind("schema cut off", "program", files.schema(lambda text, rng: text[: rng.randrange(len(text) - 1)])),
    Kind("comma lost in the schema", "hand", files.schema(lambda text, rng: s.one(rng, text, ",\n", "\n"))),
    Kind("comma too many in the schema", "hand", files.schema(lambda text, rng: s.one(rng, text, "\n *}", ",\\g<0>"))),
    Kind("typeset quotes in the schema", "word processor", files.schema(lambda text, rng: s.one(rng, text, '"name"', "\u201cname\u201d"))),
    Kind("conflict in the schema", "merge", files.schema(lambda text, rng: s.one(rng, text, "\n", "\n<<<<<<< ours\n"))),
    Kind("schema with byte order mark", "spreadsheet", files.schema(lambda text, _: "\ufeff" + text)),
    Kind("schema in Windows-1252", "program", files.schema(lambda text, rng: s.one(rng, text, "e", "\udce9"))),
    Kind("key given twice in the schema", "merge", files.schema(lambda text, rng: s.one(rng, text, '"(title|label)": "', '"\\1": "Other", \\g<0>'))),
    Kind("keyword misspelt in the schema", "hand", files.schema(lambda text, rng: s.one(rng, text, '"(title|description|label)":', '"\\1e":'))),
    Kind("type misspelt in the schema", "hand", files.schema(lambda text, rng: s.one(rng, text, '"type": "(string|date|integer|boolean)"', '"type": "\\1s"'))),
    Kind("title emptied in the schema", "hand", files.schema(lambda text, rng: s.one(rng, text, '"(title|label)": "[^"]+"', '"\\1": ""'))),
    Kind("field named twice in the schema", "hand", files.schema(files.field_twice)),
    Kind("copy of a schema file", "hand", files.schema(lambda text, _: text, copy=True)),
]  # fmt: skip

# What no rule can object to, for the table says the same in another order or with other quotes: the file.
ORDER = [
    Kind("two rows exchanged", "hand", whole(lambda lines, rng: text(files.two(lines, rng)), 0)),
    Kind("sorted by another column", "spreadsheet", whole(lambda lines, _: text([lines[0], *sorted(lines[1:], key=lambda row: split(row)[-1:])]), 0)),
    Kind("sorted the other way round", "spreadsheet", whole(lambda lines, rng: text([lines[0], *lines[:0:-1]]), 0)),
    Kind("row added at the end", "hand", whole(lambda lines, rng: text([lines[0], *lines[2:], lines[1]]), 0)),
    Kind("all cells quoted", "program", whole(lambda lines, _: text([join(split(row), quoting=1) for row in lines]), 0)),
    Kind("header quoted", "program", whole(lambda lines, _: text([join(split(lines[0]), quoting=1), *lines[1:]]), 0)),
    Kind("one cell quoted without need", "hand", line(lambda row, _: ['"' + row.replace(",", '",', 1)] if '"' not in row.split(",")[0] else None)),
]  # fmt: skip

# What only the version before shows: the values are sound and so are those around them.
DIFFS = [
    Kind("word lost from a text", "hand", cells("prose", swapped(r"\w+ ", ""))),
    Kind("text in other case", "hand", cells("prose", lambda c: c.value.swapcase())),
    Kind("text cut off", "program", cells("prose", lambda c: c.value[: len(c.value) // 2].strip())),
    Kind("typeset quotes in a text", "word processor", cells("prose", lambda c: s.typeset(c.value))),
    Kind("number in a text", "hand", cells("prose", swapped(r"\d", "7"))),
    Kind("text overwritten by unknown", "hand", cells("prose !required !preferred", chosen("unknown", "not_applicable", ""))),
    Kind("another missing-value code", "hand", cells("optional", s.free_of("codings", lambda c: s.OTHER_GAP[c.value]), missing=True)),
    Kind("another code", "hand", cells("code unheld", s.other)),
    Kind("date of evidence drifted", "hand", cells("date evidence", s.earlier)),
    Kind("date of publication drifted", "hand", cells("published", s.earlier)),
    Kind("covariate drifted", "hand", cells("covariate_value", swapped(r"(?<=[0-9])[0-9]", "4"))),
    Kind("address drifted", "hand", cells("url", lambda c: c.value + "/")),
    Kind("evidence given to another source", "hand", edits(fits.resourced, "evidence")),
    Kind("conflicting reading drifted", "hand", edits(fits.conflicting_drifted, "readings")),
    Kind("reading lost that others repeat", "merge", edits(fits.repeat_lost, "readings")),
    Kind("covariate or crosswalk lost", "merge", edits(fits.plain_lost, "covariates", "crosswalk")),
    Kind("record lost with its readings", "merge", edits(fits.all_lost, "events", "positions", "explanations", "candidates")),
]  # fmt: skip

# A file that comes back from a sheet; `enter` must refuse it whole.
RETURNS = [
    Kind("code of another variable", "hand", returns.answer("value", lambda _: "agree"), "coding-value"),
    Kind("missing-value code not offered", "hand", returns.answer("value", lambda _: "(withheld)"), "coding-value"),
    Kind("answer emptied", "hand", returns.answer("value", lambda _: "", "answers.{}.value"), "shape"),
    Kind("control character in a note", "program", returns.answer("note", lambda _: "a\x1b[2J", "answers.{}.note"), "shape"),
    Kind("token of another sheet", "hand", returns.answer("token", lambda token: token[::-1]), "no-question"),
    Kind("question of an older sheet", "hand", returns.answer("digest", lambda _: "0" * 8), "stale"),
    Kind("evidence of an older sheet", "hand", returns.head("evidence_digest", "0" * 16), "stale"),
    Kind("coder who is a model", "hand", returns.head("coder", "coder-a"), "coder no-question"),
    Kind("case that does not exist", "hand", returns.head("case", "kgz-2011", ""), "unknown"),
    Kind("day that has not come", "program", returns.head("day", "9999-01-01"), "shape"),
    Kind("key misspelt in a return", "hand", returns.head("notes", ""), "shape"),
    Kind("return cut off", "program", returns.text(lambda t, rng: t[: rng.randrange(1, len(t) - 1)]), "json"),
    Kind("key twice in a return", "merge", returns.text(lambda t, _: t.replace('"day"', '"day": "", "day"'), "day"), "json"),
    Kind("value that was another", "hand", returns.toml('was = "2010-06-12"', 'was = "2010-06-13"', "change.was"), "stale"),
    Kind("cell misspelt in a correction", "hand", returns.toml('cell = "requests', 'cell = "request', "change.cell"), "cell"),
    Kind("correction without its source", "hand", returns.toml('says = { "requests/kgz-2010-troops/date" = "2010-06-18" }', "", "change.now"), "no-reading"),
    Kind("quote lost in a correction", "hand", returns.toml('by = "anna"', 'by = "anna', "11"), "toml"),
]  # fmt: skip

# What must name the kinds, and how many of them share a copy.
SECTIONS = [
    Section("validate", CELLS, in_tables(2)),
    Section("validate", ROWS, in_tables(2)),
    Section("validate", COLUMNS, in_tables(2)),
    Section("validate", FILES, in_files(len(TABLES))),
    Section("validate", SCHEMA, in_files(1)),
    Section("format --check", ORDER, in_files(len(TABLES))),
    Section("diff", DIFFS, in_tables(3)),
    Section("enter", RETURNS, returns.in_returns),
]


def planted(seed: int, rounds: int, names: set[str] | None = None) -> Iterator[tuple[Section, Path, list[Fault]]]:
    """Copies of the shipped data with faults in them, each kind (or those of these names) in every round."""
    for n in range(rounds):
        for i, section in enumerate(SECTIONS):
            rng = random.Random(f"{seed}.{n}.{i}")  # noqa: S311 - no secrets
            kinds = [kind for kind in section.kinds if names is None or kind.name in names]
            for home, faults in section.copies(kinds, rng):
                yield section, home, faults


def run(seed: int, rounds: int, names: set[str] | None = None) -> list[Fault]:
    """The faults planted, each with how it was missed if it was."""
    found = []
    for section, home, faults in planted(seed, rounds, names):
        if section.by == "enter":
            returns.judge(home, *faults)
        else:
            judge(section.by, home, faults)
        found += faults
    return found


def report(seed: int, found: list[Fault]) -> str:
    """The table of kinds, every fault missed, and the sum."""
    lines = [f"{'kind':<36} {'planted by':<15} {'must be caught by':<17} {'planted':>7} {'caught':>6}"]
    for section in SECTIONS:
        for kind in section.kinds:
            missed = [bool(fault.missed) for fault in found if fault.kind is kind]
            counts = f"{len(missed):>7,} {missed.count(False):>6,}"
            lines.append(f"{kind.name:<36} {kind.hand:<15} {section.by:<17} {counts}")
    lost = [fault for fault in found if fault.missed]
    lines += [f"missed (seed {seed}): {fault}" for fault in lost]
    lines.append(f"{len(found):,} faults planted, {len(found) - len(lost):,} named, {len(lost):,} missed (seed {seed})")
    return "\n".join(lines)


def main(*words: str) -> None:
    """Print the report, and exit with 1 if a fault was missed."""
    parser = argparse.ArgumentParser(description="Spoil copies of the shipped data and see that each fault is named.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="*", help="names of kinds; all, if none is given")
    options = parser.parse_args(words)
    found = run(options.seed, options.rounds, set(options.kinds) if options.kinds else None)
    print(report(options.seed, found))
    sys.exit(1 if any(fault.missed for fault in found) else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
