"""Projecting memberships to guardian's rows: one row per membership and permission."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission as PermissionRow
from django.contrib.contenttypes.models import ContentType
from django.db import connections

from core.permissions import all_permissions
from orgs.models import Grant, Membership, Organization
from orgs.rules.roles import ROLES


def permission_rows(codes: Iterable[str]) -> list[PermissionRow]:
    """The permission rows of the registry that have these codes."""
    return list(PermissionRow.objects.filter(content_type__app_label="orgs", codename__in=list(codes)))


def project(membership: Membership) -> None:
    """Make guardian's rows of one membership say what the membership says."""
    Grant.objects.filter(membership=membership).delete()
    role = ROLES.get(membership.role)
    if role is None:
        return
    Grant.objects.bulk_create(
        Grant(
            user_id=membership.user_id,
            permission=row,
            content_object_id=membership.organization_id,
            membership=membership,
            scope=membership.scope,
            starts_on=membership.starts_on,
            ends_on=membership.ends_on,
        )
        for row in permission_rows(role.permissions)
    )


def project_after_migrate(using: str, **kwargs: Any) -> None:
    """Give every declared permission its row and project every membership anew: a role change reaches all at once.

    Runs as the migrator, over every network, in four statements whatever their number.
    """
    connection = connections[using]
    if Membership._meta.db_table not in connection.introspection.table_names():
        return  # the migrations of this app are taken back
    content_type = ContentType.objects.db_manager(using).get_for_model(Organization)
    for one in all_permissions():
        PermissionRow.objects.using(using).update_or_create(
            content_type=content_type, codename=one.code, defaults={"name": one.label[:255]}
        )
    pairs = [(role.code, code) for role in ROLES.values() for code in role.permissions]
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            return
        cursor.execute(
            """
            WITH held (role, codename) AS (SELECT * FROM unnest(%s::text[], %s::text[])),
                 wanted AS (
                     SELECT m.network_id, m.id AS membership_id, p.id AS permission_id
                       FROM orgs_membership m
                       JOIN held h ON h.role = m.role
                       JOIN auth_permission p ON p.codename = h.codename AND p.content_type_id = %s),
                 gone AS (
                     DELETE FROM orgs_grant g
                      WHERE NOT EXISTS (SELECT 1 FROM wanted w WHERE w.membership_id = g.membership_id
                                                                 AND w.permission_id = g.permission_id))
            INSERT INTO orgs_grant (network_id, user_id, permission_id, content_object_id, membership_id,
                                    scope, starts_on, ends_on)
            SELECT m.network_id, m.user_id, w.permission_id, m.organization_id, m.id, m.scope, m.starts_on, m.ends_on
              FROM wanted w JOIN orgs_membership m ON m.id = w.membership_id
             WHERE NOT EXISTS (SELECT 1 FROM orgs_grant g WHERE g.membership_id = w.membership_id
                                                            AND g.permission_id = w.permission_id)
            ON CONFLICT (network_id, membership_id, permission_id) DO NOTHING
            """,
            [[role for role, _ in pairs], [code for _, code in pairs], content_type.pk],
        )
