"""What leaving the network meets in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.urls import reverse

from core import locale
from core.access import allowed
from core.actors import Actor
from core.money import Money
from core.registries import LeaveEffect, Leavers, LeaveStep
from ledger.models import (
    Entitlement,
    EntitlementLine,
    JournalLine,
    Package,
    PackageRedeemer,
    ReportSchedule,
)
from ledger.permissions import ENTITLEMENT_VIEW, JOURNAL_VIEW, PACKAGE_VIEW, STATEMENT_VIEW
from ledger.queries.owed import open_accounts
from ledger.queries.statement import balances_of
from ledger.rules.accounts import CHART, Account
from orgs.queries.leaving import shortened
from orgs.queries.organization import organization_codes, organization_names

DUES = (Account.DUE_FROM, Account.DUE_TO)
PAYABLES = (Account.ACCOUNTS_PAYABLE, Account.REFUND_PAYABLE, Account.NETTING_CLEARING)
SETTLE = (
    "Pay what is owed by a settlement, or have an operator post a payment in both books (manage.py post_journal), or "
    "void what was posted by mistake."
)


def effects_of_leaving(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """Prepaid rights, dues, entries after the last day, packages, and the final statement; constant queries."""
    yield from _entitlements(actor, leavers)
    yield from _packages(actor, leavers)
    yield from _redeemed_there(leavers)
    yield from _dues(actor, leavers)
    yield from _payables(actor, leavers)
    yield from _after(actor, leavers)
    yield from _schedules(actor, leavers)
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
    found = [
        one for one in open_accounts(leavers.ids, codes=DUES) if one.counterparty_id not in leavers.names
    ]
    if not found:
        return
    others = [one.counterparty_id for one in found if one.counterparty_id is not None]
    names, codes = organization_names(others), organization_codes(others)
    may = allowed(actor, JOURNAL_VIEW, leavers.top)
    items = []
    for one in found:
        assert one.counterparty_id is not None  # who is owed stands with what is due
        ours, other = leavers.names[one.organization_id], names[one.counterparty_id]
        owes, owed = (ours, other) if one.balance.minor < 0 else (other, ours)
        query = {"organization": leavers.codes[one.organization_id], "account": one.account}
        query |= {"counterparty": codes[one.counterparty_id], "scope": "alone"}
        url = f"{reverse('journal-lines')}?{urlencode(query)}" if may else ""
        items.append((f"{owes} owes {owed} {_amount(abs(one.balance))}", url))
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
    found = [
        one
        for one in open_accounts(leavers.ids, among=leavers.ids, codes=PAYABLES)
        if not (one.organization_id in leavers.names and one.counterparty_id in leavers.names)
    ]
    if not found:
        return
    codes = organization_codes(one.organization_id for one in found)
    names = organization_names(pk for one in found for pk in (one.organization_id, one.counterparty_id) if pk)
    may = allowed(actor, JOURNAL_VIEW, leavers.top)
    items = []
    for one in found:
        query = {"organization": codes[one.organization_id], "account": one.account, "scope": "alone"}
        label = one.account.replace("_", " ")
        whom = f" ({names[one.counterparty_id]})" if one.counterparty_id else ""
        url = f"{reverse('journal-lines')}?{urlencode(query)}" if may else ""
        items.append((f"{names[one.organization_id]}: {label}{whom} {_amount(-one.balance)}", url))
    yield LeaveEffect(
        LeaveStep.MONEY,
        f"{locale.counted(len(found), 'open balance')} with vendors, patients or in clearing",
        shortened(items),
        SETTLE,
        blocks=True,
    )


def _amount(money: Money) -> str:
    return f"{money.format()} {money.currency}"


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


def schedules_to_pause(leavers: Leavers) -> QuerySet[ReportSchedule]:
    """Reports of their books that still go out."""
    rows = ReportSchedule.objects.filter(organization__in=leavers.ids, is_paused=False)
    return rows.select_related("organization").order_by("name", "pk")


def _schedules(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    found = list(schedules_to_pause(leavers))
    if found:
        may = allowed(actor, STATEMENT_VIEW, leavers.top)
        yield LeaveEffect(
            LeaveStep.ACCESS,
            f"{locale.counted(len(found), 'scheduled report')} of its books go{'es' if len(found) == 1 else ''} out no more",
            shortened(
                (
                    f"{one.name} of {one.organization.name}",
                    reverse("report-schedule", args=[one.pk]) if may else "",
                )
                for one in found
            ),
            "Reports of other organizations reach its people no more, as soon as their roles end.",
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
