"""What a figure is made of where journal lines don't tell: movements of prepaid care, taxes, open parts of what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from core.actors import Actor
from core.money import Money
from core.tenancy import bound_network_id
from core.views.cursor import SIZE, Place
from ledger.models import LedgerEvent
from ledger.permissions import JOURNAL_VIEW
from ledger.queries.ageing import AGES, days_of
from ledger.queries.figures import Ask, rows_of
from ledger.queries.report_prepaid import BREAKAGE_MOVED, MOVED, STEPS
from ledger.queries.report_shares import EARNED
from ledger.queries.report_tax import TAXED
from ledger.rules.report import Period, Scope
from orgs.queries.access import organizations_for
from orgs.queries.organization import organization_names

if TYPE_CHECKING:
    from orgs.models import Organization

BEGINNING = date(1900, 1, 1)

#: Every figure that one may ask for, and how it is called.
FIGURES = {
    "entitlements": "Open entitlements",
    **STEPS,
    "used": "Prepaid care given",
    "used_for_others": "Prepaid care given for other holders",
    "earned": "Earned from another organization",
    "base": "Base of the tax",
    "due": "Tax due",
    "back": "Tax given back",
    "tax": "Tax of the period",
    **{f"age{number}": words for number, (_, words) in enumerate(AGES)},
}

_MOVED = f"SELECT effective_on, event_id, no, holder_id, at_id, what, currency, minor FROM ({MOVED}) moved WHERE holder_id = ANY(%(books)s)"
_USED = f"SELECT effective_on, event_id, no, at_id, holder_id, what, currency, -minor FROM ({MOVED}) moved WHERE at_id = ANY(%(books)s)"
_TAXED = f"""
    SELECT effective_on, event_id, line_no, organization_id, at_id, what, currency, {{minor}} FROM ({TAXED}) taxed
     WHERE organization_id = ANY(%(books)s)
       AND (%(code)s = '' OR code = %(code)s AND percent = %(percent)s::numeric)
"""
_EARNED = f"""
    SELECT effective_on, event_id, line_no, organization_id, counterparty_id, coalesce(rule || ', version ' || number, 'No rule'),
           currency, minor
      FROM ({EARNED}) earned
     WHERE account = %(account)s AND counterparty_id = %(counterparty)s
       AND coalesce(rule || ', version ' || number, 'No rule') = %(code)s
"""
#: The lines that put an account's balance there, newest first, each with the part of it that is open still.
_OPEN = """
    SELECT effective_on, event_id, line_no, organization_id, counterparty_id, code, currency,
           CASE WHEN balance > 0 THEN greatest(least(amount_minor, balance - newer + amount_minor), 0)
                ELSE least(greatest(amount_minor, balance - newer + amount_minor), 0) END
      FROM (SELECT line.effective_on, line.event_id, line.line_no, line.organization_id, line.counterparty_id,
                   account.code, line.currency, line.amount_minor, due.balance,
                   sum(line.amount_minor) OVER (
                       PARTITION BY account.id ORDER BY line.effective_on DESC, line.event_id DESC, line.line_no) AS newer
              FROM ledger_account account
             CROSS JOIN LATERAL (
                   SELECT sum(amount_minor) AS balance FROM ledger_journalline
                    WHERE network_id = account.network_id AND account_id = account.id
                      AND effective_on <= %(as_of)s) due
              JOIN ledger_journalline line ON line.network_id = account.network_id AND line.account_id = account.id
               AND line.effective_on <= %(as_of)s AND sign(line.amount_minor) = sign(due.balance)
             WHERE account.network_id = %(network)s AND account.organization_id = ANY(%(books)s)
               AND account.code = %(account)s AND account.counterparty_id = %(counterparty)s) line
     WHERE effective_on BETWEEN %(since)s AND %(until)s
