"""The only place that writes transactional rules: drafts, activation by a second person, and their end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Max

from core import locale
from core.actions import Act, action
from core.clock import now
from core.errors import Stale
from core.settings import why
from core.tenancy import bound_network_id
from ledger.actions.command import refused, rules_refuse
from ledger.actions.example import check_examples, check_written
from ledger.actions.text import clean_code
from ledger.models import Package, Rule, RuleVersion, Service
from ledger.permissions import RULE_ACTIVATE, RULE_EDIT
from ledger.queries.party import parties_by_code
from ledger.queries.rule import rule_book, rule_in
from ledger.rules.lines import Organization as Party
from ledger.rules.matching import check_conflict
from ledger.rules.outcome import check_outcome
from ledger.rules.refusals import Refusal, RefusalCode, first_refusal
from ledger.rules.sentence import rule_sentence
from ledger.rules.settings import RULE_PERCENT_PERFORMED_ONLY
from ledger.rules.stored import codes_in, store_conditions, store_outcome
from ledger.rules.terms import ROLES, Conditions, Event, Outcome
from ledger.rules.terms import Rule as Said
from orgs.queries import tree

if TYPE_CHECKING:
    from orgs.models import Organization

Status = RuleVersion.Status
RULES_LOCK = 5


@dataclass(frozen=True)
class Terms:
    """What a version says; organizations, services and packages by their codes."""

    event: Event
    when: Conditions
    outcome: Outcome
    priority: int = 0
    starts_on: date | None = None


@action(RULE_EDIT, audit="rule.drafted")
def draft_rule(act: Act, root: Organization, *, code: str, terms: Terms) -> RuleVersion:
    """Write the draft of a new rule, or of the next version of the rule with this code, which keeps its examples.

    Who may: `rule:edit` at the parent organization. It answers for nothing until somebody else activates it.
    Refusals: an unknown organization, service or package, another event than the earlier versions', a draft that
    waits already, an outcome that contradicts itself. Audit: `rule.drafted` with the sentence.
    """
    rule, made = Rule.objects.get_or_create(code=clean_code(code, 60))
    versions = RuleVersion.objects.filter(rule=rule)
    waiting = versions.filter(status=Status.DRAFT).first()
    if waiting is not None:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"Version {waiting.number} of {rule.code} is a draft already. Edit or activate that one.",
            field="code",
        )
    earlier = versions.order_by("-number").first()
    if not made and earlier is not None and earlier.event != terms.event:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{rule.code} is a rule for the event {earlier.event}; give a rule for another event another code.",
            field="event",
        )
    number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
    examples = earlier.examples if earlier is not None else ""
    version = RuleVersion(rule=rule, number=number, author_id=act.actor.id, examples=examples)
    _fill(version, terms)
    version.save(force_insert=True)
    act.about(version)
    act.changed({}, {"rule": rule.code, "version": number, "sentence": version.sentence})
    return version


@action(RULE_EDIT, audit="rule.draft_edited")
def edit_draft(act: Act, version: RuleVersion, *, terms: Terms, seen: int) -> RuleVersion:
    """Change a draft, and become its author. `seen` is the record's version in the form.

    Refusals: a version that is no draft, a stale form, and as for a new draft. Audit: old and new sentence.
    """
    current = _locked(version, seen)
    _check_draft(current)
    if terms.event != current.event:
        raise refused(RefusalCode.NOT_PERMITTED, "The event of a rule stays.", field="event")
    old = current.sentence
    _fill(current, terms)
    current.author_id = act.actor.id
    current.version += 1
    current.save()
    act.changed({"sentence": old}, {"sentence": current.sentence})
    return current


@action(RULE_EDIT, audit="rule.examples_written")
def write_examples(act: Act, version: RuleVersion, *, examples: str, seen: int) -> RuleVersion:
    """Write the worked examples of a draft, and become its author: they are a part of what is activated.

    Refusals: a version that is no draft, a stale form, examples that are malformed (naming the line). Audit: old and
    new examples.
    """
    current = _locked(version, seen)
    _check_draft(current)
    written = examples.replace("\r\n", "\n").strip("\n")
    check_written(rule_in(current), written)
    old = current.examples
    current.examples = written
    current.author_id = act.actor.id
    current.version += 1
    current.save()
    act.changed({"examples": old}, {"examples": written})
    return current


@action(RULE_EDIT, audit="rule.draft_deleted")
def delete_draft(act: Act, version: RuleVersion, *, seen: int) -> None:
    """Throw a draft away. Refusals: a version that is no draft, a stale form. Audit: what it said."""
    current = _locked(version, seen)
    _check_draft(current)
    act.changed({"sentence": current.sentence}, {})
    current.delete()


@action(RULE_ACTIVATE, audit="rule.activated")
def activate_rule(act: Act, version: RuleVersion, *, seen: int) -> RuleVersion:
    """Put a draft into force from its first day on; the version before it ends the day before.

    Who may: `rule:activate` at the parent organization, and not its author. Refusals: `not_permitted` (its author,
    no draft, a first day that does not follow the version before, a worked example that does not hold or is missing
    where it has to be there), `rule_conflict` (naming the other rule), `referral_share`, a stale form. Audit:
    `rule.activated`.
    """
    _lock_rules()
    current = _locked(version, seen)
    _check_draft(current)
    if current.author_id is not None and current.author_id == act.actor.id:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            "Somebody else than its author has to activate a rule. Ask a colleague.",
        )
    before = _version_before(current)
    if before is not None:
        _check_takes_over(current, before)
    said = rule_in(current)
    with rules_refuse():
        _check_may_be_active(said)
    check_examples(said, current.examples)
    if before is not None and (before.ends_on is None or _first(current) <= before.ends_on):
        _end(before, _first(current) - timedelta(days=1))
    current.status = Status.ACTIVE
    current.activated_by_id = act.actor.id
    current.activated_at = now()
    current.version += 1
    current.save()
    act.changed({"status": Status.DRAFT}, {"status": Status.ACTIVE, "sentence": current.sentence})
    return current


@action(RULE_ACTIVATE, audit="rule.ended")
def end_rule(act: Act, version: RuleVersion, *, last_on: date, seen: int) -> RuleVersion:
    """End an active version after a day; it goes on answering for the days until then.

    Refusals: no active version, a day before its first, a stale form. Audit: `rule.ended`.
    """
    current = _locked(version, seen)
    if current.status != Status.ACTIVE:
        raise refused(RefusalCode.NOT_PERMITTED, f"This version is {current.get_status_display().lower()}.")
    if current.starts_on is not None and last_on < current.starts_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This version starts on {locale.day(current.starts_on)}; it can't end before.",
            field="last_on",
        )
    _end(current, last_on)
    act.changed({"status": Status.ACTIVE}, {"status": Status.ENDED, "last_on": last_on})
    return current


def _fill(version: RuleVersion, terms: Terms) -> None:
    """Write terms to a draft in memory, after checking everything they name."""
    parties = parties_by_code(codes_in(terms.when, terms.outcome))
    _check_names(terms, parties)
    with rules_refuse():
        _check_outcome_of_draft(terms, parties)
    ids = {code: party.id for code, party in parties.items()}
    version.event = str(terms.event)
    version.when = store_conditions(terms.when, ids)
    version.outcome = store_outcome(terms.outcome, ids)
    version.priority = terms.priority
    version.starts_on = terms.starts_on
    version.sentence = rule_sentence(
        Said(version.rule.code, terms.event, terms.when, terms.outcome, terms.priority, version.number)
    )


def _check_names(terms: Terms, parties: dict[str, Party]) -> None:
    """Refuse codes that nothing has."""
    unknown = sorted(codes_in(terms.when, terms.outcome) - parties.keys())
    if unknown:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"There is no organization with the code {unknown[0]}.", field="when"
        )
    when = terms.when
    if when.service and not Service.objects.filter(code=when.service).exists():
        raise refused(
            RefusalCode.NOT_PERMITTED, f"There is no service with the code {when.service}.", field="when"
        )
    if when.package and not Package.objects.filter(code=when.package).exists():
        raise refused(
            RefusalCode.NOT_PERMITTED, f"There is no package with the code {when.package}.", field="when"
        )


def _check_outcome_of_draft(terms: Terms, parties: dict[str, Party]) -> None:
    """Raise Refusal for an outcome that contradicts itself; a legal basis may still be missing from a draft."""
    try:
        check_outcome(terms.event, terms.outcome, parties)
    except Refusal as refusal:
        if refusal.code is not RefusalCode.REFERRAL_SHARE:
            raise


def _check_may_be_active(said: Said) -> None:
    """Raise Refusal for an outcome that may not be active, or a tie with another active rule."""
    others = rule_book(
        RuleVersion.objects.filter(event=said.event, status__in=(Status.ACTIVE, Status.ENDED))
        .exclude(rule__code=said.code)
        .select_related("rule")
    )
    parties = others.named | parties_by_code(codes_in(said.when, said.outcome))
    refusals = []
    for check in (
        partial(check_outcome, said.event, said.outcome, parties),
        partial(check_conflict, said, others.rules, parties),
        partial(_check_performers, said),
    ):
        try:
            check()
        except Refusal as refusal:
            refusals.append(refusal)
    first = first_refusal(refusals)
    if first is not None:
        raise first


def _check_performers(said: Said) -> None:
    """Refuse a part of the price to who performed nothing, where the parent organization asks for that."""
    performing = ROLES | ({said.when.servicing} - {None})
    other = next(
        (each for each in said.outcome.shares if not each.is_fixed and each.party not in performing), None
    )
    if other is not None and RULE_PERCENT_PERFORMED_ONLY.at(tree.root()):
        raise Refusal(
            RefusalCode.REFERRAL_SHARE,
            f"{other.party} doesn't perform the service and would get a part of its price. Pay it a fixed amount for "
            f"what it does. {why(RULE_PERCENT_PERFORMED_ONLY, tree.root())}",
            party=other.party,
        )


def _lock_rules() -> None:
    """Activations go one after the other, so that two rules that tie never pass each other unseen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RULES_LOCK, bound_network_id()])


