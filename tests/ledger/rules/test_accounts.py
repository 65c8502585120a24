"""The chart of accounts and the refusal words say exactly what the handbook says."""

import pytest

from ledger.rules.accounts import CHART, Account, Counterparty, Mirror, Section, Side, account_type
from ledger.rules.refusals import Refusal, RefusalCode, first_refusal


def named(counterparty: Counterparty) -> set[str]:
    return {str(row.account) for row in CHART.values() if row.counterparty is counterparty}


def test_every_account_has_one_row() -> None:
    assert list(CHART) == list(Account)
    assert len({row.label for row in CHART.values()}) == len(Account) == 23


def test_who_is_named() -> None:
    assert named(Counterparty.THIRD_PARTY) == {"accounts_payable", "vendor_cost"}
    assert named(Counterparty.OPTIONAL) == {"service_revenue"}
    assert named(Counterparty.REQUIRED) == {
        "due_from",
        "due_to",
        "netting_clearing",
        "commission_revenue",
        "intercompany_revenue",
        "intercompany_cost",
        "partner_share_cost",
        "partner_commission_cost",
    }


def test_what_mirrors() -> None:
    for row in CHART.values():
        if row.counterparty in (Counterparty.NONE, Counterparty.THIRD_PARTY):
            assert row.mirror is Mirror.NONE
        elif row.section in (Section.INCOME, Section.EXPENSES):
            assert row.mirror is Mirror.PROFIT_AND_LOSS
        else:
            assert row.mirror is (Mirror.NETTING if row.account is Account.NETTING_CLEARING else Mirror.DUE)


def test_sides_and_sections() -> None:
    assert account_type("cash").side is Side.DEBIT
    assert account_type("vendor_cost").side is Side.DEBIT
    assert account_type("service_revenue").side is Side.CREDIT
    assert account_type("contract_liability").side is Side.CREDIT
    assert account_type("equity").is_balance_sheet
    assert not account_type("breakage_revenue").is_balance_sheet
    with pytest.raises(ValueError):
        account_type("petty_cash")


def test_the_first_refusal_that_applies_wins() -> None:
    assert ", ".join(RefusalCode) == (
        "idempotency_conflict, not_permitted, already_reversed, module_off, not_sellable_here, not_redeemable_here, "
        "entitlement_expired, entitlement_exhausted, over_refund, rule_conflict, no_rule, referral_share, "
        "discount_over_policy, approval_required, currency_mismatch, unbalanced, not_mirrored, period_closed"
    )
    late = Refusal(RefusalCode.PERIOD_CLOSED, "January is closed.", month="2026-01")
    early = Refusal(RefusalCode.NO_RULE, "No rule says who pays.")
    assert first_refusal([late, early]) is early
    assert first_refusal([]) is None
    assert str(late) == "period_closed: January is closed."
    assert late.facts == {"month": "2026-01"}
