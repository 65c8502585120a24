"""What the worker makes of a statement: whole or not at all, by whoever started it, cancelled and gone on with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse

from core.errors import Refused
from core.progress import Told
from core.tenancy import bound
from orgs.actions.membership import end_membership
from orgs.models import Membership
from settlement.actions import statement as actions
from settlement.actions import statement_run
from settlement.actions.reconciliation import answer_finding, match_again
from settlement.actions.statement import (
    STATEMENT_TOLD,
    cancel_statement,
    resume_statement,
    send_statement,
    start_statement,
)
from settlement.actions.statement_run import match_now, run_matching, run_reading
from settlement.models import Finding, Reconciliation, StatementImport, StatementLine
from settlement.rules.camt053 import check_camt
from settlement.rules.statement_csv import guessed
from settlement.rules.statement_file import Unreadable
from tests.cast import Cast
from tests.ledger.market import SYSTEM, Market, open_market
from tests.settlement.partner import Partner, file_of
from tests.settlement.rules.test_statement_files import camt, entry
from work.actions.relay import relay_due_events


@pytest.fixture
def partner(market: Market) -> Partner:
    return Partner.of_a_month(market)


@pytest.fixture
def own_market(own_world: Cast) -> Market:
    with bound(own_world.network.pk):
        return open_market(own_world)


def sent(partner: Partner, content: bytes | None = None) -> StatementImport:
    world = partner.market.world
    content = content or file_of(partner.said())
    return send_statement(
        world.actor("finance"), world["P"], counterparty=world["Q"], file_name="quay.csv", content=content
    )


def started(partner: Partner, content: bytes | None = None) -> StatementImport:
    one = sent(partner, content)
    start_statement(partner.market.world.actor("finance"), one, mapping=guessed(bytes(one.content)))
    return again(one)


def again(one: StatementImport) -> StatementImport:
    return StatementImport.objects.select_related("organization", "counterparty").get(pk=one.pk)


def test_it_is_read_and_then_matched_each_by_itself(partner):
    one = started(partner)
    assert (one.status, one.read_at, StatementLine.objects.count()) == ("waiting", None, 0)
    run_matching(one.pk)
    assert not Reconciliation.objects.exists()
    run_reading(one.pk)
    one = again(one)
    assert (one.status, one.line_count, StatementLine.objects.count()) == ("waiting", 14, 14)
    assert STATEMENT_TOLD.percent_of(one.pk) == statement_run.READ
    run_reading(one.pk)  # the same message once more
    assert StatementLine.objects.count() == 14
    run_matching(one.pk)
    assert (again(one).status, Reconciliation.objects.get().begun_by) == ("matched", "Fay Finance")
    assert STATEMENT_TOLD.percent_of(one.pk) == 100
    run_matching(one.pk)
    assert Finding.objects.count() == 14


def test_the_relay_does_all_of_it(partner):
    one = started(partner)
    relay_due_events()
    assert again(one).status == "matched"
    assert Finding.objects.count() == 14


@pytest.mark.parametrize("large", [False, True])
def test_bad_lines_are_named_and_nothing_is_kept(partner, monkeypatch, large):
    """A small file's sender is told at once; of a large one the worker tells."""
    rows = partner.said()
    content = file_of([rows[0], rows[1].but(amount="12,x"), rows[2]])
    if large:
        monkeypatch.setattr(actions, "SMALL_BYTES", 10)
        one = started(partner, content)
        run_reading(one.pk)
        one = again(one)
        assert (one.status, one.note) == (
            "failed",
            "1 line can’t be read. Correct the columns, or the file, and try again.",
        )
        assert [number for number, _ in one.problems] == [3]
    else:
        with pytest.raises(actions.BadLines) as refusal:
            started(partner, content)
        assert [number for number, _ in refusal.value.problems] == [3]
    assert not StatementLine.objects.exists()
    assert not Reconciliation.objects.exists()


def test_a_large_camt_is_told_apart_at_once_and_read_by_the_worker(partner, monkeypatch):
    monkeypatch.setattr(actions, "SMALL_BYTES", 10)
    world = partner.market.world
    content = camt(entry("55.00")).replace(b"EUR", b"USD").replace(b"155.00", b"156.00")
    one = send_statement(
        world.actor("finance"), world["P"], counterparty=None, file_name="may.xml", content=content
    )
    start_statement(world.actor("finance"), one)
    run_reading(one.pk)
    assert again(one).status == "failed"
    assert "The balances don’t fit" in again(one).note


@pytest.mark.parametrize("content", [b"<a/>", b"<a", b"", b'<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>'])
def test_what_is_no_camt_is_refused_by_its_first_element(content):
    with pytest.raises(Unreadable):
        check_camt(content)


