"""What the worker does after events of this app, in the event's network."""

from __future__ import annotations

from django.urls import reverse

from core import locale
from core.actors import SystemActor, UserActor
from core.models import Network
from core.settings import setting_of
from orgs.actions.import_file import run_import
from orgs.actions.mail import queue_signed_mail
from orgs.actions.own_records import erase_records, run_records
from orgs.actions.waiver import decides_at
from orgs.models import Organization, OrganizationImport, OwnRecords, SettingWaiver
from orgs.permissions import SETTING_VIEW, WAIVER_DECIDE
from orgs.queries.access import is_allowed
from orgs.queries.hostname import console_address
from orgs.queries.membership import people_who_may
from people.queries.user import active_user

_WORKER = SystemActor.of("own records are kept for some days")


def import_started(ids: dict[str, int]) -> None:
    """`organization_import.started`: import it, unless it was cancelled or done."""
    waiting = OrganizationImport.objects.filter(pk=ids["import_id"], status=OrganizationImport.Status.WAITING)
    imported = waiting.select_related("organization").first()
    if imported is not None:
        run_import(imported)


def tell_who_decides(ids: dict[str, int]) -> None:
    """`waiver.requested`: mail to those who decide where the value is enforced, while it waits; not to the asker.

    Reasons and notes stay in the console: whoever wrote them didn't write for a mailbox.
    """
    waiver = SettingWaiver.objects.select_related("organization").get(pk=ids["waiver_id"])
    enforcer = decides_at(waiver)
    if waiver.status != SettingWaiver.Status.REQUESTED or enforcer is None:
        return
    place = Organization.objects.get(pk=enforcer)
    link = console_address() + reverse("waiver-decide", args=[waiver.pk])
    for person in people_who_may(WAIVER_DECIDE, place):
        if person.pk != waiver.requested_by_id:
            queue_signed_mail(
                place,
                person.email,
                f"{_network_name(waiver)}: a waiver for {waiver.organization.name} waits for you",
                f"Hello {person.name},\n\n{waiver.requested_by} asks for an exception at "
                f"{waiver.organization.name}: {_in_words(waiver)}.\n\nGrant or refuse it here:\n{link}\n",
            )


def tell_who_asked(ids: dict[str, int]) -> None:
    """`waiver.decided`: mail to whoever asked, unless they decided themselves or see nothing there any more."""
    waiver = SettingWaiver.objects.select_related("organization").get(pk=ids["waiver_id"])
    asker = active_user(waiver.requested_by_id)
    if asker is None or asker.pk == waiver.decided_by_id:
        return
    if not is_allowed(UserActor.of(asker.pk, asker.name), SETTING_VIEW, waiver.organization_id):
        return
    word = waiver.get_status_display().lower()
    queue_signed_mail(
        waiver.organization,
        asker.email,
        f"{_network_name(waiver)}: your waiver for {waiver.organization.name} was {word}",
        f"Hello {asker.name},\n\n{waiver.decided_by} has {word} the exception that you asked for at "
        f"{waiver.organization.name}: {_in_words(waiver)}.\n\n"
        f"See it here:\n{console_address()}{reverse('waiver-list')}\n",
    )


def _network_name(waiver: SettingWaiver) -> str:
    return Network.objects.get(pk=waiver.network_id).name


def _in_words(waiver: SettingWaiver) -> str:
    setting = setting_of(waiver.key)
    value = setting.show(setting.type.read(waiver.value))
    first, last = locale.long_day(waiver.starts_on), locale.long_day(waiver.ends_on)
    return f"“{setting.label}” is to be “{value}” from {first} until {last}"


def records_asked(ids: dict[str, int]) -> None:
    """`own_records.asked`: make the file, unless it is made."""
    waiting = OwnRecords.objects.filter(pk=ids["records_id"], status=OwnRecords.Status.WAITING)
    records = waiting.select_related("organization").first()
    if records is not None:
        run_records(records)


def records_over(ids: dict[str, int]) -> None:
    """`own_records.over`: erase what is in the file."""
    erase_records(_WORKER, OwnRecords.objects.defer("content").get(pk=ids["records_id"]))
