"""Loading: content that was judged is not judged again, and one byte is enough to judge it anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import cstocases
from cstocases import dataset
from cstocases.derived.comparison import PANELS, comparison, derived
from cstocases.errors import DataError
from cstocases.files import judged


@pytest.fixture
def judgements(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """An empty cache, and a list that grows with every judgement of a folder."""
    monkeypatch.setenv(judged.CACHE, str(tmp_path / "cache"))
    made: list[Path] = []
    judge = dataset._judged

    def counted(package: cstocases.schema.model.Package, *rest: object, **how: object) -> object:
        made.append(package.home)
        return judge(package, *rest, **how)

    monkeypatch.setattr(dataset, "_judged", counted)
    dataset._KEPT.clear()
    return made


def new_process() -> None:
    """Forget what this process keeps in memory."""
    comparison.cache_clear()
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


def computed(home: Path) -> list[pd.DataFrame]:
    """What is kept of a judged content, as a new process has it."""
    new_process()
    found = dataset.data(home)
    wide = comparison(found)
    panels = [frame for name in PANELS for frame in derived(found, name)]
    return [
        found.published,
        found.readings,
        found.statuses,
        wide.frame,
        wide.missing_codes,
        wide.records,
        wide.status,
        *panels,
    ]


def test_what_is_computed_is_kept(small: Path, judgements: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The next process has the same readings, statuses and comparison without computing them."""
    first = computed(small)
    for name in ("published", "readings", "statuses"):
        monkeypatch.setattr(f"cstocases.resolution.data.{name}", None)
    monkeypatch.setattr("cstocases.derived.comparison.columns_of", None)
    for name in PANELS:
        monkeypatch.setitem(PANELS, name, None)
    second = computed(small)

    for before, after in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(before, after)


@pytest.mark.slow
@pytest.mark.parametrize("damage", [lambda raw: b"", lambda raw: raw[:100], lambda raw: b"x" * len(raw)])
def test_a_damaged_cache_is_computed_anew(
    damage: Callable[[bytes], bytes], small: Path, judgements: list[Path], tmp_path: Path
) -> None:
    """Files of the cache that are cut short or overwritten cost time and nothing else."""
    first = computed(small)
    kept = [path for path in (tmp_path / "cache").glob("*/*") if path.suffix]
    panels = {f"{name}{end}.arrow" for name in PANELS for end in ("", "-missing")}
    wanted = {"comparison.json", "published.arrow", "readings.arrow", "statuses.arrow", *panels}
    assert wanted == {path.name for path in kept}
    for path in kept:
        path.write_bytes(damage(path.read_bytes()))

    for before, after in zip(first, computed(small), strict=True):
        pd.testing.assert_frame_equal(before, after)


def test_the_cache_does_not_grow_without_end(judgements: list[Path], tmp_path: Path) -> None:
    """The contents judged last are kept, the others go."""
    for number in range(judged.MAX_KEPT + 5):
        judged.remember(f"{number:064x}")

    assert judged.MAX_KEPT == len(list((tmp_path / "cache").iterdir()))
    assert judged.is_judged(f"{judged.MAX_KEPT + 4:064x}")
