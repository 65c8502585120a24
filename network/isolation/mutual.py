"""Records of reconciliation: what North Clinic is owed by the parent, a dispute about it, and its statement of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from ledger.actions.redemption import redeem
from ledger.queries.mutual import claims_between
from network.isolation.cast import SYSTEM, Cast
from settlement.actions.dispute import Said, raise_dispute
from settlement.actions.statement import send_statement
from settlement.actions.statement_run import match_now
from settlement.queries.items import items_of
from settlement.queries.reconciliation import findings_for
from settlement.rules.statement_csv import guessed

if TYPE_CHECKING:
    from ledger.models import EntitlementLine

HEAD = "Date,Amount,Entry,Text\n"


def make_mutual(cast: Cast, line: EntitlementLine, pdf: bytes, on: date) -> dict[str, int]:
    """Two redemptions of a day at North Clinic, one disputed; the parent's statement has another amount, and another day."""
    place, parent = cast["S"], cast["P"]
    free, disputed = (redeem(SYSTEM, place, line=line, on=on, key=f"mutual-{key}") for key in "ab")
    claim = next(one for one in claims_between(place.pk, parent.pk) if one.organization_id == place.pk)
    said = Said("It was agreed otherwise.", "agreed.pdf", pdf)
    dispute = raise_dispute(
        SYSTEM, parent, event_id=disputed.pk, account_id=claim.pk, reason="amount", said=said
    )
    owed = items_of([claim.pk])[0].amount
    later = on + timedelta(days=2)
    told = f"{on},99.00,{free.pk},As agreed\n{later},{(-owed).decimal()},{disputed.pk},Two days later\n"
    sent, unread = (
        send_statement(
            SYSTEM, place, counterparty=parent, file_name="may.csv", content=(HEAD + lines).encode()
        )
        for lines in (told, told * 2)
    )
    mapping = guessed((HEAD + told).encode())
    one = match_now(SYSTEM, sent, mapping=mapping, since=on, until=on + timedelta(days=30))
    differs, agrees = (
        findings_for(SYSTEM).get(reconciliation=one, name=name) for name in ("amount_differs", "exact")
    )
    return {
        "claim": claim.pk,
        "claim_event": free.pk,
        "dispute": dispute.pk,
        "dispute_message": dispute.messages.get().pk,
        "statement": unread.pk,
        "reconciliation": one.pk,
        "finding": differs.pk,
        "agreeing_finding": agrees.pk,
    }
