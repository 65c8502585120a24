"""A month with a partner in the demo: most of it agreed, a dispute that waits, and a statement with some exceptions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.clock import at, now
from core.money import Money
from ledger.queries.mutual import claims_among, claims_between
from settlement.actions.acknowledgement import Meant, acknowledge
from settlement.actions.dispute import Said, raise_dispute, write_message
from settlement.actions.statement import send_statement
from settlement.actions.statement_run import match_now
from settlement.queries.items import Item, Narrowing, items_of
from settlement.rules.statement_csv import guessed

if TYPE_CHECKING:
    from datetime import date

    from core.actors import UserActor
    from orgs.models import Organization


def build_reconciliation(
    finance: UserActor, partners: UserActor, organizations: dict[str, Organization], today: date
) -> None:
    """Deccan Physiotherapy's statement of last month; `partners` is its finance officer, `finance` the parent's."""
    parent, deccan = organizations["SAH"], organizations["DEC"]
    last = today.replace(day=1) - timedelta(days=1)
    month = Narrowing(last.replace(day=1), last)
    accounts = [one.pk for one in claims_among([one.pk for one in organizations.values()])]
    for code in ("SAH", "SHI", "KOT", "SIT"):
        acknowledge(
            finance, organizations[code], meant=Meant(accounts, until=month.since - timedelta(days=1))
        )
    accounts = [one.pk for one in claims_between(parent.pk, deccan.pk)]
    items = items_of(accounts, month)
    sessions = [one for one in items if one.creditor_id == deccan.pk and one.amount.minor > 0]
    if len(sessions) < 8:
        return
    _dispute(finance, partners, parent, deccan, sessions[-1], days=40)
    _dispute(finance, partners, parent, deccan, sessions[-2], days=4)
    content = _statement(items, sessions, deccan.pk)
    statement = send_statement(
        finance, parent, counterparty=deccan, file_name=f"deccan-{last:%Y-%m}.csv", content=content
    )
    match_now(finance, statement, mapping=guessed(content), since=month.since, until=month.until)
    corrected = content.rstrip().rsplit(b"\n", 1)[0]
    send_statement(
        finance,
        parent,
        counterparty=deccan,
        file_name=f"deccan-{last:%Y-%m}-corrected.csv",
        content=corrected,
    )


def _dispute(
    finance: UserActor,
    partners: UserActor,
    parent: Organization,
    deccan: Organization,
    item: Item,
    *,
    days: int,
) -> None:
    """The parent doubts an item; the partner has answered, and waits."""
    with at(now() - timedelta(days=days)):
        said = Said("Our counter has no record of this session. Was it another patient's?")
        dispute = raise_dispute(
            finance,
            parent,
            event_id=item.event_id,
            account_id=item.account_id,
            reason="not_performed",
            said=said,
        )
    if days > 30:
        with at(now() - timedelta(days=days - 3)):
            answer = Said("The therapist's list has it at 17:30. We can send the signed sheet.")
            write_message(partners, dispute, side=deccan, said=answer)


def _statement(items: list[Item], sessions: list[Item], partner_id: int) -> bytes:
    """What the partner sends: a wrong amount, a line twice, two with what the books don't have, and one left out."""

    def row(one: Item, amount: Money, number: int) -> str:
        return f"{one.on:%d/%m/%Y},{amount.decimal()},{number},{one.kind_label}"

    dearer, twice, left_out, renumbered = sessions[:4]
    said = {one.key: one.amount if one.creditor_id == partner_id else -one.amount for one in items}
    said[dearer.key] += Money(6000, dearer.amount.currency)
    kept = [one for one in items if one.key not in (left_out.key, renumbered.key)]
    rows = [row(one, said[one.key], one.event_id) for one in [*kept, twice]]
    rows.append(row(renumbered, renumbered.amount, 990018))
    rows.append(f"{twice.on:%d/%m/%Y},1250.00,990017,Room hire")
    return "\n".join(["Date,Amount,Entry,Particulars", *rows]).encode()
