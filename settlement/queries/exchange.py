"""What a settlement closes in a currency that an organization doesn't keep: how much, and since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from django.db import connection

from ledger.rules.exchange import Position, taken_first

if TYPE_CHECKING:
    from settlement.models import SettlementPayment, SettlementRun


def netted_positions(run: SettlementRun, organization_ids: Collection[int]) -> list[Position]:
    """The run's lines in some books by the day on which they came about; a void's is that of what it voids."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.organization_id, l.currency, coalesce(voided.effective_on, e.effective_on),
                   sum(l.amount_minor)::bigint
              FROM settlement_settlementitem i
              JOIN ledger_journalline l ON l.event_id = i.event_id AND l.line_no = i.line_no
              JOIN ledger_ledgerevent e ON e.id = l.event_id
              LEFT JOIN ledger_ledgerevent voided ON voided.id = e.voids_id
             WHERE i.network_id = app.network_id() AND i.run_id = %s AND l.organization_id = ANY (%s)
             GROUP BY 1, 2, 3
            """,
            [run.pk, list(organization_ids)],
        )
        return [Position(*row) for row in cursor.fetchall()]


def cleared_positions(
    run: SettlementRun, arrived: Mapping[int, int], payments: Collection[SettlementPayment]
) -> list[Position]:
    """What payments that arrive after the netting take off netting_clearing, on both sides: what waited longest first.

    It waits since the netting, or since the payment bounced.
    """
    if run.event is None:
        return []
    confirmations = defaultdict(list)
    for one in run.payments.filter(pk__in=arrived).values_list(
        "pk", "confirmations__event_id", "confirmations__amount_minor", "confirmations__bounced_on"
    ):
        confirmations[one[0]].append(one[1:])
    found = []
    for payment in payments:
        if payment.pk not in arrived:
            continue
        known = [row for row in confirmations[payment.pk] if row[0] is not None]
        at_once = sum(minor for event_id, minor, _ in known if event_id == run.event_id)
        lots = [(run.event.effective_on, payment.amount_minor - at_once)]
        lots += sorted((bounced_on, minor) for _, minor, bounced_on in known if bounced_on)
        gone = sum(minor for event_id, minor, _ in known if event_id != run.event_id)
        for since, minor in taken_first(lots, gone, arrived[payment.pk]):
            found.append(Position(payment.payer_id, run.currency, since, -minor))
            found.append(Position(payment.receiver_id, run.currency, since, minor))
    return found
