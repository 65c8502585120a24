"""Which tests come upon which guards: the server's log of one run, laid beside the times of its tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

ENTRY = re.compile(
    r"^(?P<at>\d{4}-\S+ \S+) UTC \[\d+\] \S+@caretree_test_\w+?_(?P<worker>main|gw\d+)_\d+ "
    r"(?P<part>[A-Z]+):  (?P<said>.*)$"
)
FRAME = re.compile(r"PL/pgSQL function (?:public\.)?([\w.]+)\([^)]*\) line (\d+)")


@dataclass(frozen=True)
class Report:
    """An error as the server logged it: the test it came from, and every name and every place that it mentions.

    A place is a function and the line of its body, as in `app.check_account:12`.
    """

    test: str
    mentions: frozenset[str]


def reports_of(paths: Iterable[str], root: Path) -> list[Report]:
    """Run these tests once, and tell what the server refused in each."""
    log = Path(settings.VAR_DIR) / "log" / "postgres.log"
    before = log.stat().st_size
    with TemporaryDirectory() as place:
        clock = Path(place) / "clock"
        options = ["-q", "--tb=no", "-n", "logical", "--dist", "loadfile", "-p", "tests.mutations.clock"]
        subprocess.run(
            [sys.executable, "-m", "pytest", *options, *paths],
            cwd=root,
            env=os.environ | {"TESTS_CLOCK": str(clock)},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        timed = Timed(clock.read_text().splitlines())
    with log.open() as file:
        file.seek(before)
        return [
            Report(test, mentions) for at, worker, mentions in errors(file) if (test := timed.at(at, worker))
        ]


class Timed:
    """Which test a worker of pytest was at."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.tests: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
        for line in lines:
            begun, ended, worker, test = line.split("\t")
            self.tests[worker].append((float(begun), float(ended), test))

    def at(self, moment: float, worker: str) -> str:
        """The test, or '' between tests."""
        tests = self.tests[worker]
        place = bisect_right(tests, (moment + 0.001, float("inf"), "")) - 1
        return tests[place][2] if place >= 0 and moment <= tests[place][1] else ""


def errors(lines: Iterable[str]) -> Iterator[tuple[float, str, frozenset[str]]]:
    """Of each error: when, in a database of which worker, and what its report mentions."""
    first, said = None, ""
    for line in [*lines, ""]:
        entry = ENTRY.match(line)
        if first and (entry is None or entry["part"] == "ERROR") and not line.startswith("\t"):
            moment = datetime.fromisoformat(first["at"] + "+00:00").timestamp()
            places = {f"{name}:{number}" for name, number in FRAME.findall(said)}
            yield moment, first["worker"], frozenset(re.findall(r"\w+", said)) | places
            first, said = None, ""
        if entry and entry["part"] == "ERROR":
            first = entry
        said += entry["said"] + "\n" if entry else line
