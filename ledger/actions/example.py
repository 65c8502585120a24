"""Worked examples as a gate: what a draft says has to come out before it answers for anything."""

from __future__ import annotations

from core.settings import why
from ledger.actions.command import refused
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import RULE_EXAMPLES_REQUIRED
from ledger.rules.terms import Rule
from orgs.queries import tree


def check_examples(rule: Rule, examples: str) -> None:
    """Refuse a rule one of whose examples fails, or without any where the parent organization asks for them."""
    from ledger.scenario.example import run_examples

    reports = run_examples(rule, examples)
    if not reports and RULE_EXAMPLES_REQUIRED.at(tree.root()):
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{rule.code} carries no worked example. Add one, with what should come of it. "
            f"{why(RULE_EXAMPLES_REQUIRED, tree.root())}",
        )
    failing = next((one for one in reports if one.exit), None)
    if failing is not None:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"The worked example {failing.name or 'of this rule'} does not hold: {failing.first_problem}. "
            "Correct the rule or the example.",
        )


def check_written(rule: Rule, examples: str) -> None:
    """Refuse examples that are malformed; whether they hold is seen when they run."""
    from ledger.scenario.example import parse_examples
    from ledger.scenario.reading import Malformed

    try:
        parse_examples(examples, rule)
    except Malformed as error:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"Line {error.line}: {error.message}", field="examples"
        ) from error
