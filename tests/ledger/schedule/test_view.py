"""Reports that follow a saved view, and those that go to addresses outside of the network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from core import clock
from core.actors import UserActor
from core.errors import Refused
from core.settings import Mode
from ledger.actions.schedule import Wanted, change_schedule, run_now, schedule_report
from ledger.handlers import send_report
from ledger.models import ReportRun, ReportSchedule
from ledger.queries.report_view import shown_by
from ledger.rules.settings import REPORT_DOMAINS
from orgs.actions.membership import NewMembership, end_membership, grant_membership
from orgs.actions.setting import NewValue, assign_setting
from orgs.models import Membership
from people.actions.saved_view import ViewDetails, change_view, delete_view, save_view
from people.models import SavedView
from tests.ledger.market import SYSTEM
from work.models import Mail, MailAttachment

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOOKS = "kind=trial-balance&scope=consolidated&period=last_month"
AUDITOR = "reviewer@audit.example"


def save(world, query=BOOKS, *, name="Books", persona="finance", list_name="report", **more) -> SavedView:
    details = ViewDetails(name, **more)
    return save_view(world.actor(persona), None, list_name=list_name, query=query, details=details)


def show(world, view: SavedView, query: str) -> None:
    """Let the view show something else."""
    view.refresh_from_db()
    details = ViewDetails(view.name, view.is_default, view.is_shared)
    change_view(UserActor.of(view.user_id, "Owner"), view, details=details, version=view.version, query=query)


def wanted(world, view: SavedView, *addresses: str, **more) -> Wanted:
    people = [world.users[one].email if one in world.users else one for one in addresses or ("finance",)]
    return Wanted("Follows", "", "", "", ["csv"], "week", 1, people, view_id=view.pk, **more)


def schedule(world, view: SavedView, *addresses: str, by="finance", at="P") -> ReportSchedule:
    with clock.at(MONDAY):
        return schedule_report(world.actor(by), world[at], wanted=wanted(world, view, *addresses))


def sent(world, one: ReportSchedule) -> ReportRun:
    """What comes of sending it now."""
    with clock.at(MONDAY):
        run = run_now(SYSTEM, one)
        send_report({"run": run.pk})
    return ReportRun.objects.get(pk=run.pk)


def allow(world, *domains: str) -> None:
    new = NewValue(domains, Mode.DEFAULT, "Our auditors.")
    with clock.at(MONDAY - timedelta(days=1)):
        assign_setting(SYSTEM, world["P"], setting=REPORT_DOMAINS, new=new)


def attached() -> list[str]:
    return list(MailAttachment.objects.order_by("pk").values_list("name", flat=True))


class TestFollowing:
    def test_what_the_view_shows_on_the_day_goes_out(self, market):
        world = market.world
        view = save(world)
        one = schedule(world, view)
        assert sent(world, one).sent_to == [world.users["finance"].email]
        assert attached() == ["trial-balance-P-2026-02-28.csv"]
        show(world, view, "kind=prepaid-proof&scope=subtree&organization=S&until=2026-02-10")
        sent(world, one)
        assert attached()[1:] == ["prepaid-proof-S-2026-02-10.csv"]

    def test_a_recipient_who_may_not_read_what_it_shows_now_is_left_out_and_the_owner_told(self, market):
        world = market.world
        grant_membership(
            SYSTEM,
            world["S"],
            user=world.users["desk"],
            new=NewMembership(role="finance_auditor", scope="this", starts_on=date(2020, 1, 1)),
        )
        view = save(world, "kind=trial-balance&scope=alone&organization=S")
        one = schedule(world, view, "finance", "desk")
        desk = world.users["desk"].email
        assert desk in sent(world, one).sent_to
        show(world, view, "kind=trial-balance&scope=alone&organization=P")
        run = sent(world, one)
        assert (run.sent_to, run.left_out) == ([world.users["finance"].email], [desk])
        assert desk in Mail.objects.get(subject__contains="not sent to everybody").body

    def test_nobody_gets_books_that_the_owner_may_not_send_any_more(self, market):
        world = market.world
        books = "kind=trial-balance&scope=alone&organization=S"
        view = save(world, books, persona="administrator", is_shared=True)
        one = schedule(world, view, "finance", by="local_admin", at="S")
        assert sent(world, one).sent_to
        show(world, view, "kind=trial-balance&scope=alone&organization=P")
        run = sent(world, one)
        assert (run.sent_to, run.left_out) == ([], [world.users["finance"].email])

    def test_a_view_that_shows_nothing_on_the_day_sends_nothing(self, market):
        world = market.world
        view = save(world)
        one = schedule(world, view)
        for query in ("organization=GONE", "since=soon", "until=0001-01-01"):
            show(world, view, query)
            assert sent(world, one).sent_to == []

    def test_only_views_of_reports_that_one_sees_are_followed(self, market):
        world = market.world
        others = [
            save(world, persona="auditor", name="Mine"),
            save(world, list_name="organization-list", name="List"),
        ]
        for view in others:
            with pytest.raises(Refused) as refused:
                schedule(world, view)
            assert refused.value.field == "view"
        shared = save(world, persona="administrator", name="For all", is_shared=True)
        one = schedule(world, shared)
        kept = replace(wanted(world, shared), name="Renamed")
        SavedView.objects.filter(pk=shared.pk).update(is_shared=False)
        change_schedule(world.actor("finance"), one, wanted=kept, version=one.version)  # the one it follows

    def test_books_that_one_may_not_send_are_not_scheduled_by_a_view(self, market):
        world = market.world
        books = "kind=trial-balance&scope=alone&organization=P"
        view = save(world, books, persona="administrator", is_shared=True)
        with pytest.raises(Refused) as refused:
            schedule(world, view, "finance", by="local_admin", at="S")
        assert refused.value.field == "view"


class TestDeleting:
    def test_a_view_that_something_follows_stays(self, market, browse):
        world = market.world
        view = save(world)
        one = schedule(world, view)
        path = f"?_path={reverse('report')}"
        answer = browse("finance").post(
            reverse("view-delete", args=[view.pk]) + path, {"_network": world.network.pk}
        )
        assert "“Follows” of Harbor Health is sent by it" in answer.content.decode()
        assert SavedView.objects.filter(pk=view.pk).exists()
        own = replace(
            wanted(world, view), view_id=None, kind="trial-balance", scope="alone", period="last_month"
        )
        change_schedule(world.actor("finance"), one, wanted=own, version=one.version)
        delete_view(world.actor("finance"), view)
        assert not SavedView.objects.filter(pk=view.pk).exists()

    def test_the_database_holds_it(self, market):
        view = save(market.world)
        schedule(market.world, view)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DELETE FROM people_savedview WHERE id = %s", [view.pk])


class TestOutside:
    @pytest.mark.setting("billing.report_domains")
    def test_only_to_domains_that_the_network_allows_as_long_as_it_does(self, market):
        world, view = market.world, save(market.world)
        with pytest.raises(Refused, match="Outside of the network reports go to nobody") as refused:
            schedule(world, view, AUDITOR)
        assert refused.value.field == "recipients"
        allow(world, "audit.example")
        one = schedule(world, view, "finance", AUDITOR)
        assert sent(world, one).sent_to == [world.users["finance"].email, AUDITOR]
        body = Mail.objects.get(to=AUDITOR).body
        assert "/console/" not in body
        for other in ("reviewer@sub.audit.example", "audit.example@elsewhere.example"):
            with pytest.raises(Refused):
                change_schedule(
                    world.actor("finance"), one, wanted=wanted(world, view, other), version=one.version
                )
        allow(world, "bank.example")
        run = sent(world, one)
        assert (run.sent_to, run.left_out) == ([world.users["finance"].email], [AUDITOR])

    def test_nothing_that_may_name_patients_goes_outside(self, market):
        world = market.world
        allow(world, "audit.example")
        care = save(world, "kind=utilization&scope=subtree", name="Care")
        with pytest.raises(Refused, match="may name patients"):
            schedule(world, care, AUDITOR)
        view = save(world)
        one = schedule(world, view, AUDITOR)
        show(world, view, "kind=utilization&scope=subtree")
        run = sent(world, one)
        assert (run.sent_to, run.left_out) == ([], [AUDITOR])

    def test_a_person_of_the_network_needs_rights_wherever_their_address_is(self, market):
        world = market.world
        allow(world, "harbor.example")
        with pytest.raises(Refused, match="may not read this report"):
            schedule(world, save(world), "desk")

    def test_whoever_is_only_of_another_network_is_as_unknown_as_anybody(self, market):
        world, view = market.world, save(market.world)
        stranger = world.foreign_user.email
        said = []
        for address in (stranger, "nobody@" + stranger.partition("@")[2]):
            with pytest.raises(Refused) as refused:
                schedule(world, view, address)
            said.append(refused.value.message.replace(address, "They"))
        assert said[0] == said[1]
        allow(world, stranger.partition("@")[2])
        assert sent(world, schedule(world, view, stranger)).sent_to == [stranger]

    def test_who_has_joined_since_needs_rights_of_their_own(self, market):
        world, view = market.world, save(market.world)
        stranger = world.foreign_user
        allow(world, stranger.email.partition("@")[2])
        one = schedule(world, view, stranger.email)
        new = NewMembership(role="front_desk", scope="this", starts_on=date(2020, 1, 1))
        grant_membership(SYSTEM, world["S"], user=stranger, new=new)
        assert sent(world, one).left_out == [stranger.email]

    def test_it_goes_outside_as_long_as_its_owner_may_send_it(self, market):
        world = market.world
        allow(world, "audit.example")
        plain = Wanted("Plain", "trial-balance", "alone", "last_month", ["csv"], "week", 1, [AUDITOR])
        with clock.at(MONDAY):
            one = schedule_report(world.actor("finance"), world["P"], wanted=plain)
        assert sent(world, one).sent_to == [AUDITOR]
        for membership in Membership.objects.filter(user=world.users["finance"]):
            end_membership(SYSTEM, membership, reason="Left", version=membership.version)
        assert sent(world, one).left_out == [AUDITOR]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_reportschedule SET kind = 'tax'",
        "UPDATE ledger_reportschedule SET period = 'last_month'",
        "UPDATE ledger_reportschedule SET view_id = NULL",
        "UPDATE ledger_reportschedule SET view_id = NULL, kind = 'tax', period = 'last_month'",
        "UPDATE ledger_reportschedule SET view_id = 999999",
    ],
)
def test_a_schedule_says_what_it_sends_once(market, statement):
    schedule(market.world, save(market.world))
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


@pytest.mark.parametrize(
    "query",
    [
        "",
        BOOKS,
        "kind=prepaid-proof",
        "kind=due-by-age&scope=consolidated&compare=previous",
        "kind=balance-sheet&scope=alone&until=2026-01-15",
        "kind=profit-and-loss&since=2026-03-20&period=last_month",
        "kind=nonsense&period=ever&compare=organizations",
    ],
)
def test_a_view_shows_by_mail_what_it_shows_on_the_page(market, browse, query):
    """As far as the page takes it: what it refuses with a word beside the field falls back to what is usual."""
    market.redeem(market.sell(), "CONSULT", at="S")
    with clock.at(MONDAY):
        page = browse("finance").get(f"{reverse('report')}?{query}&view=")
        kind, ask = shown_by(query, market.world.actor("finance"), market.world["P"], MONDAY.date())
        found = kind.build(ask)
    if page.status_code == 422:
        assert "nonsense" in query
    else:
        assert (page.context["title"], page.context["description"]) == (found.title, found.description)
        assert [one["table"] for one in page.context["tables"]] == list(found.tables)


def test_the_form_offers_views_and_keeps_what_was_typed(market, browse):
    world, client = market.world, browse("finance")
    view = save(world)
    report = client.get(f"{reverse('report')}?{BOOKS}").content.decode()
    assert f"view={view.pk}" in report
    typed = {
        "_network": world.network.pk,
        "organization": world["P"].pk,
        "name": "By mail",
        "view": view.pk,
        "formats": ["csv"],
        "every": "week",
        "weekday": 1,
        "recipients": "nobody@nowhere.example",
    }
    refused = client.post(reverse("report-schedule-add"), typed)
    assert refused.status_code == 422
    assert "nobody@nowhere.example may not read this report" in refused.content.decode()
    answer = client.post(reverse("report-schedule-add"), typed | {"recipients": world.users["finance"].email})
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert "What the view “Books” shows" in page
    one = ReportSchedule.objects.get()
    assert (one.view, one.kind, one.period) == (view, "", "")
    edit = client.get(reverse("report-schedule-edit", args=[one.pk])).content.decode()
    assert f'<option value="{view.pk}" selected' in edit
    for wrong in ("999999", "x"):
        assert client.post(reverse("report-schedule-add"), typed | {"view": wrong}).status_code == 422


def test_what_a_view_shows_is_changed_from_its_list(market, browse):
    world, client = market.world, browse("finance")
    view = save(world)
    address = f"{reverse('view-edit', args=[view.pk])}?_path={reverse('report')}&kind=tax&scope=subtree"
    data = {"_network": world.network.pk, "_version": view.version, "name": "Books"}
    assert client.post(address, data).status_code == 302
    view.refresh_from_db()
    assert view.query == BOOKS
    client.post(address, data | {"_version": view.version, "shows_this": "on"})
    view.refresh_from_db()
    assert view.query == "kind=tax&scope=subtree"
