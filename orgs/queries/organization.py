"""Reads of organizations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from core import search_key
from core.actors import Actor
from core.tenancy import bound_network_id
from orgs.models import Affiliation, Organization
from orgs.permissions import ORGANIZATION_VIEW
from orgs.queries.access import organizations_for


def visible_organizations(actor: Actor) -> QuerySet[Organization]:
    """The organizations the actor may see."""
    return organizations_for(actor, ORGANIZATION_VIEW)


def search_organizations(rows: QuerySet[Organization], typed: str) -> QuerySet[Organization]:
    """Rows of which every typed word starts a word of name, code or city."""
    words = search_key.normalize(typed).split()
    for word in words:
        rows = rows.filter(Q(search_key__startswith=word) | Q(search_key__contains=f" {word}"))
    return rows


def organization_by_code(code: str) -> Organization:
    """An organization of the bound network by its code; raises Organization.DoesNotExist."""
    if "\0" in code:  # which the database takes in no text
        raise Organization.DoesNotExist
    return Organization.objects.get(network_id=bound_network_id(), code=code)


def ids_by_code(codes: Iterable[str]) -> dict[str, int]:
    """Ids of the bound network's organizations by their codes, in one query; unknown codes are left out."""
    return dict(
        Organization.objects.filter(network_id=bound_network_id(), code__in=set(codes)).values_list(
            "code", "pk"
        )
    )


def hold_standing(*organizations: Organization) -> None:
    """Know how organizations stand now, and keep them from being suspended or archived while business is done there.

    Until the end of the transaction; whoever suspends or archives one locks its row and waits, or was waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, status FROM orgs_organization WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [[one.pk for one in organizations]],
        )
        standing = dict(cursor.fetchall())
    for one in organizations:
        one.status = standing[one.pk]


def organizations_by_id(ids: Iterable[int]) -> list[Organization]:
    """The bound network's organizations with these ids, in tree order, in one query."""
    return list(Organization.objects.filter(network_id=bound_network_id(), pk__in=set(ids)).order_by("lft"))


def organizations_with_books() -> QuerySet[Organization]:
    """The bound network's organizations that do business and keep books, in tree order."""
    rows = Organization.objects.filter(network_id=bound_network_id()).exclude(kind="third_party")
    return rows.exclude(status="archived").order_by("lft")


def organization_names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id, in one query."""
    return dict(Organization.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def organization_codes(ids: Iterable[int]) -> dict[int, str]:
    """Codes by id, in one query."""
    return dict(Organization.objects.filter(pk__in=set(ids)).values_list("pk", "code"))


def affiliations_of(organization: Organization) -> QuerySet[Affiliation]:
    """The contracts of a partner or third party, newest first."""
    return Affiliation.objects.filter(participant=organization).order_by("-starts_on")


def affiliation_in_force(organization: Organization, on: date) -> Affiliation | None:
    """The contract in force on a day."""
    return (
        affiliations_of(organization)
        .filter(starts_on__lte=on)
        .filter(Q(ends_on=None) | Q(ends_on__gte=on))
        .first()
    )
