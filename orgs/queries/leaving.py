"""What leaving the network would meet and do, before anybody ends anything, and what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from core import locale
from core.access import Denied
from core.actors import Actor
from core.clock import today_in
from core.registries import LeaveEffect, Leavers, LeaveStep, leave_parts
from orgs.models import Affiliation, Departure, Invitation, Membership, Organization, SettingWaiver
from orgs.permissions import MEMBERSHIP_VIEW, ORGANIZATION_RECORDS
from orgs.queries import tree
from orgs.queries.access import organizations_for, roles_day, where

SHOWN = 12
ARCHIVED = Organization.Status.ARCHIVED


@dataclass(frozen=True)
class LeavePreview:
    """Everything that leaving would meet and do, in the order of the steps."""

    leavers: Leavers
    effects: tuple[LeaveEffect, ...]

    @property
    def blockers(self) -> list[LeaveEffect]:
        return [effect for effect in self.effects if effect.blocks]

    @property
    def fingerprint(self) -> str:
        """Says which preview somebody has seen: another one has another."""
        said = (self.leavers.last_day, self.leavers.ids, self.effects)
        return sha256(repr(said).encode()).hexdigest()[:32]


def leave_preview(actor: Actor, organization: Organization, last_day: date) -> LeavePreview:
    """What would happen if an organization left with everything below it; constant queries."""
    leavers = leavers_of(organization, last_day)
    found = [effect for part in leave_parts for effect in part.effects(actor, leavers)]
    order = list(LeaveStep)
    found.sort(key=lambda effect: (order.index(effect.step), not effect.blocks))
    return LeavePreview(leavers, tuple(found))


def leavers_of(organization: Organization, last_day: date) -> Leavers:
    """An organization with everything below it, archived or not."""
    rows = list(tree.subtree_now(organization.pk))
    return Leavers(
        organization,
        names={row.pk: row.name for row in rows},
        codes={row.pk: row.code for row in rows},
        last_day=last_day,
    )


def check_takes_along(actor: Actor, organization: Organization) -> None:
    """Raise `Denied` unless the actor may take along the records of everything below it, too."""
    ids = {row.pk for row in tree.subtree_now(organization.pk)}
    if organizations_for(actor, ORGANIZATION_RECORDS).filter(pk__in=ids).count() < len(ids):
        raise Denied(actor, ORGANIZATION_RECORDS, organization.pk)


def proposed_last_day(organization: Organization) -> date:
    """The last day of its contract where that has passed, else its today."""
    today = today_in(organization.time_zone)
    ended = Affiliation.objects.filter(participant=organization, ends_on__lt=today)
    open_ended = Affiliation.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), participant=organization)
    last = (
        None if open_ended.exists() else ended.order_by("-ends_on").values_list("ends_on", flat=True).first()
    )
    return last or today


def departure_of(organization: Organization) -> Departure | None:
    """How an archived organization left the network, by itself or with one above it; None for one that came back."""
    if organization.status != ARCHIVED:
        return None
    path = [one.pk for one in tree.path_to(organization)]
    rows = Departure.objects.filter(organization__in=path, returned_at=None)
    return rows.select_related("organization").order_by("-pk").first()


def live_memberships(ids: Sequence[int]) -> QuerySet[Membership]:
    """Roles at some organizations that are held or will be, by the day of UTC, as they end."""
    rows = Membership.objects.filter(organization__in=ids).exclude(ends_on__lt=roles_day())
    return rows.select_related("user", "organization").order_by("user__name", "pk")


def open_invitations_at(ids: Sequence[int]) -> QuerySet[Invitation]:
    """Invitations to some organizations that can still be accepted."""
    rows = Invitation.objects.filter(
        organization__in=ids, accepted_at=None, revoked_at=None, expires_at__gt=Now()
    )
    return rows.select_related("organization").order_by("email", "pk")


def contracts_to_end(leavers: Leavers) -> QuerySet[Affiliation]:
    """Their contracts that reach beyond the last day."""
    rows = Affiliation.objects.filter(participant__in=leavers.ids, starts_on__lte=leavers.last_day)
    return rows.exclude(ends_on__lte=leavers.last_day).order_by("pk")


def shortened(items: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The first of some items, and how many more there are."""
    every = list(items)
    more = [(f"and {locale.number(len(every) - SHOWN)} more", "")] if len(every) > SHOWN else []
    return (*every[:SHOWN], *more)


