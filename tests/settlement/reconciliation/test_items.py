"""What stands between two organizations, and what each side says to it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import timezone

from core import clock
from core.errors import Refused
from core.money import Money
from ledger.actions.journal import Posting, post_journal
from ledger.queries.mutual import claims_between
from ledger.rules.accounts import Account
from settlement.actions.acknowledgement import (
    Meant,
    acknowledge,
    acknowledge_silent,
    count_silent,
    silent_sides,
)
from settlement.actions.dispute import Said, end_dispute, raise_dispute, remind_of_disputes, write_message
from settlement.models import Acknowledgement, Dispute
from settlement.queries import items as queries
from settlement.queries.close_checks import disputed_items
from settlement.queries.item_totals import totals_of
from settlement.queries.items import Narrowing, item_page, items_of
from settlement.queries.netting import open_pairs, scope_of
from settlement.rules.settings import ACKNOWLEDGE_FIRST, DISPUTE_ANSWER_DAYS, SILENCE_DAYS
from tests.ledger.market import DAY, SYSTEM, Market, new_key, usd
from tests.ledger.void.test_void import do_void
from work.models import Mail

LONG_AFTER = date(2999, 1, 1)


@pytest.fixture
def owed(market: Market) -> Market:
    """The consultation redeemed at North Clinic (240.00), two physiotherapies at Quay (115.50)."""
    sale = market.sell()
    market.event = market.redeem(sale, "CONSULT", at="S")
    market.at_quay = market.redeem(sale, "PHYSIO", 2, at="Q", on=DAY + timedelta(days=1))
    return market


def accounts(market: Market, first: str, second: str) -> list[int]:
    return [one.pk for one in claims_between(market.world[first].pk, market.world[second].pk)]


def items(market: Market, first: str = "P", second: str = "S"):
    return items_of(accounts(market, first, second))


def agree(market: Market, actor=SYSTEM, side: str = "P", other: str = "S", **meant) -> int:
    return acknowledge(actor, market.world[side], meant=Meant(accounts(market, side, other), **meant))


def dispute(market: Market, actor=SYSTEM, side: str = "P", **asked) -> Dispute:
    (one,) = [each for each in items(market) if each.amount.minor > 0]
    asked = {"reason": "amount", "said": Said("It was 200.00.")} | asked
    return raise_dispute(actor, market.world[side], event_id=one.event_id, account_id=one.account_id, **asked)


def end(one: Dispute, outcome: str = "withdrawn", actor=SYSTEM, **asked) -> Dispute:
    one.refresh_from_db()
    end_dispute(
        actor, one, **({"outcome": outcome, "text": "We looked again.", "version": one.version} | asked)
    )
    return Dispute.objects.get(pk=one.pk)


def test_a_mirrored_pair_is_one_item_that_waits_for_who_did_not_record_it(owed):
    (one,) = items(owed)
    assert (one.creditor_id, one.debtor_id) == (owed.world["S"].pk, owed.world["P"].pk)
    assert (one.amount.decimal(), one.on, one.kind) == ("240.00", DAY, "redemption")
    assert one.state == "open"
    assert one.waits_for == (owed.world["P"].pk,)


def test_the_other_side_agrees_once(owed):
    assert agree(owed) == 1
    (one,) = items(owed)
    assert (one.state, one.waits_for) == ("acknowledged", ())
    assert agree(owed) == 0
    assert Acknowledgement.objects.get().completes


def test_who_recorded_it_has_nothing_to_agree_to(owed):
    assert agree(owed, side="S", other="P") == 0
    assert items(owed)[0].state == "open"


def test_where_neither_recorded_it_both_have_to_agree(owed):
    """A loan between P and Q that South Clinic recorded."""
    p, q = owed.world["P"], owed.world["Q"]
    lines = [
        Posting(p, Account.DUE_TO, usd("-5.00"), q),
        Posting(p, Account.CASH, usd("5.00")),
        Posting(q, Account.DUE_FROM, usd("5.00"), p),
        Posting(q, Account.CASH, usd("-5.00")),
    ]
    event = post_journal(SYSTEM, owed.world["T"], postings=lines, reason="lent", on=DAY, key=new_key())
    key = next((one.event_id, one.account_id) for one in items(owed, "P", "Q") if one.event_id == event.pk)
    states = []
    for side, other in (("P", "Q"), ("Q", "P")):
        agree(owed, side=side, other=other, keys=[key])
        states.append(next(one for one in items(owed, "P", "Q") if one.event_id == event.pk).state)
    assert states == ["open", "acknowledged"]


def test_ticked_ones_and_those_of_a_period_and_no_later_ones(owed):
    (one,) = items(owed, "P", "Q")
    assert agree(owed, other="Q", keys=[(one.event_id, 0)]) == 0
    assert agree(owed, other="Q", until=DAY) == 0
    assert agree(owed, other="Q", last_event_id=one.event_id - 1) == 0
    assert agree(owed, other="Q", keys=[(one.event_id, one.account_id)]) == 1


def test_only_who_may_at_that_side(owed):
    for persona in ("auditor", "local_admin", "partner", "desk"):
        with pytest.raises(PermissionDenied):
            agree(owed, owed.world.actor(persona))
    assert agree(owed, owed.world.actor("finance")) == 1


def test_a_dispute_keeps_an_item_out_until_it_is_withdrawn(owed):
    one = dispute(owed)
    assert items(owed)[0].state == "disputed"
    assert agree(owed) == 0
    assert one.awaits_id == owed.world["S"].pk
    with pytest.raises(Refused, match="disputed already"):
        dispute(owed)
    end(one)
    assert items(owed)[0].state == "acknowledged"  # who disputed it has agreed by taking it back


def test_messages_go_to_and_fro(owed):
    one = dispute(owed)
    write_message(SYSTEM, one, side=owed.world["S"], said=Said("80 % of 300.00.", "rule.pdf", b"%PDF-1.4"))
    one.refresh_from_db()
    assert one.awaits_id == owed.world["P"].pk
    assert list(one.messages.order_by("pk").values_list("side__code", "file_name")) == [
        ("P", ""),
        ("S", "rule.pdf"),
    ]
    with pytest.raises(Refused, match="no side of this dispute"):
        write_message(SYSTEM, one, side=owed.world["T"], said=Said("And we?"))
    with pytest.raises(Refused, match="not a PDF"):
        write_message(SYSTEM, one, side=owed.world["P"], said=Said("See.", "a.txt", b"text"))


def test_a_dispute_is_accepted_by_who_raised_it_only(owed):
    one = dispute(owed, owed.world.actor("finance"))
    with pytest.raises(PermissionDenied):
        end(one, "accepted", owed.world.actor("local_admin"))
    ended = end(one, "accepted", owed.world.actor("finance"))
    assert (ended.outcome, ended.closed_by) == ("accepted", "Fay Finance")
    with pytest.raises(Refused, match="has ended"):
        end(one)
    with pytest.raises(Refused, match="has ended"):
        write_message(SYSTEM, Dispute.objects.get(), side=owed.world["S"], said=Said("Late."))


def test_a_correction_is_an_entry_that_corrects_it(owed):
    one = dispute(owed)
    for wrong in (None, owed.event.pk, owed.at_quay.pk):
        with pytest.raises(Refused, match="corrects nothing here"):
            end(one, "corrected", correction_id=wrong)
    voided = do_void(owed.event)
    ended = end(one, "corrected", correction_id=voided.pk)
    assert ended.correction_id == voided.pk
    assert {each.state for each in items(owed)} == {"acknowledged"}  # the entry and its void


def test_what_was_disputed_as_it_changed_is_stale(owed):
    one = dispute(owed)
    version = one.version
    write_message(SYSTEM, one, side=owed.world["S"], said=Said("Look again."))
    one.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        end_dispute(SYSTEM, one, outcome="withdrawn", text="fine", version=version)
    assert refusal.value.code == "stale"


@pytest.mark.setting("billing.acknowledge_before_settling")
def test_what_a_settlement_takes(owed, assign):
    places = [owed.world[code] for code in "PSQ"]

    def taken() -> list[str]:
        pairs = open_pairs(scope_of(places, "USD", LONG_AFTER))
        return sorted(Money(abs(each.net_minor), "USD").decimal() for each in pairs)

    assert taken() == ["115.50", "240.00"]
    assign("P", ACKNOWLEDGE_FIRST, True, "enforced")
    assert taken() == []
    agree(owed)
    assert taken() == ["240.00"]
    assign("P", ACKNOWLEDGE_FIRST, False, "enforced")
    one = dispute(owed)
    assert taken() == ["115.50"]
    end(one)
    assert taken() == ["115.50", "240.00"]
    assert open_pairs(scope_of(places, "USD", DAY - timedelta(days=1))) == []


@pytest.mark.setting("billing.silence_days")
def test_silence_is_agreement_after_as_many_days_as_the_side_gives_itself(owed, assign):
    assert silent_sides() == []
    assign("P", SILENCE_DAYS, 10, "local")
    assert acknowledge_silent() == 0
    with clock.at(timezone.now() + timedelta(days=11)):
        dispute(owed)
        ((side, days),) = silent_sides()
        assert (side.code, days, count_silent(side, days=days)) == ("P", 10, 1)
        assert acknowledge_silent() == 1
    assert items(owed)[0].state == "disputed"
    assert items(owed, "P", "Q")[0].state == "acknowledged"
    assert Acknowledgement.objects.get().by_silence


@pytest.mark.setting("billing.dispute_answer_days")
def test_who_has_to_answer_is_reminded_the_day_after(owed, assign):
    assign("S", DISPUTE_ANSWER_DAYS, 5, "local")
    one = dispute(owed)
    noon = timezone.now().replace(hour=12)
    assert one.answer_by == noon.date() + timedelta(days=5)
    with clock.at(noon + timedelta(days=5)):
        assert remind_of_disputes() == 0
    with clock.at(noon + timedelta(days=6)):
        assert remind_of_disputes() == 2  # Ada and Fay, whose roles reach to North Clinic
        assert remind_of_disputes() == 0
    assert "North Clinic had to answer" in Mail.objects.latest("pk").body


@pytest.mark.setting("billing.dispute_answer_days")
def test_a_reminder_is_made_up_for_once_and_sent_again_for_another_day(owed, assign):
    assign("S", DISPUTE_ANSWER_DAYS, 5, "local")
    one, noon = dispute(owed), timezone.now().replace(hour=12)
    with clock.at(noon + timedelta(days=30)):  # nobody looked for weeks
        assert remind_of_disputes() == 2
        assert remind_of_disputes() == 0
        write_message(SYSTEM, one, side=owed.world["S"], said=Said("We look into it."))
        write_message(SYSTEM, one, side=owed.world["P"], said=Said("Please do."))
        assert remind_of_disputes() == 0
    with clock.at(noon + timedelta(days=36)):
        assert remind_of_disputes() == 2


def test_pages_begin_after_a_key(owed, monkeypatch):
    sale = owed.sell()
    for place in (0, 1, 1, 2):
        owed.redeem(sale, "PHYSIO", at="S", on=DAY + timedelta(days=place))
    monkeypatch.setattr(queries, "SIZE", 2)
    pages, params = [], QueryDict()
    for _ in range(4):
        page = item_page(accounts(owed, "P", "S"), Narrowing(), params)
        pages.append([one.key for one in page.rows])
        if not page.older:
            break
        params = QueryDict(page.older.removeprefix("?"))
    assert [len(keys) for keys in pages] == [2, 2, 1]
    assert [key for keys in pages for key in keys] == [one.key for one in items(owed)]
    assert page.newest
    assert item_page(accounts(owed, "P", "S"), Narrowing(), QueryDict("after=nonsense")).newest == ""


def test_totals_count_by_state(owed):
    sale = owed.sell()
    for place in range(3):
        owed.redeem(sale, "PHYSIO", at="S", on=DAY + timedelta(days=place))
    agree(owed, until=DAY)
    ids = accounts(owed, "P", "S")
    found = {one.state: (one.count, one.amount.decimal()) for one in totals_of(ids, Narrowing())}
    assert found == {"acknowledged": (2, "306.00"), "open": (None, "132.00")}
    acknowledged = items_of(ids, Narrowing(state="acknowledged"))
    assert [one.state for one in acknowledged] == ["acknowledged"] * 2


def test_closing_is_told_of_disputes_at_either_side(owed):
    places = {code: owed.world[code].pk for code in "PSQ"}
    assert disputed_items([*places.values()], LONG_AFTER) == []
    one = dispute(owed)
    told = {
        finding.organization_id: finding.text for finding in disputed_items([*places.values()], LONG_AFTER)
    }
    assert told == dict.fromkeys((places["P"], places["S"]), "1 item is disputed.")
    assert disputed_items([places["P"]], DAY - timedelta(days=1)) == []
    end(one)
    assert disputed_items([places["P"]], LONG_AFTER) == []
