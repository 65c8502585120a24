"""No list asks the database more often for thirty rows than for three."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.views.bulk import BulkPage
from core.views.list import ListPage
from network.isolation.stage import Stage
from tests import databases
from tests.architecture.test_views import ROUTES
from tests.budgets.multiply import Multiplier


@dataclass(frozen=True)
class Listing:
    """A route that lists rows of a table (those for which `where` holds), about a record of the stage."""

    name: str
    table: str
    where: str = "true"
    about: str = ""
    apart: str = ""
    persona: str = "administrator"
    word: str = ""
    query: str = ""
    more: int = 500

    @property
    def label(self) -> str:
        return self.name + self.query


HELD_AT_NORTH = "payment_id IS NULL AND holder_id = (SELECT id FROM orgs_organization WHERE code = 'S')"
AT_NORTH = "organization_id = (SELECT id FROM orgs_organization WHERE code = 'S')"
OWED_BY_PARENT = "code = 'due_from' AND counterparty_id = (SELECT id FROM orgs_organization WHERE code = 'P')"
LISTS = [
    Listing("organization-list", "orgs_organization", "kind = 'sub'"),
    Listing("setting-spread", "orgs_organization", "kind = 'sub'", word="billing.discount_cap"),
    Listing("setting-batches", "orgs_settingbatch"),
    Listing("waiver-list", "orgs_settingwaiver", apart="organization_id"),
    Listing("organization-list", "orgs_organization", "kind = 'sub'", query="?export=csv"),
    Listing("organization-list", "orgs_organization", "kind = 'sub'", query="?columns=code&columns=city"),
    Listing("organization-people", "orgs_membership", AT_NORTH, "organization"),
    Listing("membership-list", "orgs_membership"),
    Listing("organization-people", "orgs_membership", AT_NORTH, "organization", query="?export=csv"),
    Listing("organization-activity", "audit_auditevent", AT_NORTH, "organization", query="?export=csv"),
    Listing("patient-requests", "vendors_servicerequest", about="patient", query="?export=csv"),
    Listing("invitation-list", "orgs_invitation"),
    Listing("invitation-list", "orgs_invitation", query="?export=csv"),
    Listing("rule-list", "ledger_ruleversion", apart="rule_id", query="?export=csv"),
    Listing("audit-list", "audit_auditevent"),
    Listing("organization-activity", "audit_auditevent", AT_NORTH, "organization"),
    Listing("patient-list", "patients_patient"),
    Listing("patient-list", "patients_patient", query="?export=csv"),
    Listing("organization-patients", "patients_registration", AT_NORTH, "organization"),
    Listing(
        "patient-reads",
        "audit_accessevent",
        "patient_ids @> ARRAY(SELECT min(patient_id) FROM vendors_servicerequest r WHERE r.network_id = t.network_id)",
        "patient",
    ),
    Listing("content-list", "content_contentitem"),
    Listing("patient-forms", "patients_filledform", about="patient"),
    Listing("service-list", "ledger_service"),
    Listing("tax-code-list", "ledger_taxcode"),
    Listing("package-list", "ledger_package"),
    Listing("sale-list", "ledger_sale"),
    Listing("quote-list", "ledger_quote"),
    Listing("price-change-list", "ledger_pricechange"),
    Listing("entitlement-list", "ledger_entitlement"),
    Listing("redemption-import-list", "ledger_redemptionimport", "status = 'checked'"),
    Listing("redemption-import-page", "ledger_redemptionimportline", about="redemption_import"),
    Listing(
        "redemption-import-page",
        "ledger_redemptionimportline",
        about="redemption_import",
        query="?export=csv",
    ),
    Listing("entitlement-people", "ledger_beneficiary", about="family", apart="patient_id"),
    Listing(
        "patient-prepaid",
        "ledger_entitlement",
        "patient_id = (SELECT min(patient_id) FROM vendors_servicerequest r WHERE r.network_id = t.network_id)",
        "patient",
    ),
    Listing("rule-list", "ledger_ruleversion", apart="rule_id"),
    Listing("journal", "ledger_ledgerevent"),
    Listing("journal-lines", "ledger_journalline"),
    Listing("report-schedule-list", "ledger_reportschedule"),
    Listing("seal-list", "audit_seal", apart="number"),
    Listing("seal-list", "audit_seal", apart="number", query="?export=csv"),
    Listing("claim-list", "ledger_account", OWED_BY_PARENT, apart="organization_id"),
    Listing("dispute-list", "settlement_dispute", apart="event_id"),
    Listing("dispute-list", "settlement_dispute", apart="event_id", query="?export=csv"),
    Listing("reconciliation-list", "settlement_reconciliation", apart="statement_id"),
    Listing("reconciliation", "settlement_finding", about="reconciliation"),
    Listing("reconciliation", "settlement_finding", about="reconciliation", query="?export=csv"),
    Listing(
        "finding-confirm-many", "settlement_finding", about="reconciliation", query="?_every=1", more=100
    ),
    Listing("finding-together", "settlement_finding", about="reconciliation", query="?_every=1", more=100),
    Listing("settlement-list", "settlement_settlementrun"),
    Listing("settlement", "settlement_remittance", AT_NORTH, "settlement", apart="organization_id"),
    Listing("settlement-payments", "settlement_settlementpayment", about="settlement", apart="payer_id"),
    Listing("remittance-list", "settlement_remittance", AT_NORTH, apart="organization_id"),
    Listing("netting-list", "settlement_nettingagreement"),
    Listing("bank-account-list", "settlement_bankaccount", AT_NORTH, apart="organization_id"),
    Listing("rate-list", "ledger_exchangerate", apart="version"),
    Listing("revaluation", "orgs_organization", "kind = 'sub'"),
    Listing("breakage", "ledger_package"),
    Listing("unclaimed-list", "ledger_unclaimeditem", "payment_id IS NULL", apart="holder_id"),
    Listing(
        "unclaimed-pay-many",
        "ledger_unclaimeditem",
        HELD_AT_NORTH,
        apart="event_id",
        query="?_every=1&_path=/console/unclaimed/{organization}/",
        more=100,
    ),
    Listing(
        "organization-unclaimed",
        "ledger_unclaimeditem",
        HELD_AT_NORTH,
        "organization",
        apart="event_id",
    ),
    Listing(
        "organization-unclaimed",
        "ledger_unclaimeditem",
        HELD_AT_NORTH,
        "organization",
        apart="event_id",
        query="?export=csv",
    ),
    Listing("period-list", "orgs_organization", "kind = 'sub'"),
    Listing("period-checklist", "orgs_organization", "kind = 'sub'"),
    Listing("report", "orgs_organization", "kind = 'sub'"),
    Listing("report", "ledger_ledgerevent", query="?kind=utilization&period=this_year"),
    Listing("module-matrix", "orgs_organization", "kind = 'sub'"),
    Listing("profile-matrix", "orgs_organization", "kind = 'sub'"),
    Listing("module-batches", "orgs_modulebatch"),
    Listing("organization-import-list", "orgs_organizationimport", "status = 'checked'"),
    Listing("organization-import-page", "orgs_importline", about="imported"),
    Listing("organization-import-page", "orgs_importline", about="imported", query="?export=csv"),
    Listing("vendor-list", "orgs_organization", "kind = 'third_party'"),
    Listing("request-list", "vendors_servicerequest"),
    Listing("organization-requests", "vendors_servicerequest", AT_NORTH, "organization"),
    Listing("patient-requests", "vendors_servicerequest", about="patient"),
    Listing("request-report", "vendors_servicerequest"),
    Listing("request-report", "vendors_servicerequest", query="?export=csv"),
    Listing("request-list", "vendors_servicerequest", query="?export=csv"),
    Listing("sale-list", "ledger_sale", query="?export=csv"),
    Listing("entitlement-list", "ledger_entitlement", query="?export=csv"),
    Listing("membership-list", "orgs_membership", query="?export=csv"),
    Listing("vendor-list", "orgs_organization", "kind = 'third_party'", query="?export=csv"),
    Listing("portal", "vendors_servicerequest", "status = 'requested'", persona="contact"),
    *(
        Listing(name, table, where, query="?_every=1", more=100)  # a row is a name there, no more
        for names, table, where in (
            ("organization-suspend-many organization-reactivate-many", "orgs_organization", "kind = 'sub'"),
            ("membership-end-many membership-extend-many", "orgs_membership", "true"),
            ("membership-role-many", "orgs_membership", "true"),
            ("invitation-resend-many invitation-revoke-many", "orgs_invitation", "true"),
            ("content-publish-many content-share-many content-retire-many", "content_contentitem", "true"),
            ("patient-register-many", "patients_patient", "true"),
            ("service-retire-many service-reactivate-many", "ledger_service", "true"),
            ("package-sell-many package-withdraw-many", "ledger_package", "true"),
            ("rule-activate-many rule-end-many", "ledger_ruleversion", "true"),
            ("request-cancel-many", "vendors_servicerequest", "true"),
        )
        for name in names.split()
    ),
    *(
        Listing(name, "orgs_settingwaiver", apart="organization_id", query="?_every=1", more=100)
        for name in ("waiver-decide-many", "waiver-end-many")
    ),
]


@dataclass
class Reading:
    """What one request of a list cost."""

    queries: list[str]
    size: int


def arguments(listing: Listing, record: object) -> list[object]:
    """What stands in the address: a record, a word, or nothing."""
    return [record] if listing.about else [listing.word] if listing.word else []


def _seen_now(client: Client) -> None:
    """A session that was seen a minute ago is written by the next request; not by the one that is measured."""
    if settings.SESSION_COOKIE_NAME in client.cookies:
        session = client.session
        session["seen_at"] = int(time.time())
        session.save()


def read(stage: Stage, listing: Listing) -> Reading:
    client = stage.client(listing.persona)
    url = reverse(listing.name, args=arguments(listing, stage.own.get(listing.about))) + listing.query.format(
        **stage.own
    )
    _seen_now(client)
    client.get(url)  # what is read once per process or session is read now
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
        body = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200, (listing.name, answer.status_code)
    return Reading([query["sql"] for query in queries], len(body))


@pytest.fixture(scope="module")
def readings(stage_database: tuple[str, Stage], django_db_blocker) -> dict[str, tuple[Reading, Reading]]:
    """Every list read with few rows and again with thirty."""
    name, stage = stage_database
    with (
        django_db_blocker.unblock(),
        databases.own("budget", source=name) as copied,
        databases.administrator_in(copied) as administrator,
        administrator.cursor() as cursor,
    ):
        rows = Multiplier(cursor, stage.cast.network.pk)
        stage.client("desk").get(
            reverse("patient", args=[stage.own["patient"]])
        )  # a first line for the log of reads
        rows.trim("audit_auditevent", 2, AT_NORTH)
        for listing in LISTS:
            rows.fill(listing.table, 3, listing.where, listing.apart)
        administrator.commit()
        few = {listing.label: read(stage, listing) for listing in LISTS}
        rows.trim("audit_auditevent", 3, AT_NORTH)
        for listing in LISTS:
            rows.fill(listing.table, 30, listing.where, listing.apart)
        administrator.commit()
        many = {listing.label: read(stage, listing) for listing in LISTS}
    return {name: (few[name], many[name]) for name in few}


@pytest.mark.parametrize("name", [listing.label for listing in LISTS])
def test_as_many_queries_for_thirty_rows_as_for_three(readings, name):
    few, many = readings[name]
    more = next(listing.more for listing in LISTS if listing.label == name)
    assert many.size > few.size + more, "the page has to show more, or this proves nothing"
    extra = [query for query in many.queries if query not in few.queries]
    assert len(many.queries) == len(few.queries), (
        f"{len(few.queries)} queries became {len(many.queries)}, among them {extra}"
    )


#: Why a page or a preview has no budget.
EACH = {
    "OrganizationsArchive": "what stands against archiving is asked of every app, for each of at most `most` rows",
    "UnclaimedPaymentPage": "it lists what its payment names, to which a copy adds nothing; the list has a budget",
}


def test_every_list_page_and_every_act_on_several_rows_has_a_budget():
    paged = {view for _, view in ROUTES if isinstance(view, type) and issubclass(view, ListPage | BulkPage)}
    listed = {view for path, view in ROUTES if any(reverse_matches(path, listing) for listing in LISTS)}
    assert {view.__name__ for view in paged - listed} == EACH.keys()


def reverse_matches(path: str, listing: Listing) -> bool:
    address = reverse(listing.name, args=arguments(listing, 77)).lstrip("/")
    return address == path.replace("<int:pk>", "77").replace("<str:key>", listing.word or "?")


def test_a_list_that_asks_for_every_row_is_noticed(readings, stage, monkeypatch):
    """The page of memberships, as it would be without joining its people."""
    from orgs.views import membership

    monkeypatch.setattr(membership, "visible_memberships", lambda actor: membership.Membership.objects.all())
    listing = next(listing for listing in LISTS if listing.name == "membership-list")
    assert len(read(stage, listing).queries) > len(readings["membership-list"][0].queries) + 10
