"""What moving organizations would do to the ledger: rules that stop or start applying, and what goes along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from core import locale
from core.access import allowed
from core.actors import Actor
from core.clock import now
from core.registries import MovedNode, MoveEffect, named
from ledger.models import Entitlement, EntitlementLine, RuleVersion
from ledger.permissions import ENTITLEMENT_VIEW, JOURNAL_VIEW, RULE_VIEW
from ledger.queries.owed import open_accounts
from ledger.queries.rule import rule_book
from ledger.rules.lines import Kind, Organization
from ledger.rules.matching import places_hold
from ledger.rules.terms import Rule

Items = list[tuple[str, str]]


def effects_of_move(actor: Actor, moved: list[MovedNode]) -> list[MoveEffect]:
    """Rules whose conditions are about a subtree, open balances, live entitlements; constant queries."""
    found = [*_rules(actor, moved), _open_balances(actor, moved), _live_entitlements(actor, moved)]
    return [effect for effect in found if effect is not None]


def _rules(actor: Actor, moved: Sequence[MovedNode]) -> list[MoveEffect]:
    """Nothing but a rule about a subtree can change: names and kinds stay with the organization."""
    if not allowed(actor, RULE_VIEW):
        return []
    today = now().date()
    versions = RuleVersion.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), status=RuleVersion.Status.ACTIVE
    ).select_related("rule")
    stops, starts = [], []
    for rule, pk in rule_book(versions).versions.items():
        if rule.when.servicing_under is None and rule.when.seller_under is None:
            continue
        lost, won = _changes(rule, moved)
        url = reverse("rule", args=[pk])
        if lost:
            stops.append((f"{rule.code}: {named(lost)}", url))
        if won:
            starts.append((f"{rule.code}: {named(won)}", url))
    effects = [
        MoveEffect("Transactional rules that stop applying", tuple(stops), "warn"),
        MoveEffect("Transactional rules that start applying", tuple(starts), "warn"),
    ]
    return [effect for effect in effects if effect.items]


def _changes(rule: Rule, moved: Sequence[MovedNode]) -> tuple[list[MovedNode], list[MovedNode]]:
    """Those that the rule applies to no longer, and from then on, as servicer or as seller."""
    lost, won = [], []
    for node in moved:
        before = places_hold(rule, _party(node, node.old_path))
        after = places_hold(rule, _party(node, node.new_path))
        if any(old and not new for old, new in zip(before, after, strict=True)):
            lost.append(node)
        if any(new and not old for old, new in zip(before, after, strict=True)):
            won.append(node)
    return lost, won


def _party(node: MovedNode, path: tuple[str, ...]) -> Organization:
    return Organization(id=node.id, code=node.code, kind=Kind(node.kind), group_id=0, currency="", path=path)


def _open_balances(actor: Actor, moved: Sequence[MovedNode]) -> MoveEffect | None:
    """Balances with other organizations in the books of those that move, by organization."""
    counts = Counter(one.organization_id for one in open_accounts([node.id for node in moved]))
    may = allowed(actor, JOURNAL_VIEW)
    items = [
        (
            f"{node.name}: {locale.counted(counts[node.id], 'open balance')}",
            reverse("journal-lines") + "?" + urlencode({"organization": node.code}) if may else "",
        )
        for node in moved
        if node.id in counts and node.is_seen
    ]
    return _short("Open balances that go along", items, _unseen(moved, counts))


def _live_entitlements(actor: Actor, moved: Sequence[MovedNode]) -> MoveEffect | None:
    """Entitlements that those that move still owe."""
    left = EntitlementLine.objects.filter(entitlement=OuterRef("pk"), left_units__gt=0)
    live = Entitlement.objects.filter(
        Exists(left), holder__in=[node.id for node in moved], status=Entitlement.Status.ACTIVE
    )
    counts: dict[int, int] = {}
    for holder in live.values_list("holder", flat=True):
        counts[holder] = counts.get(holder, 0) + 1
    url = reverse("entitlement-list") + "?status=active" if allowed(actor, ENTITLEMENT_VIEW) else ""
    items = [
        (f"{node.name}: {locale.counted(counts[node.id], 'live entitlement')}", url)
        for node in moved
        if node.id in counts and node.is_seen
    ]
    return _short("Live entitlements that go along", items, _unseen(moved, counts))


def _unseen(moved: Sequence[MovedNode], counts: Mapping[int, int]) -> Items:
    """How many of those that have something the person may not see."""
    hidden = [node for node in moved if node.id in counts and not node.is_seen]
    return [(named(hidden), "")] if hidden else []


def _short(title: str, items: Items, unseen: Items, most: int = 10) -> MoveEffect | None:
    more = [(f"and {len(items) - most} more", "")] if len(items) > most else []
    shown = (*items[:most], *more, *unseen)
    return MoveEffect(title, shown) if shown else None