def effects_of_leaving(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """What organizations, their people and contracts have to do with it."""
    ids = leavers.ids
    going = list(Organization.objects.filter(pk__in=ids).exclude(status=ARCHIVED).order_by("lft"))
    page = _page("organization")
    yield LeaveEffect(
        LeaveStep.WORK,
        f"{locale.counted(len(going), 'organization is', 'organizations are')} archived",
        shortened((one.name, page(one.pk)) for one in going),
        "They leave the lists. Books, trail and patients stay readable for the rest of the network.",
    )
    waiting = SettingWaiver.objects.filter(
        organization__in=ids, status=SettingWaiver.Status.REQUESTED
    ).count()
    if waiting:
        yield LeaveEffect(
            LeaveStep.WORK,
            f"{locale.counted(waiting, 'waiver waits', 'waivers wait')} for a decision",
            (("Waivers", reverse("waiver-list") + "?status=requested"),),
            "Grant or refuse them first.",
            blocks=True,
        )
    yield from _people(actor, leavers)
    yield from _contracts(leavers)


def _people(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    roles = list(live_memberships(leavers.ids))
    people = _page("organization-people")
    if roles:
        yield LeaveEffect(
            LeaveStep.ACCESS,
            f"{locale.counted(len(roles), 'role ends', 'roles end')}",
            shortened((_held(row), people(row.organization_id)) for row in roles),
            "At once: the next request is refused. Each person is told by e-mail.",
        )
    elsewhere = Membership.objects.filter(
        where(actor, MEMBERSHIP_VIEW, "organization"), user__in={row.user_id for row in roles}
    ).exclude(organization__in=leavers.ids)
    kept = list(
        elsewhere.exclude(ends_on__lt=roles_day())
        .select_related("user", "organization")
        .order_by("user__name", "pk")
    )
    if kept:
        yield LeaveEffect(
            LeaveStep.ACCESS,
            f"{locale.counted(len(kept), 'role', 'roles')} of the same people elsewhere stay",
            shortened((_held(row), people(row.organization_id)) for row in kept),
            "End them by hand where they should not.",
            is_kept=False,
        )
    invited = list(open_invitations_at(leavers.ids))
    if invited:
        yield LeaveEffect(
            LeaveStep.ACCESS,
            f"{locale.counted(len(invited), 'invitation is', 'invitations are')} revoked",
            shortened(
                (f"{row.email}, {row.role_label} at {row.organization.name}", people(row.organization_id))
                for row in invited
            ),
        )


def _contracts(leavers: Leavers) -> Iterator[LeaveEffect]:
    later = Affiliation.objects.filter(participant__in=leavers.ids, starts_on__gt=leavers.last_day)
    contract = _page("affiliation-edit")
    ahead = [(row, contract(row.pk)) for row in later.order_by("starts_on", "pk")]
    if ahead:
        yield LeaveEffect(
            LeaveStep.WORK,
            f"{locale.counted(len(ahead), 'contract begins', 'contracts begin')} after the last day",
            shortened(
                (f"{leavers.names[row.participant_id]}: from {locale.long_day(row.starts_on)}", url)
                for row, url in ahead
            ),
            "Choose a later last day, or correct the contract.",
            blocks=True,
        )
    ending = list(contracts_to_end(leavers))
    if ending:
        yield LeaveEffect(
            LeaveStep.ACCESS,
            f"{locale.counted(len(ending), 'contract ends', 'contracts end')} on {locale.long_day(leavers.last_day)}",
            shortened((f"{leavers.names[row.participant_id]}: {row.legal_basis}", "") for row in ending),
        )


def _held(row: Membership) -> str:
    return f"{row.user.name}, {row.role_label} at {row.organization.name}"


def _page(route: str) -> Callable[[int], str]:
    """The address of a route by id, looked up once."""
    pattern = reverse(route, args=[0])
    return lambda pk: pattern.replace("/0/", f"/{pk}/", 1)
