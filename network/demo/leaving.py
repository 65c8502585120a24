"""Two partners of the demo whose time is over: one can be led out of the network, one has left it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from content.actions.share import share_content
from content.queries.item import items_for
from core.actors import UserActor
from core.clock import today_in
from network.demo.places import SYSTEM, person
from orgs.actions.invitation import invite
from orgs.actions.leaving import leave_network
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.organization import Contract, Details, add_organization
from vendors.actions.contact import ContactDetails, add_contact, issue_link

if TYPE_CHECKING:
    from orgs.models import Organization

ZONE = "Asia/Kolkata"


def build_leaving(actor: UserActor, root: Organization) -> None:
    """Ghats Wellness, whose contract ends today, with people, a link and a contact; Panvel Dental, which left."""
    today = today_in(ZONE)
    contract = Contract(
        "Cooperation agreement, wellness days",
        today - timedelta(days=365),
        today,
        "CA-2025-09",
        ("provider",),
    )
    ghats = _partner(actor, root, "Ghats Wellness", "GHA", "Lonavala", contract)
    _partner(actor, ghats, "Ghats Retreat", "GHR", "Khandala", None)
    new = NewMembership("organization_administrator")
    grant_membership(actor, ghats, user=person("Jaya Salvi", "jaya@ghats.example"), new=new)
    invite(
        actor, ghats, email="omkar@ghats.example", name="Omkar Pawar", new=NewMembership("front_desk", "this")
    )
    intake = items_for(SYSTEM).get(code="intake", organization=root, source=None)
    share_content(actor, intake, organizations=[ghats], mode="linked")
    issue_link(SYSTEM, add_contact(actor, ghats, details=ContactDetails("Jaya Salvi", "jaya@ghats.example")))
    panvel = _partner(actor, root, "Panvel Dental", "PAN", "Panvel", contract)
    leave_network(actor, panvel, last_day=today, reason="Sold to another group.", version=panvel.version)


def _partner(
    actor: UserActor, under: Organization, name: str, code: str, city: str, contract: Contract | None
) -> Organization:
    details = Details(name, code, ZONE, city=city, state="Maharashtra", country="IN")
    kind = "sub" if contract is None else "partner"
    return add_organization(actor, under, kind=kind, details=details, contract=contract)
