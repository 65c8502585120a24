"""What the worker does after events of this app, in the event's network."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from core import locale
from core.clock import now
from orgs.actions.mail import queue_signed_mail
from orgs.queries.branding import paper_head
from orgs.queries.hostname import console_address
from orgs.queries.membership import people_of
from settlement.models import Remittance
from settlement.permissions import SETTLEMENT_VIEW
from settlement.tables.remittance_file import file_name, remittance_pdf
from work.actions.file import store_file

SENT_AT_ONCE = 100


def send_remittances(ids: dict[str, int]) -> None:
    """`settlement.settled`: keep every organization's statement as a PDF, and mail its finance people, once each.

    A statement that is kept was sent, so that the same event again sends nothing twice.
    """
    last = 0
    while unsent := _unsent(ids["run"], last):
        with transaction.atomic():
            last = unsent[-1]
            rows = Remittance.objects.select_for_update(of=("self",)).select_related("organization", "run")
            _send(list(rows.filter(pk__in=unsent, file_id=None)))


def _unsent(run_id: int, after: int) -> list[int]:
    rows = Remittance.objects.filter(run=run_id, file_id=None, pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:SENT_AT_ONCE])


def _send(remittances: list[Remittance]) -> None:
    people = people_of(SETTLEMENT_VIEW, [one.organization_id for one in remittances])
    for one in remittances:
        content = remittance_pdf(one, paper_head(one.organization))
        one.file_id = store_file(one.organization_id, f"{file_name(one)}.pdf", content).pk
        for person in people.get(one.organization_id, ()):
            _mail(one, person.name, person.email)
            one.sent_at = now()
    Remittance.objects.bulk_update(remittances, ["file_id", "sent_at"])


def _mail(one: Remittance, name: str, address: str) -> None:
    run, net = one.run, one.net
    amount = f"{abs(net).format()} {run.currency}"
    said = f"You receive {amount}." if net.minor > 0 else f"You pay {amount}." if net else "You are even."
    queue_signed_mail(
        one.organization,
        address,
        f"{one.organization.name}: remittance statement of settlement {run.number}",
        f"Hello {name},\n\nSettlement {run.number} nets what is effective until {locale.long_day(run.cutoff_on)}. "
        f"{said}\n\nEvery claim, what was carried forward and what was taken back, to read and as a file:\n"
        f"{console_address()}{reverse('remittance', args=[one.pk])}\n",
    )
