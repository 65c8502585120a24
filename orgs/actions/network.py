"""Opening a Parent Account."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from audit.trail import append_system_event
from core.actors import SystemActor
from core.clock import time_zones
from core.errors import Refused
from core.locale import LOCALES
from core.models import Enterprise, Network
from core.ports import AuditRecord, socket
from core.refusals import refusals
from core.settings import Mode
from core.tenancy import bound
from orgs.actions.setting import NewValue, assign_setting
from orgs.models import Organization
from orgs.queries import tree
from orgs.rules.settings import LOCALE, MAX_SUB_DEPTH


@dataclass(frozen=True)
class NewNetwork:
    """What a Parent Account is opened with; `max_sub_depth` is the policy structure.max_sub_depth (1-8), `locale` the
    setting branding.locale."""

    code: str
    name: str
    currency: str
    time_zone: str = "UTC"
    max_sub_depth: int = 1
    locale: str = LOCALE.default
    root_code: str = ""
    root_name: str = ""


def create_enterprise(actor: SystemActor, *, code: str, name: str) -> Enterprise:
    """A new customer; the same code again gives the one that is there. Audited in the system trail."""
    with transaction.atomic():
        enterprise, made = Enterprise.objects.get_or_create(code=code, defaults={"name": name})
        if made:
            append_system_event(actor, "enterprise.created", enterprise=code)
    return enterprise


def create_network(actor: SystemActor, enterprise: Enterprise, new: NewNetwork) -> Network:
    """Open a Parent Account with its parent organization, and leave nothing bound.

    Who may: the system only, so far. Refusals: unknown time zone or locale, depth outside 1-8, code taken.
    Audit: `network.created` in the new network and in the system trail.
    """
    if not 1 <= new.max_sub_depth <= 8:
        raise Refused(
            "invalid",
            f"structure.max_sub_depth is from 1 to 8, not {new.max_sub_depth}.",
            field="max_sub_depth",
        )
    if new.locale not in LOCALES:
        raise Refused("invalid", f"{new.locale!r} is not a locale, such as {LOCALE.default}.", field="locale")
    if new.time_zone not in time_zones():
        raise Refused("invalid", f"{new.time_zone!r} is not an IANA time zone.", field="time_zone")
    ZoneInfo(new.time_zone)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('core_network_id_seq')")
        network_id = cursor.fetchone()[0]
    with refusals(), bound(network_id):
        network = Network(
            pk=network_id,
            enterprise=enterprise,
            code=new.code,
            name=new.name,
            currency=new.currency,
            time_zone=new.time_zone,
        )
        network.save(force_insert=True)
        organization = Organization(
            code=new.root_code or new.code,
            name=new.root_name or new.name,
            kind=Organization.Kind.PARENT,
            currency=new.currency,
            time_zone=new.time_zone,
        )
        tree.insert_leaf(organization)
        if new.max_sub_depth != MAX_SUB_DEPTH.default:
            depth = NewValue(new.max_sub_depth, Mode.ENFORCED, "The Parent Account was opened with it.")
            assign_setting(actor, organization, setting=MAX_SUB_DEPTH, new=depth)
        if new.locale != LOCALE.default:
            assign_setting(actor, organization, setting=LOCALE, new=NewValue(new.locale, Mode.DEFAULT))
        socket.audit.append(
            AuditRecord(
                actor, "network.created", "core.network", network_id, organization.pk, new={"name": new.name}
            )
        )
        append_system_event(actor, "network.created", network_id=network_id, enterprise_id=enterprise.pk)
    return network
