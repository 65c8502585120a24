"""Files of redemptions from the console: checked first, redeemed in batches, stopped, gone on with, tried again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import AuditEvent
from core.clock import now
from core.errors import Refused
from ledger.actions import redemption_import as actions
from ledger.actions.redemption_import import (
    remove_old_lines,
    send_redemptions,
    start_redemptions,
    stop_redemptions,
)
from ledger.actions.void import void
from ledger.models import LedgerEvent, RedemptionImport, RedemptionImportLine
from ledger.queries.verify import verify_ledger
from ledger.rules.redemption_file import NEEDED
from orgs.actions.membership import NewMembership, end_membership, grant_membership
from orgs.models import Membership
from tests.ledger.market import DAY, SYSTEM, Market
from work.actions.relay import relay_due_events
from work.models import OutboxEvent

HEAD = ",".join(NEEDED)


def line(key, sale, service="PHYSIO", quantity=1, on=DAY, at="P") -> str:
    code = sale if isinstance(sale, str) else sale.entitlement.code
    return f"{key},{code},{service},{quantity},{on},{at}"


def send(market: Market, *lines: str) -> RedemptionImport:
    content = "\n".join([HEAD, *lines]).encode()
    return send_redemptions(
        market.world.actor("administrator"), market.world["P"], file_name="old.csv", content=content
    )


def again(one: RedemptionImport) -> RedemptionImport:
    return RedemptionImport.objects.select_related("organization").get(pk=one.pk)


def checked(market: Market, *lines: str) -> RedemptionImport:
    one = send(market, *lines)
    relay_due_events()
    return again(one)


def start(market: Market, one: RedemptionImport) -> None:
    start_redemptions(market.world.actor("administrator"), one)


def counts(one: RedemptionImport) -> tuple[int, ...]:
    found = again(one)
    return (found.open_count, found.redeemed_count, found.repeated_count, found.refused_count)


def redemptions() -> int:
    return LedgerEvent.objects.filter(kind="redemption").count()


def outcomes(one: RedemptionImport) -> dict[str, str]:
    return dict(RedemptionImportLine.objects.filter(imported=one).values_list("key", "outcome"))


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 2)


def test_it_is_checked_before_anything_is_redeemed(market):
    sale = market.sell()
    one = checked(market, line("a", sale), line("b", "NONE"), line("c", sale, quantity="many"))
    assert (one.status, one.content, counts(one)) == ("checked", None, (1, 0, 0, 2))
    assert outcomes(one) == {"a": "open", "b": "refused", "c": "refused"}
    texts = dict(RedemptionImportLine.objects.values_list("key", "text"))
    assert texts["b"] == "There is no entitlement NONE."
    assert "many" in texts["c"]
    assert redemptions() == 0


def test_the_check_knows_what_earlier_lines_take(market):
    sale = market.sell("COURSE")
    left = sale.entitlement.lines.get().left_units
    one = checked(market, *(line(str(n), sale) for n in range(left + 1)))
    assert counts(one) == (left, 0, 0, 1)


def test_it_redeems_in_batches_and_tells_how_far_it_is(market, small_batches):
    sale = market.sell("COURSE")
    one = checked(market, *(line(str(n), sale) for n in range(3)), line("x", "NONE"))
    start(market, one)
    assert relay_due_events(limit=1) == 1
    assert (again(one).status, again(one).position, counts(one)) == ("waiting", 2, (1, 2, 0, 1))
    relay_due_events()
    one = again(one)
    assert (one.status, counts(one)) == ("redeemed", (0, 3, 0, 1))
    assert one.ended_at is not None
    assert redemptions() == 3
    assert list(verify_ledger()) == []
    assert AuditEvent.objects.filter(verb="entitlement.redeemed_from_file").count() == 2
    assert (
        AuditEvent.objects.filter(verb="entitlement.redeemed_from_file").latest("pk").actor_id
        == market.world.actor("administrator").id
    )


def test_stopped_between_batches_it_goes_on_where_it_was(market, small_batches):
    sale = market.sell("COURSE")
    one = checked(market, *(line(str(n), sale) for n in range(4)))
    start(market, one)
    relay_due_events(limit=1)
    stop_redemptions(market.world.actor("administrator"), again(one))
    relay_due_events()
    assert (again(one).status, redemptions(), counts(one)) == ("cancelled", 2, (2, 2, 0, 0))
    start(market, again(one))
    relay_due_events()
    assert (again(one).status, redemptions(), counts(one)) == ("redeemed", 4, (0, 4, 0, 0))


def test_what_stays_refused_is_passed_by(market, small_batches):
    one = checked(market, line("x", "NONE"), line("y", "NONE"), line("a", market.sell()))
    start(market, one)
    relay_due_events(limit=1)
    stop_redemptions(market.world.actor("administrator"), again(one))
    relay_due_events()
    assert (again(one).position, redemptions()) == (2, 0)
    start(market, again(one))
    relay_due_events(limit=1)
    assert (again(one).status, redemptions()) == ("redeemed", 1)


def test_a_batch_that_breaks_is_undone_and_taken_again(market, small_batches, monkeypatch):
    sale = market.sell("COURSE")
    one = checked(market, *(line(str(n), sale) for n in range(3)))
    start(market, one)
    kept = actions._keep
    monkeypatch.setattr(actions, "_keep", lambda *given: 1 / 0)
    relay_due_events(limit=1)
    assert (redemptions(), again(one).position) == (0, 0)
    monkeypatch.setattr(actions, "_keep", kept)
    OutboxEvent.objects.update(next_try_at=now() - timedelta(seconds=1))
    relay_due_events()
    assert (again(one).status, redemptions()) == ("redeemed", 3)


def test_the_same_file_once_more_is_posted_before(market):
    sale = market.sell("COURSE")
    start(market, checked(market, line("a", sale)))
    relay_due_events()
    one = checked(market, line("a", sale))
    assert counts(one) == (0, 0, 1, 0)
    with pytest.raises(Refused, match="No line of this file is left"):
        start(market, one)


def test_refused_lines_are_tried_again_when_what_was_wrong_is_mended(market):
    sale = market.sell("COURSE")
    used = market.redeem(sale, "PHYSIO", sale.entitlement.lines.get().left_units - 1)
    one = checked(market, line("a", sale, quantity=2), line("b", sale))
    assert outcomes(one) == {"a": "refused", "b": "open"}
    start(market, one)
    relay_due_events()
    assert counts(one) == (0, 1, 0, 1)
    void(SYSTEM, used, reason="Entered twice.", on=DAY, key="v")
    start(market, again(one))
    relay_due_events()
    assert (again(one).status, counts(one)) == ("redeemed", (0, 2, 0, 0))


def test_what_changed_since_the_check_is_found_when_it_is_posted(market):
    sale = market.sell("COURSE")
    left = sale.entitlement.lines.get().left_units
    one = checked(market, line("a", sale))
    market.redeem(sale, "PHYSIO", left)
    start(market, one)
    relay_due_events()
    assert (again(one).status, counts(one)) == ("redeemed", (0, 0, 0, 1))
    assert RedemptionImportLine.objects.get(imported=one).code == "entitlement_exhausted"


def test_who_may_no_longer_redeem_stops_it(market):
    one = checked(market, line("a", market.sell()))
    start(market, one)
    world = market.world
    another = NewMembership("network_administrator", "subtree", date(2020, 1, 1))
    grant_membership(SYSTEM, world["P"], user=world.users["finance"], new=another)
    for held in Membership.objects.filter(user_id=world.actor("administrator").id):
        end_membership(SYSTEM, held, reason="Left.", version=held.version)
    relay_due_events()
    one = again(one)
    assert (one.status, redemptions()) == ("failed", 0)
    assert one.note.endswith("may no longer redeem entitlements.")


def test_only_one_may_go_on_from_a_state(market):
    one = checked(market, line("a", market.sell()))
    start(market, one)
    with pytest.raises(Refused, match="in the state “Redeeming” by now"):
        start(market, one)
    relay_due_events()
    with pytest.raises(Refused, match="in the state “Redeemed” by now"):
        stop_redemptions(market.world.actor("administrator"), again(one))


def test_a_check_that_is_stopped_keeps_nothing(market):
    one = send(market, line("a", market.sell()))
    stop_redemptions(market.world.actor("administrator"), again(one))
    relay_due_events()
    one = again(one)
    assert (one.status, one.line_count, one.content) == ("cancelled", 0, None)
    assert not RedemptionImportLine.objects.filter(imported=one).exists()
    with pytest.raises(Refused, match="No line of this file is left"):
        start(market, one)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The first line names the columns"),
        (HEAD.encode(), "no redemption below"),
        (b"key;entitlement\n", "The first line names the columns"),
        (HEAD.encode() + b"\n\xff,", "no UTF-8: byte"),
        (b"x" * (actions.MOST_BYTES + 1), "at most 16 MiB"),
    ],
)
def test_what_can_not_be_read_is_refused_at_once(market, content, said):
    with pytest.raises(Refused, match=said) as refused:
        send_redemptions(
            market.world.actor("administrator"), market.world["P"], file_name="old.csv", content=content
        )
    assert refused.value.field == "file"
    assert not RedemptionImport.objects.exists()


@pytest.mark.setting("privacy.import_file_days")
def test_a_check_ends_where_it_is_stopped(market, small_batches, monkeypatch):
    sale = market.sell("COURSE")
    one = send(market, *(line(str(n), sale) for n in range(4)))
    told = []

    def stop(told_of: object, pk: int, percent: int) -> None:
        told.append(percent)
        stop_redemptions(market.world.actor("administrator"), again(one))

    monkeypatch.setattr(actions.Told, "remember", stop)
    relay_due_events()
    assert told == [50]
    assert not RedemptionImportLine.objects.exists()


def test_lines_go_when_they_are_old(market):
    one = checked(market, line("a", market.sell()))
    assert remove_old_lines() == 0
    RedemptionImport.objects.update(ended_at=now() - timedelta(days=91))
    assert remove_old_lines() == 1
    one = again(one)
    assert (one.lines_removed_at is not None, one.line_count) == (True, 1)
    assert not RedemptionImportLine.objects.exists()
    with pytest.raises(Refused, match="were deleted"):
        start(market, one)


def test_the_pages_lead_through_it(market, browse):
    client, world = browse("administrator"), market.world
    sale = market.sell("COURSE")
    later, earlier = line("a", sale), line("b", "NONE", on=DAY - timedelta(days=1))
    content = "\n".join([HEAD, later, earlier]).encode()
    sent = world.post(client, reverse("redemption-import"), {"file": SimpleUploadedFile("old.csv", content)})
    one = RedemptionImport.objects.get()
    assert sent.headers["Location"] == reverse("redemption-import-page", args=[one.pk])
    assert "Waiting for the worker" in client.get(sent.headers["Location"]).content.decode()
    relay_due_events()
    page = client.get(sent.headers["Location"]).content.decode()
    assert "1 line would be redeemed; 1 is refused" in page
    assert "There is no entitlement NONE." in page
    assert page.index(sale.entitlement.code) < page.index("There is no entitlement NONE."), "as in the file"
    only = client.get(sent.headers["Location"] + "?outcome=refused").content.decode()
    assert sale.entitlement.code not in only
    world.post(client, reverse("redemption-import-start", args=[one.pk]), {})
    relay_due_events()
    assert "1 redemption posted" in client.get(sent.headers["Location"]).content.decode()
    listed = client.get(reverse("redemption-import-list")).content.decode()
    assert "old.csv" in listed
