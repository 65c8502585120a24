"""Worked examples: written with a draft, run in a throw-away network, and a gate before the draft answers."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from core.errors import Refused
from core.models import Network
from ledger.actions.rule import Terms, activate_rule, delete_draft, draft_rule, write_examples
from ledger.models import LedgerEvent, RuleVersion
from ledger.queries.example import starter
from ledger.queries.rule import rule_in
from ledger.rules.terms import Conditions, Event, Outcome
from ledger.scenario.example import example_names, run_examples
from tests.ledger.market import PERCENT_70, PERCENT_80, SYSTEM

EXAMPLE = """\
name: One session
currency: USD
organizations:
  - {code: P, kind: parent}
  - {code: Q, kind: partner, under: P}
services:
  - {code: PHYSIO, list_price: "80.00"}
packages:
  - {code: PACK, price: "800.00", holder: P, lines: [{service: PHYSIO, quantity: 10}]}
steps:
  - sale: {id: S1, on: 2026-01-05, package: PACK, patient: Asha, at: P}
  - redeem: {id: R1, on: 2026-01-05, sale: S1, service: PHYSIO, quantity: 1, at: Q}
expect:
  - balance: {organization: P, account: due_to, counterparty: Q, amount: "-56.00"}
"""
WRONG = EXAMPLE.replace("-56.00", "-60.00").replace("One session", "A wrong one")
AT_Q = Conditions(servicing="Q", service="PHYSIO")


SEVENTY = Outcome(shares=(PERCENT_70,))


def draft(market, outcome=SEVENTY, when=AT_Q, code="physio", examples=EXAMPLE) -> RuleVersion:
    actor = market.world.actor("finance")
    version = draft_rule(actor, market.world["P"], code=code, terms=Terms(Event.REDEMPTION, when, outcome))
    return write_examples(actor, version, examples=examples, seen=version.version) if examples else version


def activate(market, version) -> RuleVersion:
    return activate_rule(market.world.actor("administrator"), version, seen=version.version)


def test_examples_that_hold_open_the_gate_and_nothing_of_them_stays(market):
    networks, events = Network.objects.count(), LedgerEvent.objects.count()
    assert activate(market, draft(market)).status == "active"
    assert (Network.objects.count(), LedgerEvent.objects.count()) == (networks, events)


def test_one_that_fails_keeps_it_shut_and_says_which(market):
    version = draft(market, examples=f"{EXAMPLE}---\n{WRONG}")
    with pytest.raises(Refused) as refusal:
        activate(market, version)
    assert refusal.value.code == "not_permitted"
    assert refusal.value.message.startswith(
        "The worked example A wrong one does not hold: line 29, balance P due_to(Q) = -56.00, expected -60.00"
    )
    assert RuleVersion.objects.get(pk=version.pk).status == "draft"


def test_a_rule_that_changed_has_to_hold_its_examples_still(market):
    reports = run_examples(rule_in(draft(market, Outcome(transfer=PERCENT_80))), EXAMPLE)
    assert [(one.what, one.actual) for one in reports[0].outcomes] == [("balance P due_to(Q)", "-64.00")]
    assert reports[0].exit == 1


@pytest.mark.parametrize(
    ("examples", "says"),
    [
        (EXAMPLE.replace("quantity: 10", "quantity: ten"), "Line 9"),
        (
            f"{EXAMPLE}---\n{EXAMPLE.replace('code: Q,', 'code: R,').replace('at: Q}', 'at: R}').replace('party: Q,', 'party: R,')}",
            "Line 16: The rule names the organization Q",
        ),
        (EXAMPLE.partition("expect:")[0], "expects nothing"),
        (EXAMPLE + "rules:\n  - {code: physio, event: redemption}\n", "added by itself"),
        (EXAMPLE.replace("PHYSIO", "OTHER"), "names the service PHYSIO"),
        ("name: [", "not YAML"),
        ("x" * 20_001, "longer than"),
    ],
)
def test_malformed_examples_are_refused_with_their_line(market, examples, says):
    with pytest.raises(Refused, match=says) as refusal:
        draft(market, examples=examples)
    assert refusal.value.field == "examples"


def test_whoever_writes_examples_is_the_author(market):
    version = draft(market, examples="")
    actor = market.world.actor("administrator")
    written = write_examples(actor, version, examples=EXAMPLE, seen=version.version)
    with pytest.raises(Refused, match="Somebody else"):
        activate(market, written)


def test_an_active_version_keeps_its_examples_and_the_next_one_begins_with_them(market):
    active = activate(market, draft(market))
    with pytest.raises(Refused, match="not changed"):
        write_examples(SYSTEM, active, examples="", seen=active.version)
    follower = draft(market, examples="")
    assert follower.examples == active.examples == EXAMPLE.strip("\n")
    delete_draft(SYSTEM, follower, seen=follower.version)


def test_names_and_a_beginning_that_runs(market):
    assert example_names(f"{EXAMPLE}---\n{WRONG}") == ["One session", "A wrong one"]
    for event in Event:
        when = Conditions(service="PHYSIO") if event is not Event.SALE else Conditions()
        actor = market.world.actor("finance")
        terms = Terms(event, when, Outcome())
        rule = rule_in(draft_rule(actor, market.world["P"], code=f"begun-{event}", terms=terms))
        (report,) = run_examples(rule, starter(rule))
        assert (report.complaint, len(report.outcomes)) == ("", 1), event


def test_pages_write_and_run(market, browse):
    version = draft(market, examples="")
    finance = browse("finance")
    edit = reverse("rule-examples-edit", args=[version.pk])
    page = finance.get(edit)
    assert "code: Q, kind: partner, under: P" in page.context["form"]["examples"].value()
    typed = {"examples": WRONG, "_version": version.version, "_network": market.world.network.pk}
    ran = finance.post(edit, typed, follow=True)
    assert "-56.00" in ran.content.decode()
    assert "Does not hold" in ran.content.decode()
    stale = finance.post(edit, typed)
    assert (stale.status_code, stale.context["form"]["examples"].value()) == (409, WRONG)


@pytest.mark.parametrize(
    ("says", "attack"),
    [
        (
            "is not changed",
            "UPDATE ledger_ruleversion SET status = 'active', activated_at = now(), author_id = NULL WHERE status = 'draft'",
        ),
        (
            "is not changed",
            "UPDATE ledger_ruleversion SET status = 'active', activated_at = now(), activated_by_id = 0, examples = 'x' WHERE status = 'draft'",
        ),
        (
            "ruleversion_second_person",
            "UPDATE ledger_ruleversion SET status = 'active', activated_at = now() WHERE status = 'draft'",
        ),
        ("is not changed", "UPDATE ledger_ruleversion SET examples = '' WHERE status = 'active'"),
        (
            "begins as a draft",
            'INSERT INTO ledger_ruleversion (rule_id, number, event, "when", outcome, priority, status, sentence, examples,'
            " activated_at, created_at, version) SELECT rule_id, 99, event, \"when\", outcome, priority, 'active', sentence,"
            " examples, now(), now(), 1 FROM ledger_ruleversion LIMIT 1",
        ),
    ],
)
def test_no_statement_gets_around_the_second_person(market, says, attack):
    activate(market, draft(market))
    draft(market, code="waiting", examples="")
    with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