def _version_before(version: RuleVersion) -> RuleVersion | None:
    earlier = RuleVersion.objects.select_for_update(of=("self",)).filter(
        rule=version.rule_id, status__in=(Status.ACTIVE, Status.ENDED)
    )
    return earlier.order_by("-number").first()


def _first(version: RuleVersion) -> date:
    """The first day of a version that takes over from another."""
    assert version.starts_on is not None
    return version.starts_on


def _check_takes_over(version: RuleVersion, before: RuleVersion) -> None:
    if version.starts_on is None or (before.starts_on is not None and version.starts_on <= before.starts_on):
        since = f" It must be after {locale.day(before.starts_on)}." if before.starts_on else ""
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"Version {before.number} is in force: a new version needs the day from which it takes over.{since}",
            field="starts_on",
        )


def _end(version: RuleVersion, last_on: date) -> None:
    version.ends_on = last_on
    version.status = Status.ENDED
    version.version += 1
    version.save(update_fields=["ends_on", "status", "version"])


def _check_draft(version: RuleVersion) -> None:
    if version.status != Status.DRAFT:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            "A version that has been active is not changed. Write a new version that takes over at a day.",
        )


def _locked(version: RuleVersion, seen: int) -> RuleVersion:
    current = RuleVersion.objects.select_for_update(of=("self",)).select_related("rule").get(pk=version.pk)
    if current.version != seen:
        raise Stale("rule")
    return current
