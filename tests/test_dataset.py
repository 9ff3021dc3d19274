"""Loading: content that was judged is not judged again, and one byte is enough to judge it anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import cstocases
from cstocases import dataset
from cstocases.errors import DataError
from cstocases.files import judged


@pytest.fixture
def judgements(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """An empty cache, and a list that grows with every judgement of a folder."""
    monkeypatch.setenv(judged.CACHE, str(tmp_path / "cache"))
    made: list[Path] = []
    judge = dataset._judged

    def counted(package: cstocases.schema.model.Package, *rest: object) -> object:
        made.append(package.home)
        return judge(package, *rest)

    monkeypatch.setattr(dataset, "_judged", counted)
    dataset._KEPT.clear()
    return made


def new_process() -> None:
    """Forget what this process keeps in memory."""
    dataset._KEPT.clear()


def test_sound_content_is_judged_once(small: Path, judgements: list[Path]) -> None:
    """Within a process, and in the next one, content that was found sound is only read."""
    first = cstocases.load("requests", small)
    cstocases.load("cases", small)
    new_process()
    second = cstocases.load("requests", small)

    assert [small] == judgements
    assert first.equals(second)


def test_a_changed_byte_is_judged(small: Path, judgements: list[Path]) -> None:
    """An edit that keeps the size and the time stamp of a file is noticed, in this process and in the next."""
    cstocases.load("requests", small)
    file = small / "cases/states.csv"
    stamp = file.stat()
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("ARM", "arm", 1), encoding="utf-8")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))

    assert (stamp.st_size, stamp.st_mtime_ns) == (file.stat().st_size, file.stat().st_mtime_ns)
    with pytest.raises(DataError):
        cstocases.load("requests", small)
    new_process()
    with pytest.raises(DataError):
        cstocases.load("requests", small)
    assert [small] * 3 == judgements


def test_a_changed_schema_is_judged(small: Path, judgements: list[Path]) -> None:
    """The same tables under another schema are another content."""
    cstocases.load("requests", small)
    file = small / "schema/states.json"
    file.write_bytes(file.read_bytes().replace(b'"title": "', b'"title": "A ', 1))
    cstocases.load("requests", small)

    assert [small] * 2 == judgements


def test_validate_judges_what_was_judged(small: Path, judgements: list[Path]) -> None:
    """`validate` never relies on an earlier judgement, and what it finds sound is only read afterwards."""
    assert [] == cstocases.validate(small)
    assert [] == cstocases.validate(small)
    cstocases.load("requests", small)

    assert [small] * 2 == judgements


def test_without_a_cache_loading_still_works(
    small: Path, judgements: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be remembered, each process judges for itself."""
    monkeypatch.setenv(judged.CACHE, os.devnull)
    cstocases.load("requests", small)
    new_process()
    cstocases.load("requests", small)

    assert [small] * 2 == judgements


def test_the_same_bytes_in_two_folders_are_two_datasets(small: Path, tmp_path: Path, judgements: list[Path]) -> None:
    """The data of a folder know their own folder, though another one holds the same bytes."""
    other = Path(shutil.copytree(small, tmp_path / "other"))
    homes = [dataset.data(home).package.home for home in (small, other)]

    assert [small, other] == homes
    assert [small] == judgements
