"""Records that routes are about: the main network's, made by the product's own actions at North Clinic (S)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from content.actions.item import Details as ContentDetails
from content.actions.item import add_content
from content.actions.share import share_content
from content.actions.version import start_draft
from content.rules.answers import Upload
from core.clock import today_in
from core.modules import module_of
from core.settings import Mode
from ledger.models import EntitlementLine, RuleVersion
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.enterprise import Flow
from orgs.actions.hostname import request_host_name
from orgs.actions.import_file import send_import
from orgs.actions.membership import NewMembership, invite
from orgs.actions.module import Switching, switch_modules
from orgs.actions.onboarding import record_data_ownership
from orgs.actions.setting import NewValue, assign_setting, inherit_setting
from orgs.actions.setting_many import apply_to_many
from orgs.actions.waiver import decide_waiver, request_waiver
from orgs.models import Affiliation, Membership, OnboardingStep
from orgs.queries.whatif import Change
from orgs.rules.settings import MAX_SUB_DEPTH
from patients.actions.filled import fill_form
from people.actions.saved_view import ViewDetails, save_view
from tests.browser.stage import INTAKE, PDF, publish_body
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
module_batch = Thing("module_batch", "orgs_modulebatch")
imported = Thing("imported", "orgs_organizationimport")
waiver = Thing("waiver", "orgs_settingwaiver")
view = Thing("view", "people_savedview")
granted = Thing("granted", "orgs_settingwaiver")
step = Thing("step", "orgs_onboardingstep")
host_name = Thing("host_name", "orgs_hostname")
counter = Thing("organization", "orgs_organization", "organization")
at_counter = Thing("patient", "patients_patient", "patient")
offered = Thing("package", "ledger_package", "package")
line = Thing("line", "ledger_entitlementline", "line")


content = Thing("content", "content_contentitem")
content_above = Thing("content_above", "content_contentitem")
content_share = Thing("content_share", "content_contentshare")
content_version = Thing("content_version", "content_contentversion")
content_draft = Thing("content_draft", "content_contentversion")
form_place = Thing("organization", "orgs_organization", "organization")
form_content = Thing("content", "content_contentitem", "content")
filled = Thing("filled", "patients_filledform", "form")
begun = Thing("begun", "patients_filledform", "form")


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
    switching = Switching((module_of("pharmacy"),), is_on=False, reason="No licence here.")
    switched = switch_modules(cast.actor("administrator"), switching, organizations=[cast["T"]])
    sent = send_import(
        SYSTEM,
        cast["P"],
        file_name="o.csv",
        content=b"code,name,parent_code\nW,Ward,P\nW,Ward,P\n",
        per_branch=False,
    )
    record_data_ownership(SYSTEM, None, flow=Flow(False), version=None)
    view = save_view(
        cast.actor("administrator"),
        None,
        list_name="organization-list",
        query="kind=sub",
        details=ViewDetails("Subs"),
    )
    ids = _content(cast, lab.patient) | {
        "host_name": request_host_name(SYSTEM, None, name="care.harbor.example", face="console").pk,
        "step": OnboardingStep.objects.create(title="Go live", position=1).pk,
        "module_batch": switched.pk,
        "imported": sent.pk,
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


def _content(cast: Cast, patient: Any) -> dict[str, int]:
    """A form of North Clinic, published, filled, begun, and a draft again; one of the parent that is linked there."""
    administrator, own = cast.actor("administrator"), ContentDetails("Intake")
    open_to = ContentDetails("Above", overriding="add")
    above = add_content(SYSTEM, cast["P"], kind="questionnaire", code="above", details=open_to)
    publish_body(administrator, above, INTAKE)
    share = share_content(SYSTEM, above, organizations=[cast["S"]], mode="linked")[0]
    item = add_content(SYSTEM, cast["S"], kind="questionnaire", code="intake", details=own)
    version = publish_body(administrator, item, INTAKE)
    filled, begun = (
        fill_form(
            SYSTEM,
            cast["S"],
            patient=patient,
            version_id=version.pk,
            answers={"what-brings-you-here": "A cough", "referral-letter": Upload("letter.pdf", PDF)},
            complete=complete,
        )
        for complete in (True, False)
    )
    return {
        "content": item.pk,
        "content_above": above.pk,
        "content_share": share.pk,
        "content_version": version.pk,
        "content_draft": start_draft(SYSTEM, item).pk,
        "filled": filled.pk,
        "begun": begun.pk,
    }