"""


def _sources() -> dict[str, str]:
    """The rows of each figure: day, event, number, organization, the other one, what, currency, minor units."""
    found = {step: f"{_MOVED} AND step = '{step}'" for step in STEPS}
    found["entitlements"] = _MOVED
    found["breakage"] = f"SELECT * FROM ({BREAKAGE_MOVED}) moved WHERE holder_id = ANY(%(books)s)"
    found["used"] = f"{_USED} AND step IN ('redemption', 'redemption_here')"
    found["used_for_others"] = f"{_USED} AND step = 'redemption'"
    found["earned"] = _EARNED
    found["base"] = _TAXED.format(minor="base_minor")
    found["tax"] = _TAXED.format(minor="tax_minor")
    found["due"] = f"{found['tax']} AND NOT is_back"
    found["back"] = f"{found['tax']} AND is_back"
    return found | {f"age{number}": _OPEN for number in range(len(AGES))}


_SOURCES = _sources()


@dataclass(frozen=True)
class Asked:
    """Which figure of whose books; what it needs besides is empty where it doesn't."""

    figure: str
    organization: Organization
    scope: Scope
    currency: str
    until: date
    since: date = BEGINNING
    account: str = ""
    counterparty: Organization | None = None
    code: str = ""
    percent: str = "0"

    def parameters(self, actor: Actor) -> dict[str, Any]:
        since, until = self.since, self.until
        if self.figure.startswith("age"):
            since, until = days_of(int(self.figure.removeprefix("age")), self.until)
        inside = Ask(actor, self.organization, self.scope, Period(since, self.until)).books
        seen = organizations_for(actor, JOURNAL_VIEW).filter(pk__in=inside).values_list("pk", flat=True)
        return {
            "network": bound_network_id(),
            "books": list(seen),
            "currency": self.currency,
            "since": since,
            "until": until,
            "as_of": self.until,
            "account": self.account,
            "counterparty": self.counterparty.pk if self.counterparty else None,
            "code": self.code,
            "percent": self.percent,
        }


@dataclass(frozen=True)
class FigureLine:
    """One part of a figure."""

    on: date
    event_id: int
    no: int
    organization: str
    other: str
    what: str
    amount: Money
    kind: str


def figure_lines(
    actor: Actor, asked: Asked, start: Place | None = None, size: int | None = SIZE
) -> list[FigureLine]:
    """The parts of a figure in books whose journal the actor may read, newest first; without `size` all of them."""
    rows = rows_of(
        f"""
        SELECT * FROM ({_SOURCES[asked.figure]}) part (day, event_id, no, own_id, other_id, what, currency, minor)
         WHERE currency = %(currency)s AND minor <> 0
           AND (%(day)s::date IS NULL OR day < %(day)s OR day = %(day)s AND (
                event_id < %(event)s OR event_id = %(event)s AND no > %(no)s))
         ORDER BY day DESC, event_id DESC, no LIMIT %(size)s
        """,
        asked.parameters(actor)
        | {"day": start and start[0], "event": start and start[1], "no": start and start[2], "size": size},
    )
    names = organization_names({pk for row in rows for pk in row[3:5] if pk})
    events = LedgerEvent.objects.filter(pk__in={row[1] for row in rows})
    kinds = {event.pk: event.get_kind_display() for event in events.only("kind")}
    return [
        FigureLine(
            on, event, no, names[own], names.get(other, ""), what, Money(int(minor), currency), kinds[event]
        )
        for on, event, no, own, other, what, currency, minor in rows
    ]


def figure_sum(actor: Actor, asked: Asked) -> Money:
    """What all its parts add up to."""
    sql = f"""
        SELECT coalesce(sum(minor), 0)::bigint
          FROM ({_SOURCES[asked.figure]}) part (day, event_id, no, own_id, other_id, what, currency, minor)
         WHERE currency = %(currency)s
    """
    return Money(rows_of(sql, asked.parameters(actor))[0][0], asked.currency)
