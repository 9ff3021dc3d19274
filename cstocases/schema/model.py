"""What a schema file says, as frozen objects that answer questions about it. No pandas here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from cstocases.errors import UnknownNameError

NOT_CODED = "not_coded"  # the missing-value code of an empty cell


@dataclass(frozen=True)
class Category:
    """One code of a code list; `number` stands for it where a program wants integers, and never changes."""

    value: str
    number: int
    label: str
    description: str = ""
    retired: bool = False


class MissingCode(NamedTuple):
    """A missing-value code: its token in a CSV, its label, its value in Stata and its code in SPSS (None: system-missing)."""

    token: str
    label: str
    stata: str
    spss: int | None


class Dummies(NamedTuple):
    """A code list whose codes become boolean columns of the derived table."""

    prefix: str
    table: str
    field: str
    where: tuple[str, tuple[str, ...]] | None
    title: str
    description: str


@dataclass(frozen=True)
class Field:
    """One column: what it means and what it may hold."""

    name: str
    type: str
    title: str
    description: str
    categories: tuple[Category, ...] = ()
    ordered: bool = False
    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    evidenced: bool = False
    ref: tuple[str, str] | None = None
    dummy_of: Dummies | None = None

    @cached_property
    def labels(self) -> dict[str, str]:
        """Code to label."""
        return {category.value: category.label for category in self.categories}

    @cached_property
    def offered(self) -> list[Category]:
        """The codes that may still be given; the others stand in codings made before."""
        return [category for category in self.categories if not category.retired]


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values must be a key of another table."""

    fields: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table: its fields in order, its keys, the group it belongs to, and its licence if it is not the dataset's."""

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    group: str = ""
    derived: bool = False
    licenses: tuple[Mapping[str, str], ...] = ()

    @cached_property
    def names(self) -> list[str]:
        """Field names in order."""
        return [f.name for f in self.fields]

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    @property
    def path(self) -> str:
        """Where the table is stored, relative to the dataset's folder."""
        return f"cases/{self.name}.csv"

    def field(self, name: str) -> Field:
        """The field of that name.

        Raises:
            UnknownNameError: there is none.
        """
        if name not in self._by_name:
            raise UnknownNameError(f"field of {self.name}", name, self.names)
        return self._by_name[name]

    def precision_of(self, name: str) -> str | None:
        """Name of the column that holds the precision of a date column, if there is one."""
        wanted = f"{name}_precision"
        return wanted if wanted in self._by_name else None

    @property
    def precisions(self) -> set[str]:
        """The columns that say how exactly a date is known."""
        return {name for name in map(self.precision_of, self.names) if name}

    @cached_property
    def evidenced(self) -> tuple[Field, ...]:
        """Fields whose every value needs a reading."""
        return tuple(f for f in self.fields if f.evidenced)


@dataclass(frozen=True)
class Package:
    """A dataset: what dataset.json says, and its tables."""

    home: Path
    metadata: Mapping[str, Any]
    missing: Mapping[str, str]
    all_tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Version of the dataset, which is also the version of the package it is shipped in."""
        return str(self.metadata["version"])

    @property
    def missing_codes(self) -> dict[str, MissingCode]:
        """The missing-value codes by name, in the order of dataset.json; an empty cell is the system-missing of Stata and SPSS."""
        named = [(token, label) for token, label in self.missing.items() if token]
        coded = {
            token: MissingCode(token, label, f".{chr(ord('a') + i)}", -91 - i) for i, (token, label) in enumerate(named)
        }
        return {NOT_CODED: MissingCode("", self.missing[""], ".", None), **coded}

    @cached_property
    def stored(self) -> dict[str, Table]:
        """The tables that are files in cases/."""
        return {name: table for name, table in self.all_tables.items() if not table.derived}

    def table(self, name: str) -> Table:
        """The table of that name, stored or derived.

        Raises:
            UnknownNameError: there is none.
        """
        if name not in self.all_tables:
            raise UnknownNameError("table", name, self.all_tables)
        return self.all_tables[name]
