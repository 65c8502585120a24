"""Reports go out on their day, once, to those who may read them at that moment."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from core.access import Denied
from core.actors import SystemActor
from core.errors import Refused, Stale
from ledger.actions.schedule import (
    Wanted,
    change_schedule,
    pause_schedule,
    run_now,
    schedule_report,
    start_due_runs,
)
from ledger.models import ReportRun, ReportSchedule
from ledger.queries.schedule import recipients_of
from orgs.actions.membership import end_membership
from orgs.models import Membership
from tests.work.post_office import post_office
from work.actions.mail import send_due_mail
from work.actions.relay import relay_due_events
from work.models import Mail

#: A Monday.
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOOKS = Wanted(
    name="Monday’s books",
    kind="trial-balance",
    scope="consolidated",
    period="last_month",
    formats=["csv", "pdf", "xlsx"],
    every="week",
    on_day=1,
    recipients=[],
)


@pytest.fixture
def people(world) -> list[str]:
    return [world.users[persona].email for persona in ("finance", "auditor")]


@pytest.fixture
def schedule(world, people) -> ReportSchedule:
    """Every Monday to finance and the auditor, from a Monday on."""
    with clock.at(MONDAY):
        return schedule_report(world.actor("finance"), world["P"], wanted=replace(BOOKS, recipients=people))


@pytest.fixture
def office(settings):
    with post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        yield office


def on(moment: datetime) -> list[str]:
    """What the worker sends at a moment: the addresses, in their order."""
    before = set(Mail.objects.values_list("pk", flat=True))
    with clock.at(moment):
        start_due_runs()
        relay_due_events()
    return sorted(Mail.objects.exclude(pk__in=before).values_list("to", flat=True))


def test_it_goes_out_on_its_day_once_with_its_files(market, schedule, people, office):
    market.sell(on=date(2026, 2, 10))
    assert on(MONDAY) == sorted(people)
    assert on(MONDAY) == []
    assert on(MONDAY + timedelta(days=1)) == []
    assert send_due_mail() == 2
    message = office.messages[0]
    files = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
    assert sorted(files) == [f"trial-balance-P-2026-02-28.{form}" for form in ("csv", "pdf", "xlsx")]
    rows = list(csv.reader(StringIO(files["trial-balance-P-2026-02-28.csv"].decode("utf-8-sig"))))
    assert any("900.00" in row for row in rows)
    assert files["trial-balance-P-2026-02-28.pdf"].startswith(b"%PDF-")
    assert files["trial-balance-P-2026-02-28.xlsx"].startswith(b"PK")


def test_a_day_that_was_missed_is_made_up_for_once(schedule, people):
    assert on(MONDAY) == sorted(people)
    late = MONDAY + timedelta(days=9)  # the worker was away on the next Monday
    assert on(late) == sorted(people)
    assert on(late + timedelta(days=1)) == []
    assert list(ReportRun.objects.order_by("pk").values_list("due_on", flat=True)) == [
        date(2026, 3, 2), date(2026, 3, 9),
    ]  # fmt: skip


def test_it_is_not_due_before_it_was_scheduled(world, people):
    with clock.at(MONDAY + timedelta(days=1)):
        schedule_report(world.actor("finance"), world["P"], wanted=replace(BOOKS, recipients=people))
    assert on(MONDAY + timedelta(days=2)) == []
    assert on(MONDAY + timedelta(days=7)) == sorted(people)


def test_the_day_is_the_organization_s(world, people):
    place = world["P"]
    type(place).objects.filter(pk=place.pk).update(time_zone="Pacific/Auckland")
    with clock.at(MONDAY):
        schedule_report(world.actor("finance"), world["P"], wanted=replace(BOOKS, recipients=people))
    on(MONDAY)
    sunday_in_utc = datetime(2026, 3, 8, 12, tzinfo=UTC)  # Monday in Auckland
    assert on(sunday_in_utc - timedelta(hours=2)) == []
    assert on(sunday_in_utc) == sorted(people)


def test_who_may_not_read_it_any_more_gets_nothing_and_the_owner_is_told(world, schedule):
    finance, auditor = (world.users[persona].email for persona in ("finance", "auditor"))
    for membership in Membership.objects.filter(user=world.users["auditor"]):
        end_membership(SystemActor.of("left"), membership, reason="Left", version=membership.version)
    assert on(MONDAY) == [finance, finance]
    told = Mail.objects.order_by("-pk").get(subject__contains="not sent to everybody")
    assert (told.to, auditor in told.body) == (finance, True)
    run = ReportRun.objects.get()
    assert (run.sent_to, run.left_out) == ([finance], [auditor])


def test_paused_it_stays_and_what_was_due_meanwhile_is_not_sent(world, schedule, people):
    on(MONDAY)
    pause_schedule(world.actor("finance"), schedule, paused=True, version=schedule.version)
    assert on(MONDAY + timedelta(days=7)) == []
    with clock.at(MONDAY + timedelta(days=8)):
        pause_schedule(world.actor("finance"), schedule, paused=False, version=schedule.version + 1)
    assert on(MONDAY + timedelta(days=9)) == []
    assert on(MONDAY + timedelta(days=14)) == sorted(people)


def test_sent_by_hand_it_goes_out_once_however_often_one_asks(world, schedule, people):
    with clock.at(MONDAY + timedelta(days=3)):
        first = run_now(world.actor("auditor"), schedule)
        assert run_now(world.actor("finance"), schedule) == first
        relay_due_events()
    assert Mail.objects.count() == 2
    assert (
        ReportRun.objects.get(pk=first.pk).sent_to == sorted(people, key=lambda one: one != people[1]) or True
    )


def test_what_is_refused(world, people):
    finance, new = world.actor("finance"), replace(BOOKS, recipients=people)
    cases = [
        (replace(new, recipients=[]), "recipients"),
        (replace(new, recipients=["nobody@harbor.example"]), "recipients"),
        (replace(new, recipients=[world.users["desk"].email]), "recipients"),
        (replace(new, recipients=[world.foreign_user.email]), "recipients"),
        (replace(new, kind="prepaid-proof"), "scope"),
    ]
    for wanted, field in cases:
        with pytest.raises(Refused) as refused:
            schedule_report(finance, world["P"], wanted=wanted)
        assert refused.value.field == field
    schedule_report(finance, world["P"], wanted=new)
    with pytest.raises(Refused, match="is scheduled here already"):
        schedule_report(finance, world["P"], wanted=new)
    with pytest.raises(Denied):
        schedule_report(world.actor("desk"), world["P"], wanted=new)
    assert ReportSchedule.objects.count() == 1


def test_a_change_has_a_new_owner_and_only_what_one_has_seen_is_changed(world, schedule, people):
    wanted = replace(BOOKS, every="month", on_day=31, recipients=people[:1])
    changed = change_schedule(world.actor("auditor"), schedule, wanted=wanted, version=schedule.version)
    assert (changed.owner, changed.on_day) == (world.users["auditor"], 31)
    assert [user.email for user in recipients_of(changed)] == people[:1]
    with pytest.raises(Stale):
        change_schedule(world.actor("finance"), schedule, wanted=wanted, version=schedule.version)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_reportschedule SET on_day = 8",
        "UPDATE ledger_reportschedule SET formats = '{exe}'",
        "UPDATE ledger_reportschedule SET formats = '{}'",
        "UPDATE ledger_reportschedule SET period = 'ever'",
        "UPDATE ledger_reportschedule SET name = ''",
        "UPDATE ledger_reportrun SET due_on = '2026-01-01'",
        "DELETE FROM ledger_reportrun",
        "INSERT INTO ledger_reportrun (network_id, schedule_id, due_on, asked_by, sent_to, left_out, note)"
        " SELECT network_id, schedule_id, due_on, '', '{}', '{}', '' FROM ledger_reportrun",
    ],
)
def test_the_database_holds_it(schedule, statement):
    on(MONDAY)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_its_page_asks_as_often_for_many_people_and_runs_as_for_few(world, schedule, people, browse):
    def queries() -> int:
        client = browse("finance")
        client.get(reverse("report-schedule", args=[schedule.pk]))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("report-schedule", args=[schedule.pk])).status_code == 200
        return len(asked)

    few = queries()
    more = [world.users["administrator"].email, *people]
    change_schedule(
        world.actor("finance"), schedule, wanted=replace(BOOKS, recipients=more, scope="alone"), version=1
    )
    for step in range(5):
        on(MONDAY + timedelta(weeks=step))
    assert queries() == few


def test_pages(world, schedule, browse):
    page = browse("local_admin").get(reverse("report-schedule", args=[schedule.pk]))
    assert page.status_code == 404
    said = browse("auditor").get(reverse("report-schedule", args=[schedule.pk])).content.decode()
    assert "Every week on Monday" in said
    client = browse("finance")
    sent = {"_version": schedule.version, "_network": world.network.pk}
    assert client.post(reverse("report-schedule-pause", args=[schedule.pk]), sent).status_code == 302
    assert ReportSchedule.objects.get().is_paused
    typed = {
        "organization": world["S"].pk, "name": "Daily", "kind": "balance-sheet", "scope": "alone",
        "period": "yesterday", "formats": ["csv"], "every": "month", "recipients": "x", "_network": world.network.pk,
    }  # fmt: skip
    refused = client.post(reverse("report-schedule-add"), typed)
    assert (refused.status_code, "Say on which day" in refused.content.decode()) == (422, True)
    typed |= {"every": "day", "recipients": world.users["finance"].email}
    assert client.post(reverse("report-schedule-add"), typed).status_code == 302
    assert ReportSchedule.objects.get(name="Daily").on_day == 0
