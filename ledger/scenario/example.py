"""A rule's worked examples: scenarios that leave the rule out, run with it as it is drafted."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from django.db import connection

from ledger.rules.stored import codes_in
from ledger.rules.terms import Rule
from ledger.scenario import schema
from ledger.scenario.parse import parse_scenario
from ledger.scenario.reading import Malformed
from ledger.scenario.report import Exit, Report
from ledger.scenario.run import run_scenario

MOST_EXAMPLES = 10
MOST_CHARACTERS = 20_000
MOST_STEPS = 60
_BETWEEN = re.compile(r"^---[ \t]*$", re.MULTILINE)


def parse_examples(text: str, rule: Rule) -> list[schema.Scenario]:
    """The scenarios of a text, one YAML document each, with the rule before all others.

    Raises Malformed naming the line of the whole text: besides what a scenario file may not say, an example that
    expects nothing, or doesn't declare what the rule names.
    """
    if len(text) > MOST_CHARACTERS:
        raise Malformed(1, f"The examples are longer than {MOST_CHARACTERS:,} characters.")
    found: list[schema.Scenario] = []
    start = 0
    for end in [*(match.span() for match in _BETWEEN.finditer(text)), (len(text), len(text))]:
        document, above = text[start : end[0]], text.count("\n", 0, start)
        start = end[1]
        if document.strip():
            try:
                found.append(_with_rule(parse_scenario(document), rule))
            except Malformed as error:
                raise Malformed(error.line + above, error.message) from None
    if len(found) > MOST_EXAMPLES:
        raise Malformed(1, f"There are more than {MOST_EXAMPLES} examples.")
    return found


def run_examples(rule: Rule, text: str) -> list[Report]:
    """Run a rule's examples, each in a throw-away network; what is malformed gives the one report that says so.

    On a connection of its own: this network stays bound to the transaction under way, which none of it touches.
    """
    try:
        scenarios = parse_examples(text, rule)
    except Malformed as error:
        report = Report("")
        report.end(Exit.MALFORMED, f"malformed, {error}")
        return [report]
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(_run, scenarios).result()


def _run(scenarios: list[schema.Scenario]) -> list[Report]:
    try:
        return [run_scenario(scenario, Report("")) for scenario in scenarios]
    finally:
        connection.close()


def _with_rule(scenario: schema.Scenario, rule: Rule) -> schema.Scenario:
    if not scenario.expect and not any(isinstance(step, schema.Refused) for step in scenario.steps):
        raise Malformed(1, "The example expects nothing: say under expect what should come of it.")
    if len(scenario.steps) > MOST_STEPS:
        raise Malformed(1, f"The example has more than {MOST_STEPS} steps.")
    _check_declared(scenario, rule)
    declared = schema.RuleDeclared(1, rule.code, rule.event, rule.when, rule.outcome, rule.priority)
    return replace(scenario, rules=(declared, *scenario.rules))


def _check_declared(scenario: schema.Scenario, rule: Rule) -> None:
    when = rule.when
    named = (
        ("organization", codes_in(when, rule.outcome), {one.code for one in scenario.organizations}),
        ("service", {when.service} - {None}, {one.code for one in scenario.services}),
        ("category", {when.category} - {None}, {one.category for one in scenario.services}),
        ("package", {when.package} - {None}, {one.code for one in scenario.packages}),
    )
    for one in scenario.rules:
        if one.code == rule.code:
            raise Malformed(one.line, f"{rule.code} is added by itself; leave it out.")
    for what, wanted, declared in named:
        missing = sorted(str(code) for code in wanted - declared)
        if missing:
            raise Malformed(1, f"The rule names the {what} {missing[0]}, which the example doesn't declare.")
