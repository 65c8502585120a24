"""What may be filled at organizations: their own forms, and what is linked to them or above them. Nowhere else.

The database resolves it (`app.content_available`), for one organization and for many alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Available:
    """One template or questionnaire as an organization has it: whose it is, and the version that is filled.

    `number` is the shared form's; `changed_by` names the organization whose override is filled in its place.
    """

    item_id: int
    code: str
    name: str
    kind: str
    category: str
    owner_id: int
    owner: str
    version_id: int
    number: int
    changed_by: str


def available_at_each(organization_ids: Sequence[int]) -> dict[int, list[Available]]:
    """By organization, what is filled there, by name; one query."""
    found: dict[int, list[Available]] = {pk: [] for pk in organization_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.organization_id, i.id, i.code, i.name, i.kind, i.category, o.id, o.name, v.id,
                   coalesce(b.number, v.number), coalesce(l.name, '')
              FROM app.content_available(%s) a
              JOIN content_contentitem i ON i.id = a.item_id AND i.kind <> 'program'
              JOIN orgs_organization o ON o.id = i.organization_id
              JOIN content_contentversion v ON v.id = a.version_id
              LEFT JOIN content_contentversion b ON b.id = v.base_id
              LEFT JOIN content_contentitem x ON x.id = v.item_id AND x.overrides_id = i.id
              LEFT JOIN orgs_organization l ON l.id = x.organization_id
             ORDER BY i.name, i.id
            """,
            [list(organization_ids)],
        )
        for organization_id, *values in cursor.fetchall():
            found[organization_id].append(Available(*values))
    return found


def available_at(organization_id: int) -> list[Available]:
    """What is filled at one organization, by name."""
    return available_at_each([organization_id])[organization_id]
