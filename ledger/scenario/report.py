"""What came of a scenario: every expectation with its actual value, or why the run ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """Exit codes of the command; of several files, the gravest."""

    HOLDS = 0
    DIFFERS = 1  # an expectation does not hold, or a step was refused
    MALFORMED = 2


@dataclass(frozen=True)
class Outcome:
    """One expectation: what it says, what was expected, what was found."""

    line: int
    what: str
    expected: str
    actual: str

    @property
    def holds(self) -> bool:
        return self.expected == self.actual


@dataclass
class Report:
    """One file: its expectations, or the complaint that ended its run."""

    file: str
    name: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    complaint: str = ""
    code: str = ""
    exit: Exit = Exit.HOLDS

    def end(self, exit: Exit, complaint: str, code: str = "") -> None:
        """Say why the run ended before its end."""
        self.exit, self.complaint, self.code = exit, complaint, code

    def judge(self) -> None:
        """Whether everything that was expected holds."""
        if self.exit is Exit.HOLDS and not all(each.holds for each in self.outcomes):
            self.exit = Exit.DIFFERS

    @property
    def first_problem(self) -> str:
        """The complaint that ended the run, or the first expectation that doesn't hold, in words."""
        if self.complaint:
            return self.complaint
        failing = next(each for each in self.outcomes if not each.holds)
        return f"line {failing.line}, {failing.what} = {failing.actual}, expected {failing.expected}"

    def text(self) -> str:
        """The report for people."""
        held = sum(each.holds for each in self.outcomes)
        lines = [f"{self.file}: {self.name}" if self.name else self.file]
        for each in self.outcomes:
            found = f"{each.actual}" if each.holds else f"{each.actual}, expected {each.expected}"
            lines.append(f"  {'ok  ' if each.holds else 'FAIL'}  line {each.line}: {each.what} = {found}")
        if self.complaint:
            lines.append(f"  {self.complaint}")
        lines.append(f"  {held} of {len(self.outcomes)} expectations hold")
        return "\n".join(lines)

    def data(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "file": self.file,
            "name": self.name,
            "exit": int(self.exit),
            "complaint": self.complaint,
            "code": self.code,
            "expectations": [asdict(each) | {"holds": each.holds} for each in self.outcomes],
        }


def worst(reports: Sequence[Report]) -> Exit:
    """The gravest of the reports' exit codes."""
    return max((report.exit for report in reports), default=Exit.HOLDS)
