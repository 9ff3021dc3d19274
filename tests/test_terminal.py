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


@pytest.mark.parametrize(("expected", "seconds"), [(True, 0.5), (False, 0.01)])
def test_a_bar_is_drawn_once_work_takes_a_second(expected: bool, seconds: float) -> None:
    """Four steps of half a second draw a bar on a terminal, up to its end; four quick ones draw nothing."""
    steps = f"from cstocases.writing import _bar\nimport time\nwith _bar('Validating') as watch:\n    for n in range(1, 5):\n        time.sleep({seconds})\n        watch(n, 4)"
    code, said = on_a_terminal("-c", steps)

    assert code == 0
    assert (expected, expected) == ("Validating" in said, "100%" in said)


def test_no_bar_in_a_pipe() -> None:
    """Where stderr is no terminal nothing is drawn, however long the work takes."""
    steps = "from cstocases.writing import _bar\nimport time\nwith _bar('x') as watch:\n    time.sleep(1.2)\n    watch(1, 2)"
    done = subprocess.run([sys.executable, "-c", steps], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("", "")
