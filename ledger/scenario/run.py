"""Running a scenario in a throw-away network, through the product's own actions, and rolling it back."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from core.errors import Refused
from core.tenancy import bound
from ledger.scenario import schema
from ledger.scenario.parse import parse_file
from ledger.scenario.reading import Malformed
from ledger.scenario.report import Exit, Outcome, Report
from ledger.scenario.run_expect import outcome_of
from ledger.scenario.run_steps import run_step
from ledger.scenario.run_world import World, build_world


class Ended(Exception):  # noqa: N818  (it says what happened)
    """A step was refused that was not expected to be."""

    def __init__(self, line: int, refusal: Refused) -> None:
        super().__init__(refusal.message)
        self.line = line
        self.refusal = refusal


def run_file(path: Path) -> Report:
    """Run the scenario in a file; nothing of it stays."""
    report = Report(str(path))
    try:
        scenario = parse_file(path)
    except Malformed as error:
        report.end(Exit.MALFORMED, f"malformed, {error}")
        return report
    except OSError as error:
        report.end(Exit.MALFORMED, f"can't be read: {error.strerror or error}")
        return report
    return run_scenario(scenario, report)


def run_scenario(scenario: schema.Scenario, report: Report) -> Report:
    """Run a scenario that has been parsed; nothing of it stays."""
    report.name = scenario.name
    _run(scenario, report)
    report.judge()
    return report


def _run(scenario: schema.Scenario, report: Report) -> None:
    try:
        with transaction.atomic():
            world = build_world(scenario)
            if world.network_id is None:
                play(scenario, world, report)
            else:
                with bound(world.network_id):
                    play(scenario, world, report)
            transaction.set_rollback(True)
    except Ended as ended:
        refusal = ended.refusal
        report.end(
            Exit.DIFFERS, f"line {ended.line}: refused, {refusal.code}: {refusal.message}", refusal.code
        )


def play(scenario: schema.Scenario, world: World, report: Report) -> None:
    """Declare, take the steps in order, then look."""
    world.declare(scenario)
    for rule in scenario.rules:
        _take(schema.ActivateRule(rule.line, rule), world)
    for step in scenario.steps:
        if isinstance(step, schema.Refused):
            report.outcomes.append(_refused(step, world))
        else:
            _take(step, world)
    report.outcomes.extend(outcome_of(expected, world) for expected in scenario.expect)


def _take(step: schema.Command | schema.Arithmetic, world: World) -> None:
    try:
        run_step(step, world)
    except Refused as refusal:
        raise Ended(step.line, refusal) from refusal


def _refused(expected: schema.Refused, world: World) -> Outcome:
    """Take a step that is to be refused, and undo whatever it did."""
    actual = "not refused"
    try:
        with transaction.atomic():
            run_step(expected.step, world.aside())
            transaction.set_rollback(True)
    except Refused as refusal:
        actual = refusal.code
    kind = type(expected.step).__name__
    name = getattr(expected.step, "id", "")
    return Outcome(expected.line, f"refusal of {kind} {name}".rstrip(), str(expected.code), actual)
