"""Long work and long answers on a real terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="terminals of this kind are Unix's")


def on_a_terminal(*words: str) -> tuple[int, str]:
    """Exit code of a command whose output is a terminal, and all it wrote there."""
    ours, theirs = pty.openpty()
    command = subprocess.Popen([sys.executable, *words], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            part = b""
        if not part:
            break
        said += part
    os.close(ours)
    return command.wait(), said.decode().replace("\r\n", "\n")


@pytest.mark.slow
def test_a_terminal_gets_a_hundred_problems_and_a_file_all(home: Path) -> None:
    """Of many problems a terminal shows the first hundred and how to have all; a pipe gets all of them."""
    events = home / "cases/events.csv"
    events.write_text(events.read_text(encoding="utf-8").replace(",day,", ",dya,"), encoding="utf-8")
    piped = subprocess.run([sys.executable, "-m", "cstocases", "validate", str(home)], capture_output=True, text=True)
    every = piped.stdout.splitlines()
    code, said = on_a_terminal("-m", "cstocases", "validate", str(home))
    shown = [line for line in said.splitlines() if "cases/events.csv" in line]

    assert (piped.returncode, code) == (1, 1)
    assert len(every) > 200
    assert every[:100] == [line[line.index("cases/events.csv") :] for line in shown]
    assert f"... and {len(every) - 100:,} more; to have all: cstocases validate {home} > problems.txt" in said
    assert f"{len(every)} problems in 1 file" in said


# Four steps of some work, on a clock that the test sets.
STEPS = """
import itertools, types
from cstocases.cli import output
output.time = types.SimpleNamespace(monotonic=itertools.count(step={seconds}).__next__)
with output._bar("Validating") as watch:
    for n in range(1, 5):
        watch(n, 4)
"""


@pytest.mark.parametrize(("expected", "seconds"), [(True, 0.5), (False, 0.01)])
def test_a_bar_is_drawn_once_work_takes_a_second(expected: bool, seconds: float) -> None:
    """Four steps of half a second draw a bar on a terminal, up to its end; four quick ones draw nothing."""
    code, said = on_a_terminal("-c", STEPS.format(seconds=seconds))

    assert code == 0
    assert (expected, expected) == ("Validating" in said, "100%" in said)


def test_no_bar_in_a_pipe() -> None:
    """Where stderr is no terminal nothing is drawn, however long the work takes."""
    done = subprocess.run([sys.executable, "-c", STEPS.format(seconds=2)], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("", "")


def command(words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command by a shell."""
    line = f"{sys.executable} -m cstocases {words}"
    return subprocess.run(["bash", "-c", line], capture_output=True, check=False, env={**os.environ, **environment})


@pytest.mark.slow
def test_an_encoding_that_lacks_letters() -> None:
    """Output that cannot be written in the encoding of a pipe is said in a line with the remedy, and the remedy works."""
    done = command("cite --case kgz-2010", PYTHONIOENCODING="cp1252")
    assert (1, b"Error: the output cannot be written in cp1252; set PYTHONUTF8=1") == (done.returncode, done.stderr.strip())  # fmt: skip
    assert command("cite --case kgz-2010", PYTHONUTF8="1").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("validate >&-", 0, "no problems"),
        ("codebook > /dev/full", 1, "Error: No space left on device"),
        ("export {0} -f csv > /dev/full", 1, "The dataset is in {0}; start with README.md."),
    ],
)
def test_output_that_cannot_be_printed(tmp_path: Path, words: str, code: int, said: str) -> None:
    """Sound data are sound where stdout is closed, a full disk is an error in one line, and an export is there all the same."""
    done = command(words.format(tmp_path / "x"))
    assert (code, True) == (done.returncode, done.stderr.decode().startswith(said.format(tmp_path / "x")))
    assert words.startswith("export") == (tmp_path / "x/SHA256SUMS").is_file()
