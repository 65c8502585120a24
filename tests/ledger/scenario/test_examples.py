"""The worked examples in the documentation hold, run by the product's own actions."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.scenario.report import Exit
from ledger.scenario.run import run_file

EXAMPLES = sorted((Path(__file__).parents[3] / "docs" / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_holds(db, path):
    report = run_file(path)
    assert report.exit is Exit.HOLDS, report.text()
    assert report.outcomes


def test_there_are_examples():
    assert len(EXAMPLES) >= 10