@pytest.mark.parametrize(("step", "percent", "lines"), [(run_reading, 40, 0), (run_matching, 100, 14)])
def test_cancelled_while_it_is_under_way_the_step_leaves_nothing_and_is_done_when_resumed(
    own_market, monkeypatch, step, percent, lines
):
    network, fay = own_market.world.network.pk, own_market.world.actor("finance")
    with bound(network):
        one = started(Partner.of_a_month(own_market))
        if step is run_matching:
            run_reading(one.pk)
    cancel_when(monkeypatch, network, percent, lambda: cancel_statement(fay, again(one)))
    with bound(network):
        step(one.pk)
    monkeypatch.undo()
    with bound(network):
        assert (again(one).status, StatementLine.objects.count()) == ("cancelled", lines)
        assert not Reconciliation.objects.exists()
        resume_statement(fay, again(one))
    relay_due_events()
    with bound(network):
        assert (again(one).status, Finding.objects.count()) == ("matched", 14)


def cancel_when(monkeypatch, network: int, percent: int, cancel) -> None:
    """Somebody cancels, from a connection of their own, as soon as so much is told."""

    def remember(told, pk: int, done: int) -> None:
        if done >= percent:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(alone, network, cancel).result(60)

    monkeypatch.setattr(Told, "remember", remember)


def alone(network: int, work) -> None:
    try:
        with bound(network):
            work()
    finally:
        connections.close_all()


def test_whoever_lost_the_right_since_has_nothing_matched(partner):
    one = started(partner)
    held = Membership.objects.get(user=partner.market.world.users["finance"])
    end_membership(SYSTEM, held, reason="Left.", version=held.version)
    run_reading(one.pk)
    assert (again(one).status, again(one).note) == (
        "failed",
        "Fay Finance may no longer match statements here.",
    )


def test_matched_again_nobody_answers_meanwhile_and_answers_stay(partner):
    fay = partner.market.world.actor("finance")
    one = match_now(
        fay, sent(partner, file_of(partner.planted())), mapping=guessed(file_of(partner.planted()))
    )
    waiting = Finding.objects.select_related("reconciliation__organization").filter(answer="")
    kept, other = waiting.get(ours_minor=0, theirs_minor=-31240), waiting.get(name="reference_differs")
    answer_finding(fay, kept, answer="accepted", note="Agreed by phone.")
    match_again(fay, one)
    with pytest.raises(Refused, match="is being matched"):
        answer_finding(fay, other, answer="accepted", note="Agreed by phone.")
    with pytest.raises(Refused, match="is being matched"):
        match_again(fay, one)
    cancel_statement(fay, again(one.statement))
    assert Finding.objects.filter(answer="").count() == 11
    match_again(fay, one)
    relay_due_events()
    assert Finding.objects.filter(pk=kept.pk, answer="accepted").exists()
    assert not Finding.objects.filter(pk=other.pk).exists()
    assert not StatementLine.objects.filter(finding=None).exists()
    assert again(one.statement).status == "matched"


def test_pages_say_how_far_it_is_and_what_is_next(partner, browse):
    client, world = browse("finance"), partner.market.world
    one = started(partner)
    here = reverse("statement-sent", args=[one.pk])
    STATEMENT_TOLD.remember(one.pk, 40)
    assert "<b>40 %</b>" in client.get(reverse("statement-progress", args=[one.pk])).content.decode()
    assert "quay.csv" in client.get(reverse("reconciliation-list")).content.decode()
    assert world.post(client, reverse("statement-cancel", args=[one.pk])).headers["Location"] == here
    assert "None of its lines was kept" in client.get(here).content.decode()
    assert world.post(client, reverse("statement-resume", args=[one.pk])).headers["Location"] == here
    relay_due_events()
    done = client.get(reverse("statement-progress", args=[one.pk]))
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, here)
    assert client.get(here).headers["Location"] == reverse(
        "reconciliation", args=[Reconciliation.objects.get().pk]
    )
    assert "quay.csv" in client.get(reverse("reconciliation-list")).content.decode()
    assert "Not matched yet" not in client.get(reverse("reconciliation-list")).content.decode()


def test_the_page_of_columns_answers_while_the_worker_has_not_begun(partner, browse):
    client, world = browse("finance"), partner.market.world
    file = SimpleUploadedFile("quay.csv", file_of(partner.said()), "text/csv")
    data = {"organization": world["P"].pk, "counterparty": world["Q"].pk, "file": file}
    columns = world.post(client, reverse("statement-send"), data).headers["Location"]
    form = client.get(columns).context["form"]
    data = {name: form.initial.get(name, "") for name in form.fields} | {"since": "", "until": ""}
    world.post(client, columns, data)
    assert not StatementLine.objects.exists()
    relay_due_events()
    assert str(Reconciliation.objects.get().until) == "2026-05-31"


def test_only_who_may_start_cancel_or_resume(partner):
    one = started(partner)
    auditor = partner.market.world.actor("auditor")
    for act in (start_statement, cancel_statement, resume_statement):
        with pytest.raises(PermissionDenied):
            act(auditor, one)
    cancel_statement(SYSTEM, one)
    with pytest.raises(Refused, match="“Cancelled” by now"):
        cancel_statement(SYSTEM, again(one))
