"""What the worker does after events of this app, in the event's network."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from core import locale
from core.clock import now
from core.paper import PDF_TYPE
from orgs.actions.mail import queue_signed_mail
from orgs.queries.branding import paper_head
from orgs.queries.hostname import console_address
from orgs.queries.membership import people_of
from settlement.actions.statement_run import run_matching, run_reading
from settlement.models import Remittance
from settlement.permissions import SETTLEMENT_VIEW
from settlement.tables.remittance_file import csv_of, file_name, remittance_pdf
from work.actions.file import store_file
from work.actions.mail import Attachment

SENT_AT_ONCE = 100
#: A hundred bytes a claim: five of the ten MiB that a mail may carry.
MOST_ATTACHED = 50_000


def statement_started(ids: dict[str, int]) -> None:
    """`statement.started`: read it, unless that was done or cancelled."""
    run_reading(ids["statement_id"])


def statement_read(ids: dict[str, int]) -> None:
    """`statement.read`: match it, unless that was done or cancelled."""
    run_matching(ids["statement_id"])


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
        readers = people.get(one.organization_id, ())
        files = _files(one, content) if readers else []
        for person in readers:
            _mail(one, person.name, person.email, files)
            one.sent_at = now()
    Remittance.objects.bulk_update(remittances, ["file_id", "sent_at"])


def _files(one: Remittance, pdf: bytes) -> list[Attachment]:
    """The statement and its claims as they go with the mail; without claims that make it too large to travel."""
    files = [Attachment(f"{file_name(one)}.pdf", PDF_TYPE, pdf)]
    if one.item_count <= MOST_ATTACHED:
        files.append(Attachment(f"{file_name(one)}.csv", "text/csv; charset=utf-8", csv_of(one)))
    return files


def _mail(one: Remittance, name: str, address: str, files: list[Attachment]) -> None:
    run, net = one.run, one.net
    amount = f"{abs(net).format()} {run.currency}"
    said = f"You receive {amount}." if net.minor > 0 else f"You pay {amount}." if net else "You are even."
    queue_signed_mail(
        one.organization,
        address,
        f"{one.organization.name}: remittance statement of settlement {run.number}",
        f"Hello {name},\n\nSettlement {run.number} nets what is effective until {locale.long_day(run.cutoff_on)}. "
        f"{said}\n\nEvery claim, what was carried forward and what was taken back, is attached, and to be read here:\n"
        f"{console_address()}{reverse('remittance', args=[one.pk])}\n",
        files,
    )
