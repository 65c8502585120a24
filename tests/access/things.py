"""Records that routes are about: the main network's, made by the product's own actions at North Clinic (S)."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import today_in
from core.settings import Mode
from ledger.models import EntitlementLine, RuleVersion
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.enterprise import Flow
from orgs.actions.membership import NewMembership, invite
from orgs.actions.onboarding import record_data_ownership
from orgs.actions.setting import (
    NewValue,
    apply_to_many,
    assign_setting,
    decide_waiver,
    inherit_setting,
    request_waiver,
)
from orgs.models import Affiliation, Membership, OnboardingStep
from orgs.queries.whatif import Change
from orgs.rules.settings import MAX_SUB_DEPTH
from people.actions.saved_view import ViewDetails, save_view
from tests.cast import SYSTEM, Cast
from tests.ledger.market import open_market
from tests.vendors.conftest import build_lab
from vendors.actions.contact import ContactDetails, add_contact
from vendors.models import VendorContact


@dataclass(frozen=True)
class Thing:
    """A record by its name below, the table in which a foreign one is found, and the keyword of the route."""

    name: str
    table: str
    keyword: str = "pk"


organization = Thing("organization", "orgs_organization")
affiliation = Thing("affiliation", "orgs_affiliation")
membership = Thing("membership", "orgs_membership")
invitation = Thing("invitation", "orgs_invitation")
patient = Thing("patient", "patients_patient")
service = Thing("service", "ledger_service")
package = Thing("package", "ledger_package")
sale = Thing("sale", "ledger_sale")
entitlement = Thing("entitlement", "ledger_entitlement")
rule = Thing("rule", "ledger_ruleversion")
event = Thing("event", "ledger_ledgerevent")
vendor = Thing("vendor", "orgs_organization")
contact = Thing("contact", "vendors_vendorcontact")
setting = Thing("setting", "vendors_vendorservice")
request = Thing("request", "vendors_servicerequest")
completed = Thing("completed", "vendors_servicerequest")
batch = Thing("batch", "orgs_settingbatch")
waiver = Thing("waiver", "orgs_settingwaiver")
view = Thing("view", "people_savedview")
granted = Thing("granted", "orgs_settingwaiver")
step = Thing("step", "orgs_onboardingstep")
counter = Thing("organization", "orgs_organization", "organization")
at_counter = Thing("patient", "patients_patient", "patient")
offered = Thing("package", "ledger_package", "package")
line = Thing("line", "ledger_entitlementline", "line")


@dataclass
class Records:
    """The ids of the main network's records by name, and the portal contacts of two vendors."""

    ids: dict[str, int]
    contact: VendorContact
    rival: VendorContact


def make_records(cast: Cast) -> Records:
    """A market at the parent; a patient, a sale, an order and people at North Clinic. Inside the network's binding."""
    market, lab = open_market(cast), build_lab(cast)
    sold = market.sell("CHECKUP", at="S", patient=lab.patient)
    ordered, done = lab.order("S"), lab.order("S")
    for step in ("accept", "start", "complete"):
        lab.answer(done, step)
    invited = invite(
        SYSTEM,
        cast["S"],
        email="new@harbor.example",
        name="New Person",
        new=NewMembership("front_desk", "this"),
    )
    rival = add_contact(SYSTEM, cast["Y"], details=ContactDetails("Yves Yield", "yves@yield.example"))
    assign_setting(SYSTEM, cast["P"], setting=DISCOUNT_CAP, new=NewValue(90, Mode.ENFORCED, "Because."))
    asked, granted = (
        request_waiver(
            SYSTEM, cast[code], setting=DISCOUNT_CAP, value=95, reason="Because.", ends_on=today_in("UTC")
        )
        for code in "ST"
    )
    decide_waiver(SYSTEM, granted, grant=True, version=granted.version)
    change = Change(MAX_SUB_DEPTH, 2, Mode.DEFAULT)
    inherit_setting(SYSTEM, cast["P"], setting=MAX_SUB_DEPTH)
    batch = apply_to_many(cast.actor("administrator"), change, organizations=[cast["P"], cast["S"]])
    record_data_ownership(SYSTEM, None, flow=Flow(False), version=None)
    view = save_view(
        cast.actor("administrator"),
        None,
        list_name="organization-list",
        query="kind=sub",
        details=ViewDetails("Subs"),
    )
    ids = {
        "step": OnboardingStep.objects.create(title="Go live", position=1).pk,
        "view": view.pk,
        "batch": batch.pk,
        "waiver": asked.pk,
        "granted": granted.pk,
        "organization": cast.organizations["S"].pk,
        "affiliation": Affiliation.objects.get(participant=cast.organizations["Q"]).pk,
        "membership": Membership.objects.get(user=cast.users["desk"]).pk,
        "invitation": invited.pk,
        "patient": lab.patient.pk,
        "service": market.services["LAB"].pk,
        "package": market.packages["CHECKUP"].pk,
        "sale": sold.pk,
        "entitlement": sold.entitlement_id,
        "rule": RuleVersion.objects.get(rule__code="sub-80").pk,
        "event": sold.event_id,
        "vendor": cast.organizations["X"].pk,
        "contact": lab.contact.pk,
        "setting": lab.setting.pk,
        "request": ordered.pk,
        "completed": done.pk,
        "line": EntitlementLine.objects.get(entitlement=sold.entitlement_id, service__code="LAB").pk,
    }
    return Records(ids, lab.contact, rival)
