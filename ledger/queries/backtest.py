"""Reads of back-tests: the events that one looks at, what it found, and one event beside what the draft would give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Min, Q, QuerySet, Sum

from core.access import allowed
from core.actors import Actor
from core.money import Money
from ledger.models import BackTest, BackTestEvent, JournalLine, LedgerEvent, RuleVersion
from ledger.permissions import JOURNAL_VIEW, RULE_VIEW
from ledger.queries.rule import ANSWERING, sentence_of
from ledger.queries.whatif import KINDS, WhatIf, concerned, give, read_deals
from ledger.rules.accounts import Account, Section, account_type
from ledger.rules.lines import Line
from ledger.rules.terms import Event, Per
from ledger.rules.tiers import months_of
from orgs.queries.access import organizations_for
from orgs.queries.organization import organization_names

if TYPE_CHECKING:
    from orgs.models import Organization

CONTENT = ("event", "when", "outcome", "priority")
PROFIT_AND_LOSS = (Section.INCOME, Section.EXPENSES)


@dataclass
class PlaceDifference:
    """One organization's books: what was posted, what the draft would have given, by account."""

    organization: Organization
    currency: str
    accounts: list[tuple[str, Money, Money, Money]] = field(default_factory=list)
    posted_minor: int = 0
    drafted_minor: int = 0

    @property
    def posted(self) -> Money:
        """What it earned, as posted: income less cost."""
        return Money(self.posted_minor, self.currency)

    @property
    def drafted(self) -> Money:
        return Money(self.drafted_minor, self.currency)

    @property
    def difference(self) -> Money:
        return Money(self.drafted_minor - self.posted_minor, self.currency)


@dataclass(frozen=True)
class ShownLine:
    """A line as a page shows it."""

    organization: str
    account: str
    counterparty: str
    amount: Money


@dataclass(frozen=True)
class Compared:
    """One event with both entries and both reasons."""

    posted: list[ShownLine]
    drafted: list[ShownLine]
    posted_why: tuple[str, ...]
    posted_sentence: str
    drafted_why: tuple[str, ...]
    drafted_sentence: str
    refusal: str


def content_of(version: RuleVersion) -> dict[str, Any]:
    """What decides a draft's answers; its first day doesn't: a back-test runs it over the past."""
    return {name: getattr(version, name) for name in CONTENT}


def draft_of(test: BackTest) -> RuleVersion:
    """The draft as it was when the test was asked for, in force on every day; never saved."""
    version = test.rule_version
    return RuleVersion(pk=version.pk, rule=version.rule, number=version.number, **test.content)


def backtests_for(actor: Actor) -> QuerySet[BackTest]:
    """Every back-test, for whoever may see rules anywhere in the network."""
    if not allowed(actor, RULE_VIEW):
        return BackTest.objects.none()
    return BackTest.objects.select_related("rule_version__rule").order_by("-pk")


def is_stale(test: BackTest) -> bool:
    """Whether the draft says something else by now."""
    return bool(test.content != content_of(test.rule_version))


def events_of(test: BackTest, draft: RuleVersion) -> QuerySet[LedgerEvent]:
    """The events that a test looks at, with their voids: those of the period, and those whose volume it begins with."""
    since = min((months_of(test.first_on, per)[0] for per in _periods(draft)), default=test.first_on)
    period = Q(effective_on__gte=since, effective_on__lte=test.last_on)
    kind = KINDS[Event(draft.event)]
    first = LedgerEvent.objects.filter(period, kind=kind).aggregate(first=Min("pk"))["first"]
    if first is None:
        return LedgerEvent.objects.none()
    of_voided = Q(voids__kind=kind, voids__effective_on__gte=since, voids__effective_on__lte=test.last_on)
    return LedgerEvent.objects.filter(Q(period, kind=kind) | Q(of_voided, kind="void"), pk__gte=first)


def _periods(draft: RuleVersion) -> set[Per]:
    """The periods of the volumes of every rule that could answer."""
    others = RuleVersion.objects.filter(event=draft.event, status__in=ANSWERING)
    outcomes = [draft.outcome, *others.values_list("outcome", flat=True)]
    return {Per(outcome["volume"]["per"]) for outcome in outcomes if "volume" in outcome}


