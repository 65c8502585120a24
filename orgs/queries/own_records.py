"""Organizations' own records: the files that were made, and what stands in one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now

from audit.queries.history import events
from core.actors import Actor
from core.clock import now
from core.registries import Leavers, RecordTable, leave_parts
from core.settings import all_settings
from orgs.models import Affiliation, Membership, Organization, OwnRecords
from orgs.permissions import ORGANIZATION_RECORDS
from orgs.queries.access import where
from orgs.queries.setting import lines_by_key, places_of
from orgs.rules.cascade import resolve
from orgs.rules.roles import ROLES

LAST = 5


def records_for(actor: Actor) -> QuerySet[OwnRecords]:
    """Files of own records of organizations where one may take them along, without what is in them.

    `is_over` says that its days have passed.
    """
    rows = OwnRecords.objects.filter(where(actor, ORGANIZATION_RECORDS, "organization"))
    is_over = ExpressionWrapper(Q(expires_at__lte=Now()), output_field=BooleanField())
    return rows.defer("content", "patient_ids").select_related("organization").annotate(is_over=is_over)


def records_of(actor: Actor, organization: Organization) -> list[OwnRecords]:
    """The last ones of one organization, newest first."""
    return list(records_for(actor).filter(organization=organization).order_by("-pk")[:LAST])


def every_record(leavers: Leavers) -> Iterator[RecordTable]:
    """Every file of organizations' own records, in the order of the apps."""
    return chain.from_iterable(part.records(leavers) for part in leave_parts)


def own_records(leavers: Leavers) -> Iterator[RecordTable]:
    """Organizations, contracts, settings in force, people and the trail."""
    yield RecordTable(
        "organizations",
        "The organization and everything below it.",
        "code, name, kind, status, under, currency, time zone, phone, e-mail, address, city, "
        "state or province, postal code, country, added",
        _organizations(leavers),
    )
    contracts = Affiliation.objects.filter(participant__in=leavers.ids).order_by("participant", "starts_on")
    yield RecordTable(
        "contracts",
        "Their contracts with the network.",
        "organization, legal basis, number, roles, from, until",
        (
            (
                leavers.codes[row.participant_id],
                row.legal_basis,
                row.contract_number,
                ", ".join(row.role_codes),
                row.starts_on,
                row.ends_on,
            )
            for row in contracts
        ),
    )
    yield RecordTable(
        "settings",
        "Every setting with the value in force on the day the file was made, and where it comes from.",
        "organization, setting, label, value, mode, set at, since, reason",
        _settings(leavers),
    )
    roles = Membership.objects.filter(organization__in=leavers.ids).select_related("user")
    yield RecordTable(
        "people",
        "Who held which role there, and from when until when.",
        "organization, name, e-mail, role, with everything below, from, until",
        (
            (
                leavers.codes[row.organization_id],
                row.user.name,
                row.user.email,
                ROLES[row.role].label if row.role in ROLES else row.role,
                row.scope == "subtree",
                row.starts_on,
                row.ends_on,
            )
            for row in roles.order_by("organization", "user__name", "pk").iterator()
        ),
    )
    trail = events().filter(organization_id__in=leavers.ids).order_by("id")
    yield RecordTable(
        "audit",
        "The audit trail about them: who did what, with old and new values.",
        "when, organization, who, what, record, record id, old, new",
        (
            (
                line.at,
                leavers.codes[line.organization_id or 0],
                line.actor_label,
                line.verb,
                line.subject_type,
                line.subject_id,
                json.dumps(line.old, ensure_ascii=False),
                json.dumps(line.new, ensure_ascii=False),
            )
            for line in trail.iterator()
        ),
    )


def _organizations(leavers: Leavers) -> Iterator[Sequence[Any]]:
    for row in Organization.objects.filter(pk__in=leavers.ids).order_by("lft"):
        yield (
            row.code,
            row.name,
            row.get_kind_display(),
            row.get_status_display(),
            leavers.codes.get(row.parent_id or 0, ""),
            row.currency,
            row.time_zone,
            row.phone,
            row.email,
            row.address,
            row.city,
            row.state,
            row.postal_code,
            row.country,
            row.created_at,
        )


def _settings(leavers: Leavers) -> Iterator[Sequence[Any]]:
    lines, places, moment = lines_by_key(), places_of(leavers.ids), now()
    kinds = dict(Organization.objects.filter(pk__in=leavers.ids).values_list("pk", "kind"))
    for pk, code in leavers.codes.items():
        for setting in all_settings():
            if kinds[pk] not in setting.kinds:
                continue
            line = resolve(places[pk].path, lines.get(setting.key, {}), moment).line
            value = setting.default if line is None else setting.type.read(line.value)
            origin = (
                ("", "Caretree’s own", None, "")
                if line is None
                else (
                    line.mode.value,
                    line.organization_name,
                    line.starts_on,
                    line.reason,
                )
            )
            yield (code, setting.key, setting.label, setting.show(value), *origin)
