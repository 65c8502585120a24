"""What leaving the network meets in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum
from django.urls import reverse

from core import locale
from core.access import allowed
from core.actors import Actor
from core.money import Money
from core.registries import LeaveEffect, Leavers, LeaveStep
from ledger.models import Entitlement, EntitlementLine, JournalLine, Package, PackageRedeemer
from ledger.permissions import ENTITLEMENT_VIEW, JOURNAL_VIEW, PACKAGE_VIEW, STATEMENT_VIEW
from ledger.queries.statement import balances_of
from ledger.rules.accounts import CHART, Account
from orgs.queries.leaving import shortened
from orgs.queries.organization import organization_codes, organization_names

DUES = (Account.DUE_FROM, Account.DUE_TO)
PAYABLES = (Account.ACCOUNTS_PAYABLE, Account.REFUND_PAYABLE, Account.NETTING_CLEARING)
SETTLE = (
    "Pay what is owed and have an operator post the payment in both books (manage.py post_journal), or void what was "
    "posted by mistake."
)


def effects_of_leaving(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """Prepaid rights, dues, entries after the last day, packages, and the final statement; constant queries."""
    yield from _entitlements(actor, leavers)
    yield from _packages(actor, leavers)
    yield from _redeemed_there(leavers)
    yield from _dues(actor, leavers)
    yield from _payables(actor, leavers)
    yield from _after(actor, leavers)
    yield _statement(actor, leavers)


def _entitlements(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    left = EntitlementLine.objects.filter(entitlement=OuterRef("pk"), left_units__gt=0)
    live = Entitlement.objects.filter(Exists(left), holder__in=leavers.ids, status=Entitlement.Status.ACTIVE)
    counts = dict(live.order_by().values_list("holder").annotate(Count("pk")))
    if counts:
        url = reverse("entitlement-list") + "?status=active" if allowed(actor, ENTITLEMENT_VIEW) else ""
        yield LeaveEffect(
            LeaveStep.WORK,
            f"{locale.counted(sum(counts.values()), 'live entitlement')} that it owes",
            tuple(
                (f"{name}: {locale.number(counts[pk])}", url)
                for pk, name in leavers.names.items()
                if pk in counts
            ),
            "Redeem or refund what is left of them.",
            blocks=True,
        )


def _packages(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    held = list(
        Package.objects.filter(holder__in=leavers.ids, status=Package.Status.ON_SALE).order_by("name", "pk")
    )
    if held:
        may = allowed(actor, PACKAGE_VIEW)
        yield LeaveEffect(
            LeaveStep.WORK,
            f"{locale.counted(len(held), 'package')} on sale for which it would owe the care can’t be sold any more",
            shortened((one.name, reverse("package", args=[one.pk]) if may else "") for one in held),
            "Withdraw them, or give them another holder, where others sell them.",
        )


def _redeemed_there(leavers: Leavers) -> Iterator[LeaveEffect]:
    """Live entitlements of others whose packages name them as a place to redeem."""
    named = PackageRedeemer.objects.filter(package=OuterRef("package"), organization__in=leavers.ids)
    left = EntitlementLine.objects.filter(entitlement=OuterRef("pk"), left_units__gt=0)
    usable = Entitlement.objects.filter(
        Exists(named), Exists(left), status=Entitlement.Status.ACTIVE
    ).exclude(holder__in=leavers.ids)
    count = usable.count()
    if count:
        yield LeaveEffect(
            LeaveStep.WORK,
            f"{locale.counted(count, 'live entitlement')} of other organizations can’t be redeemed there any more",
            text="They stay good wherever else their packages are redeemed.",
        )


def _dues(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """What they owe and are owed outside; what they owe one another goes along."""
    rows = (
        JournalLine.objects.filter(organization__in=leavers.ids, account__code__in=DUES)
        .exclude(counterparty__in=leavers.ids)
        .order_by()
        .values_list("organization", "counterparty", "account__code", "currency")
        .annotate(total=Sum("amount_minor"))
        .exclude(total=0)
    )
    found = sorted(rows)
    if not found:
        return
    names = organization_names(row[1] for row in found)
    codes = organization_codes(row[1] for row in found)
    may = allowed(actor, JOURNAL_VIEW, leavers.top)
    items = []
    for ours, other, code, currency, total in found:
        amount = Money(abs(total), currency)
        owes, owed = (ours, other) if total < 0 else (other, ours)
        both = {**leavers.names, **names}
        query = {"organization": leavers.codes[ours], "account": code, "counterparty": codes[other]}
        url = f"{reverse('journal-lines')}?{urlencode(query | {'scope': 'alone'})}" if may else ""
        items.append((f"{both[owes]} owes {both[owed]} {amount.format()} {currency}", url))
    if allowed(actor, STATEMENT_VIEW):
        items.append(("Who owes whom in the whole network", reverse("due-matrix")))
    yield LeaveEffect(
        LeaveStep.MONEY,
        f"{locale.counted(len(found), 'amount')} due to or from other organizations",
        tuple(items),
        SETTLE,
        blocks=True,
    )


def _payables(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """What they owe vendors outside and patients, and what others owe vendors among them."""
    among = Q(organization__in=leavers.ids) & (Q(counterparty=None) | ~Q(counterparty__in=leavers.ids))
    owed_to = ~Q(organization__in=leavers.ids) & Q(counterparty__in=leavers.ids)
    rows = (
        JournalLine.objects.filter(among | owed_to, account__code__in=PAYABLES)
        .order_by()
        .values_list("organization", "account__code", "currency", "counterparty")
        .annotate(total=Sum("amount_minor"))
        .exclude(total=0)
    )
    found = sorted(rows, key=str)
    if not found:
        return
    codes = organization_codes(row[0] for row in found)
    names = organization_names(pk for row in found for pk in (row[0], row[3]) if pk)
    may = allowed(actor, JOURNAL_VIEW, leavers.top)
    items = []
    for ours, code, currency, other, total in found:
        query = {"organization": codes[ours], "account": code, "scope": "alone"}
        label = Account(code).value.replace("_", " ")
        whom = f" ({names[other]})" if other else ""
        amount = Money(-total, currency)
        url = f"{reverse('journal-lines')}?{urlencode(query)}" if may else ""
        items.append((f"{names[ours]}: {label}{whom} {amount.format()} {currency}", url))
    yield LeaveEffect(
        LeaveStep.MONEY,
        f"{locale.counted(len(found), 'open balance')} with vendors, patients or in clearing",
        shortened(items),
        SETTLE,
        blocks=True,
    )


def _after(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    rows = JournalLine.objects.filter(organization__in=leavers.ids, effective_on__gt=leavers.last_day)
    latest = dict(rows.order_by().values_list("organization").annotate(Max("effective_on")))
    if latest:
        may = allowed(actor, JOURNAL_VIEW, leavers.top)
        items = [
            (
                f"{name}: up to {locale.long_day(latest[pk])}",
                f"{reverse('journal-lines')}?{urlencode({'organization': leavers.codes[pk]})}" if may else "",
            )
            for pk, name in leavers.names.items()
            if pk in latest
        ]
        yield LeaveEffect(
            LeaveStep.MONEY,
            "Entries stand in its books after the last day",
            shortened(items),
            "Choose a last day that is no earlier than the last entry.",
            blocks=True,
        )


def _statement(actor: Actor, leavers: Leavers) -> LeaveEffect:
    """What stands on the accounts of all of them together at the end of the last day, kept with the departure."""
    items: list[tuple[str, str]] = []
    if allowed(actor, STATEMENT_VIEW, leavers.top):
        url = reverse("organization-money", args=[leavers.top.pk])
        items = [(f"The books of {leavers.top.name}", url), *_balances(leavers)]
    return LeaveEffect(
        LeaveStep.STATEMENT,
        f"The statement of {locale.long_day(leavers.last_day)} is final",
        tuple(items),
        "It stands in the file of its own records, account by account. Debit is positive, credit negative.",
    )


def _balances(leavers: Leavers) -> Iterator[tuple[str, str]]:
    """By account, in the order of the chart; what they owe one another is left out."""
    totals: dict[tuple[str, str], int] = {}
    for one in balances_of(leavers.ids, leavers.last_day):
        if one.counterparty_id not in leavers.names:
            key = one.account, one.balance.currency
            totals[key] = totals.get(key, 0) + one.balance.minor
    for account, row in CHART.items():
        for (code, currency), minor in sorted(totals.items()):
            if code == account and minor:
                yield f"{row.label} {Money(minor, currency).format()} {currency}", ""
