"""Reads of transactional rules: which are in force, and what they say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.access import allowed
from core.actors import Actor
from ledger.models import RuleVersion
from ledger.permissions import RULE_VIEW
from ledger.queries.party import parties_of
from ledger.rules.lines import Organization as Party
from ledger.rules.sentence import rule_sentence
from ledger.rules.stored import ids_in, load_conditions, load_outcome
from ledger.rules.terms import Dates, Event, Rule

ANSWERING = (RuleVersion.Status.ACTIVE, RuleVersion.Status.ENDED)


@dataclass(frozen=True)
class RuleBook:
    """Rules with the ids of their versions, the ids of the rules and every organization that they name, by code."""

    versions: dict[Rule, int]
    rule_ids: dict[str, int]
    named: dict[str, Party]

    @property
    def rules(self) -> list[Rule]:
        return list(self.versions)


def rule_versions_for(actor: Actor) -> QuerySet[RuleVersion]:
    """Every version of every rule, for whoever may see rules anywhere in the network."""
    if not allowed(actor, RULE_VIEW):
        return RuleVersion.objects.none()
    return RuleVersion.objects.select_related("rule").order_by("rule__code", "-number")


def newest(rows: QuerySet[RuleVersion]) -> QuerySet[RuleVersion]:
    """Of each rule the newest version that was ever active, and the draft that waits."""
    newer = RuleVersion.objects.filter(
        rule=OuterRef("rule"), number__gt=OuterRef("number"), status__in=ANSWERING
    )
    return rows.filter(Q(status=RuleVersion.Status.DRAFT) | ~Exists(newer))


def versions_in_force(event: str, on: date) -> QuerySet[RuleVersion]:
    """The versions that answer for an event on a day; an ended one still answers for its own dates."""
    return RuleVersion.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on),
        Q(starts_on=None) | Q(starts_on__lte=on),
        event=event,
        status__in=ANSWERING,
    ).select_related("rule")


def rule_book(versions: Iterable[RuleVersion], on: date | None = None) -> RuleBook:
    """The rules as plain values, whom they name as they stood on a day (None: now), in three queries at most."""
    rows = list(versions)
    ids = frozenset().union(*(ids_in(row.when, row.outcome) for row in rows))
    parties = parties_of(ids, on) if ids else {}
    codes = {party.id: party.code for party in parties.values()}
    return RuleBook(
        {_rule(row, codes): row.pk for row in rows},
        {row.rule.code: row.rule_id for row in rows},
        {party.code: party for party in parties.values()},
    )


def rule_in(version: RuleVersion) -> Rule:
    """One version as a plain value."""
    return next(iter(rule_book([version]).versions))


def sentence_of(version: RuleVersion) -> str:
    """What a version says, with today's codes of the organizations it names."""
    return rule_sentence(rule_in(version))


def _rule(row: RuleVersion, codes: dict[int, str]) -> Rule:
    return Rule(
        code=row.rule.code,
        event=Event(row.event),
        when=load_conditions(row.when, codes),
        outcome=load_outcome(row.outcome, codes),
        priority=row.priority,
        version=row.number,
        in_force=Dates(row.starts_on, row.ends_on),
    )
