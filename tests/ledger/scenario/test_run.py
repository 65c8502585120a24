"""Running scenarios: exit codes, what is printed, and that nothing stays."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from core.models import Enterprise

HEAD = """
name: A little one
currency: INR
organizations:
  - {code: P, kind: parent}
  - {code: S, kind: sub, under: P}
  - {code: X, kind: third_party, under: P}
services:
  - {code: CONSULT, list_price: "400.00"}
packages:
  - {code: PACK, price: "900.00", holder: P, valid_days: 365,
     lines: [{service: CONSULT, quantity: 3, standalone_price: "400.00"}]}
"""
RULE = """
rules:
  - {code: sub-80, event: redemption, when: {servicing_kind: sub}, transfer: {percent: "80", basis: allocated_price}}
"""
SALE = "  - sale: {id: S1, on: 2026-01-05, package: PACK, patient: Asha, at: P}\n"


@pytest.fixture
def run(db, tmp_path):
    """Run texts as files; return the exit code and what was printed."""

    def run(*texts: str, as_json: bool = False):
        files = []
        for number, text in enumerate(texts):
            files.append(tmp_path / f"{number}.yaml")
            files[-1].write_text(text)
        out = StringIO()
        with pytest.raises(SystemExit) as stop:
            call_command("scenario", *map(str, files), stdout=out, **({"json": True} if as_json else {}))
        return stop.value.code, json.loads(out.getvalue()) if as_json else out.getvalue()

    return run


def steps(*lines: str, rules: str = RULE) -> str:
    return HEAD + rules + "steps:\n" + SALE + "".join(f"  - {line}\n" for line in lines)


def test_all_hold(run):
    text = steps("redeem: {id: R1, on: 2026-01-10, sale: S1, service: CONSULT, quantity: 1, at: S}") + (
        "expect:\n"
        '  - balance: {organization: P, account: due_to, counterparty: S, amount: "-240.00"}\n'
        '  - balance: {organization: P, account: due_to, amount: "0", as_of: 2026-01-09}\n'
        "  - entitlement: {sale: S1, service: CONSULT, left: 2}\n"
        "  - entitlement: {sale: S1, service: CONSULT, left: 3, as_of: 2026-01-09}\n"
        "  - entitlement: {sale: S1, service: CONSULT, left: 0, as_of: 2026-01-04}\n"
        '  - consolidated: {of: P, account: intercompany_cost, amount: "0.00"}\n'
        '  - eliminated: {of: P, account: intercompany_cost, amount: "-240.00"}\n'
        "  - trial_balance: {organization: S, balances: true}\n"
    )
    code, printed = run(text)
    assert code == 0, printed
    assert "line 20: balance P due_to(S) = -240.00" in printed
    assert "8 of 8 expectations hold" in printed


def test_some_do_not(run):
    code, printed = run(steps() + 'expect:\n  - balance: {organization: P, account: cash, amount: "1.00"}\n')
    assert code == 1
    assert "FAIL  line 19: balance P cash = 900.00, expected 1.00" in printed


def test_a_refused_step_ends_the_run(run):
    code, printed = run(
        steps("redeem: {id: R1, on: 2026-01-10, sale: S1, service: CONSULT, quantity: 4, at: S}")
    )
    assert code == 1
    assert "line 18: refused, entitlement_exhausted: 4 of CONSULT" in printed


def test_a_rule_that_may_not_be_active_ends_the_run(run):
    rules = RULE + RULE.replace("rules:\n", "").replace("sub-80", "other")
    code, printed = run(steps(rules=rules))
    assert code == 1
    assert "rule_conflict" in printed


def test_refusals_are_expectations_and_leave_nothing(run):
    refused = "refused: {code: %s, step: {%s}}"
    text = steps(
        refused
        % ("no_rule", "redeem: {id: R1, on: 2026-01-10, sale: S1, service: CONSULT, quantity: 1, at: S}"),
        refused
        % (
            "not_permitted",
            "redeem: {id: R2, on: 2026-01-10, sale: S1, service: CONSULT, quantity: 1, at: P}",
        ),
        "redeem: {id: R2, on: 2026-01-10, sale: S1, service: CONSULT, quantity: 3, at: P}",
        rules="",
    )
    code, data = run(text, as_json=True)
    assert code == data["exit"] == 1
    (file,) = data["files"]
    assert [(each["what"], each["actual"], each["holds"]) for each in file["expectations"]] == [
        ("refusal of Redeem R1", "no_rule", True),
        ("refusal of Redeem R2", "not refused", False),
    ]
    assert file["complaint"] == ""


def test_malformed_names_the_line(run):
    code, printed = run(steps("sale: {id: S2, on: 2026-01-05, package: PACK, patient: Asha, at: ZZ}"))
    assert code == 2
    assert "malformed, line 18: at: there is no organization ZZ" in printed


def test_a_file_that_is_not_there(db):
    out = StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("scenario", "/nowhere/at-all.yaml", stdout=out)
    assert stop.value.code == 2
    assert "can't be read" in out.getvalue()


def test_the_gravest_of_several_files(run):
    good, bad = steps(), HEAD + "nonsense: 1\n"
    assert run(good)[0] == 0
    code, data = run(good, bad, good, as_json=True)
    assert code == 2
    assert [file["exit"] for file in data["files"]] == [0, 2, 0]


def test_a_retry_posts_once(run):
    text = steps(SALE.strip().removeprefix("- ")) + (
        'expect:\n  - balance: {organization: P, account: cash, amount: "900.00"}\n'
    )
    code, printed = run(text)
    assert code == 0, printed


def test_nothing_stays_and_it_runs_as_the_web_role(run):
    enterprises = Enterprise.objects.count()
    run(steps())
    assert Enterprise.objects.count() == enterprises
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("caretree_web",)
        cursor.execute("SELECT coalesce(current_setting('app.network', true), '')")
        assert cursor.fetchone() == ("",)


def test_closing_and_voiding(run):
    text = steps(
        "redeem: {id: R1, on: 2026-01-10, sale: S1, service: CONSULT, quantity: 1, at: S}",
        "close: {month: 2026-01}",
        "refused: {code: period_closed, step: {void: {id: V1, on: 2026-01-31, of: R1}}}",
        "refused: {code: not_permitted, step: {void: {id: V1, on: 2026-01-09, of: R1}}}",
        "void: {id: V1, on: 2026-02-01, of: R1}",
        "refused: {code: already_reversed, step: {void: {id: V2, on: 2026-02-01, of: R1}}}",
        "close: {month: 2026-02, organization: S}",
        "redeem: {id: R2, on: 2026-02-02, sale: S1, service: CONSULT, quantity: 1, at: P}",
    )
    code, printed = run(text)
    assert code == 0, printed
