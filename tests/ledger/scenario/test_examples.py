"""The worked examples in the documentation hold, run by the product's own actions."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.tenancy import bound
from ledger.scenario.parse import parse_file
from ledger.scenario.report import Exit, Report
from ledger.scenario.run import play, run_file
from ledger.scenario.run_world import build_world
from tests.ledger.explained import all_lines, assert_explained

EXAMPLES = sorted((Path(__file__).parents[3] / "docs" / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_holds(db, path):
    report = run_file(path)
    assert report.exit is Exit.HOLDS, report.text()
    assert report.outcomes


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_line_of_it_is_the_sum_of_its_reasons(db, path):
    scenario = parse_file(path)
    world = build_world(scenario)
    if world.network_id is None:
        return  # arithmetic alone
    with bound(world.network_id):
        play(scenario, world, Report(str(path)))
        assert assert_explained(all_lines())


def test_there_are_examples():
    assert len(EXAMPLES) >= 10