def posted_sums(event_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """What events posted, by organization, account and currency."""
    sums: defaultdict[int, dict[str, int]] = defaultdict(dict)
    rows = (
        JournalLine.objects.filter(event__in=list(event_ids))
        .order_by()
        .values_list("event_id", "organization_id", "account__code", "currency")
        .annotate(total=Sum("amount_minor"))
    )
    for event_id, organization_id, code, currency, total in rows:
        sums[event_id][f"{organization_id}:{code}:{currency}"] = total
    return sums


def sums_of(lines: Iterable[Line]) -> dict[str, int]:
    """What lines come to, by organization, account and currency."""
    sums: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        sums[f"{line.organization_id}:{line.account}:{line.currency}"] += line.amount_minor
    return dict(sums)


def changes_of(posted: Mapping[str, int], drafted: Mapping[str, int]) -> defaultdict[int, int]:
    """What each organization would have earned more: income less cost."""
    changes: defaultdict[int, int] = defaultdict(int)
    for sums, sign in ((posted, 1), (drafted, -1)):
        for key, minor in sums.items():
            organization_id, code, _ = key.split(":")
            if account_type(code).section in PROFIT_AND_LOSS:
                changes[int(organization_id)] += sign * minor
    return changes


def differences(actor: Actor, test: BackTest) -> list[PlaceDifference]:
    """What would have changed at each organization whose books the actor may read, in tree order."""
    by_place: defaultdict[tuple[int, str], list[tuple[str, int, int]]] = defaultdict(list)
    for key, (posted, drafted) in test.sums.items():
        organization_id, code, currency = key.split(":")
        by_place[int(organization_id), currency].append((code, posted, drafted))
    seen = organizations_for(actor, JOURNAL_VIEW).filter(pk__in={pk for pk, _ in by_place}).order_by("lft")
    found = []
    for organization in seen:
        for (pk, currency), rows in sorted(by_place.items()):
            if pk == organization.pk and any(posted != drafted for _, posted, drafted in rows):
                found.append(_place(organization, currency, rows))
    return found


def _place(organization: Organization, currency: str, rows: list[tuple[str, int, int]]) -> PlaceDifference:
    place = PlaceDifference(organization, currency)
    for code, posted, drafted in sorted(rows):
        kind = account_type(code)
        if posted != drafted:
            change = Money(drafted - posted, currency)
            place.accounts.append((kind.label, Money(posted, currency), Money(drafted, currency), change))
        if kind.section in PROFIT_AND_LOSS:
            place.posted_minor -= posted
            place.drafted_minor -= drafted
    return place


def differing_events(test: BackTest, organization_id: int) -> QuerySet[BackTestEvent]:
    """The events whose entry would differ in an organization's books."""
    rows = test.events.filter(places__contains=[organization_id])
    return rows.select_related("event__organization", "event__rule_version__rule")


def refused_events(test: BackTest) -> QuerySet[BackTestEvent]:
    """The events that would have been refused."""
    return test.events.exclude(refusal="").select_related("event__organization", "event__rule_version__rule")


def compare(actor: Actor, test: BackTest, row: BackTestEvent) -> Compared:
    """Both entries of one event with both reasons: the lines in books that the actor may read."""
    event = row.event
    priced = read_deals([event])[event.pk]
    what_if = WhatIf(draft_of(test), event.effective_on, lambda _: row.volume_before)
    what_if.know(concerned(priced))
    given = give(what_if, event, priced)
    posted = [
        Line(
            line.organization_id,
            Account(line.account.code),
            line.currency,
            line.amount_minor,
            line.counterparty_id,
        )
        for line in event.lines.select_related("account").order_by("line_no")
    ]
    names = organization_names(
        {
            one
            for line in (*posted, *given.lines)
            for one in (line.organization_id, line.counterparty_id)
            if one
        }
    )
    seen = set(organizations_for(actor, JOURNAL_VIEW).filter(pk__in=names).values_list("pk", flat=True))
    version = event.rule_version
    distribution = given.answer.distribution if given.answer else None
    return Compared(
        posted=_shown(posted, seen, names),
        drafted=_shown(given.lines, seen, names),
        posted_why=tuple(event.inputs.get("arithmetic", ())),
        posted_sentence=sentence_of(version) if version else "",
        drafted_why=distribution.explanation.arithmetic if distribution else (),
        drafted_sentence=given.answer.sentence if given.answer else "",
        refusal=given.refusal,
    )


def _shown(lines: Iterable[Line], seen: Collection[int], names: Mapping[int, str]) -> list[ShownLine]:
    return [
        ShownLine(
            names[line.organization_id],
            account_type(line.account).label,
            names.get(line.counterparty_id or 0, ""),
            Money(line.amount_minor, line.currency),
        )
        for line in lines
        if line.organization_id in seen
    ]
