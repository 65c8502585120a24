"""Building the demo: once, in one transaction a network, so that half a demo never stays."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import transaction

from core.actors import UserActor
from core.clock import today_in
from core.models import Enterprise
from core.tenancy import bound
from network.demo import (
    abroad,
    brand,
    commerce,
    content,
    credit,
    families,
    gifts,
    imports,
    islands,
    leaving,
    modules,
    orders,
    people,
    places,
    policies,
    reconciliation,
    redemptions,
    reports,
    seals,
    settlement,
    taxes,
    views,
)
from orgs.actions.network import NewNetwork, create_enterprise, create_network
from people.queries.user import user_by_email

if TYPE_CHECKING:
    from orgs.models import Organization

ENTERPRISE = "sahyadri"


def build_demo(say: Callable[[str], object]) -> bool:
    """Make the demo unless it is there; True when it was made."""
    if Enterprise.objects.filter(code=ENTERPRISE).exists():
        return False
    with transaction.atomic():
        group = create_enterprise(places.SYSTEM, code=ENTERPRISE, name="Sahyadri Health Group")
        new = NewNetwork("SAH", "Sahyadri Health", "INR", "Asia/Kolkata", max_sub_depth=2, locale="en-IN")
        network = create_network(places.SYSTEM, group, new)
        with bound(network.pk):
            say("Organizations and people …")
            organizations = places.build_places(network)
            places.build_people(organizations)
            _work(organizations, say)
        islands.build_other_networks()
    return True


def _work(organizations: dict[str, Organization], say: Callable[[str], object]) -> None:
    """Patients, and six months of business up to today; the same every time but for the day it is."""
    chance = random.Random(20260401)
    today = today_in("Asia/Kolkata")
    staff = commerce.Staff(
        administrator=_actor("meera@sahyadri.example"),
        finance=_actor("rohan@sahyadri.example"),
        desks={one.at: _actor(one.email) for one in places.PEOPLE if one.role == "front_desk"},
    )
    say("Patients …")
    patients = people.build_patients(staff.administrator, organizations, chance, today)
    say("Charting templates and questionnaires …")
    content.build_content(staff.administrator, organizations, patients, random.Random(20260402))
    say("Packages, rules and six months of sales and redemptions …")
    business = commerce.Business(staff, organizations, chance, today)
    packages = commerce.build_catalog(staff, organizations, business.since)
    gifts.build_gifts(staff, organizations["SAH"], patients, today)
    business.run(packages, patients)
    gifts.take_breakage(staff, organizations["SAH"], packages["PHYSIO10"], today)
    families.build_families(staff, organizations, patients)
    redemptions.build_redemptions(staff.administrator, organizations["SAH"], today)
    credit.build_credit(staff, organizations, patients)
    say("A clinic abroad …")
    dubai = abroad.build_abroad(staff, organizations["SAH"], packages, patients, today)
    commerce.build_drafts(staff, organizations["SAH"], today)
    say("A month with a partner …")
    reconciliation.build_reconciliation(
        staff.finance, _actor("kavita@deccanphysio.example"), organizations, today
    )
    say("Netting and settlements …")
    settlement.build_settlement(
        staff.finance, staff.administrator, organizations | {dubai.code: dubai}, today
    )
    say("What is taxed …")
    taxes.build_taxes(staff, organizations["SAH"], patients, today)
    seals.send_first(organizations["SAH"])
    say("Scheduled reports …")
    views.build_views(staff.administrator)
    reports.build_reports(staff.finance, organizations["SAH"])
    say("Programs …")
    content.build_programs(staff.administrator, organizations)
    say("Outside vendors and what they are asked for …")
    manager = _actor("vikram@sahyadri.example")
    orders.Orders(manager, staff.administrator, organizations, chance).build(patients, business.since)
    say("Policies …")
    policies.build_policies(staff.administrator, organizations)
    brand.build_brand(staff.administrator, organizations["SAH"])
    say("Modules and EMR profiles …")
    modules.build_modules(staff.administrator, organizations)
    say("Imports …")
    imports.build_imports(staff.administrator, organizations["SAH"])
    say("Partners whose time is over …")
    leaving.build_leaving(staff.administrator, organizations["SAH"])
    seals.seal_all(organizations["SAH"])


def _actor(email: str) -> UserActor:
    user = user_by_email(email)
    assert user is not None
    return UserActor.of(user.pk, user.name)
