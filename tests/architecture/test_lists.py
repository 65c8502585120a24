"""Every list has what every list has: files, saved views, columns to choose, and acts on several rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from core.views.list import ListPage
from tests.architecture.test_views import ROUTES

LISTS = {view for _, view in ROUTES if isinstance(view, type) and issubclass(view, ListPage)}
#: Lists whose rows have no act that makes sense for several at once, besides exporting those that are chosen.
NO_ACTS = {
    "AuditList": "the trail is append-only",
    "OrganizationActivity": "the trail is append-only",
    "ScheduleList": "a schedule is paused, edited and sent by itself, by who knows whom it goes to",
    "SealList": "seals are append-only, and verified as a chain",
    "PatientReads": "the log of reads is append-only",
    "RateList": "rates are append-only; a wrong one is corrected by the right one",
    "SaleList": "money goes back for one sale at a time, for its own reason and by its own rules",
    "EntitlementList": "money goes back, and units are redeemed, for one patient at a time",
    "EntitlementPeople": "each is removed for their own reason",
    "PriceChangeList": "each is taken back by itself, as long as it is not in force",
    "QuoteList": "each is sold, mailed or withdrawn by itself, for its own patient",
    "UnclaimedList": "what is held is paid where one holder's items are listed",
    "UnclaimedPaymentPage": "what one payment was of, which is voided as a whole",
    "TaxCodeList": "a tax code is withdrawn by itself, once its services have another one",
    "RunList": "a settlement is approved, paid and cancelled by itself, as it was seen",
    "RunPage": "what one settlement comes to; it is approved as a whole",
    "RunPayments": "money arrives payment by payment; all at once is what settling does",
    "RemittanceList": "a statement is what a settlement came to",
    "AgreementList": "what was signed is not edited, and ends for its own reason",
    "BankAccountList": "an account is closed by itself: payments go there",
    "RequestReport": "a report; its requests are acted on where requests are listed",
    "ImportList": "an import is started or cancelled by itself, with its own dry run",
    "ImportPage": "the lines of one dry run, which are imported together",
    "RedemptionImportList": "a file is redeemed or stopped by itself, with what its lines come to",
    "RedemptionImportPage": "the lines of one file, which are redeemed in their order",
    "ClaimList": "items are acknowledged where they stand, by who has looked at them",
    "DisputeList": "a dispute ends by itself, in words that both sides read",
    "ReconciliationList": "each is signed off by itself, by who has looked at what it found",
    "ModuleBatches": "what was switched last hides what was before: each is taken back by itself, with its preview",
    "SettingBatches": "what was set last hides what was before: each is taken back by itself, with its preview",
}
#: Templates that show several records of a kind without being a list with all that a list has.
NO_LISTS = {
    "console/search_page.html": "what a search found, of all kinds",
    "content/drift.html": "a comparison of copies with their source, each with its own decision",
    "content/item.html": "the versions and shares of one item",
    "dev_mail.html": "embedded development alone",
    "ledger/counter.html": "who is served at this counter",
    "ledger/counter_hits.html": "who is served at this counter",
    "ledger/counter_patient.html": "what one patient may redeem or buy, each a step of its own",
    "ledger/entitlement.html": "the units and the history of one entitlement",
    "ledger/event.html": "the lines and the reasons of one event",
    "ledger/journal.html": "millions of entries, read from a place in them on and never counted; filters and files are there",
    "ledger/lines.html": "millions of lines, read from a place in them on and never counted; filters and a file are there",
    "ledger/package.html": "what one package has in it",
    "ledger/patient_prepaid.html": "one patient's own entitlements; Entitlements lists those of all",
    "ledger/period_checklist.html": "what stands before closing one month",
    "ledger/periods.html": "a book a row, closed in the order of months; who closed what stands in the trail",
    "ledger/rate_import.html": "the lines of one file, before it is taken",
    "ledger/breakage.html": "a statement, and the last runs behind it; the journal lists all",
    "ledger/revaluation.html": "a statement",
    "ledger/price_change.html": "a preview; every price is in its file",
    "ledger/quote.html": "what one quote offers",
    "ledger/receipt.html": "the credit notes of one sale",
    "ledger/figure_lines.html": "what one figure is made of, paged by key and as CSV",
    "ledger/report_schedule.html": "who gets one report, and the last times it went out",
    "ledger/report_table.html": "a statement",
    "ledger/backtest.html": "a comparison, organization by organization; its events are read from a place on",
    "ledger/backtest_side.html": "one entry",
    "ledger/rule.html": "the versions of one rule",
    "ledger/rule_examples.html": "the expectations of one rule's examples",
    "ledger/service.html": "the prices of one service",
    "ledger/statement_table.html": "a statement",
    "ledger/tax_code.html": "the rates of one tax code, and the services that have it",
    "network_switch.html": "the networks of one person",
    "orgs/content_import.html": "a preview of one file",
    "orgs/invitations.html": "who is still expected at one organization; Invitations lists all",
    "orgs/module_switch.html": "a preview",
    "orgs/organization_detail.html": "the contracts and places of one organization",
    "orgs/organization_modules.html": "the modules of one organization: as many as there are",
    "orgs/parent_account.html": "the checklist of one Parent Account: a dozen steps in their order",
    "orgs/setting_apply.html": "a preview",
    "orgs/setting_compare.html": "a comparison",
    "orgs/setting_groups.html": "the settings that there are, by group",
    "orgs/setting_rows.html": "the settings of one organization: as many as there are, by group",
    "patients/form_choose.html": "what can be filled for one patient now",
    "patients/patient_detail.html": "the registrations and identifiers of one patient",
    "patients/patient_forms.html": "one patient's own forms, at most the latest hundred",
    "patients/choice.html": "which patient something is done for",
    "settlement/claim.html": "a million items, read from a place in them on and never counted; acknowledged in bulk there",
    "settlement/reconciliation.html": "the parts of one difference, above the list of findings",
    "settlement/statement_columns.html": "the first rows of one file",
    "settlement/statement_problems.html": "the lines of one file with errors",
    "settlement/agreement.html": "the parties of one agreement",
    "settlement/payment.html": "what arrived for one payment",
    "settlement/remittance.html": "one statement; its lines are in its file",
    "vendors/price_form.html": "the prices of one service of one vendor",
    "vendors/request_rows.html": "the latest requests of one vendor; Requests lists all",
    "vendors/result_values.html": "the values of one result",
    "vendors/vendor_detail.html": "the contacts, contracts and services of one vendor",
}
MENUS = "components/list_menus.html"
ROOT = Path(settings.BASE_DIR) / "templates"


def includes(template: str, wanted: str) -> bool:
    """Does a template, what it extends or what it includes, include another?"""
    source = (ROOT / template).read_text()
    if wanted in source:
        return True
    named = re.findall(r'{% (?:extends|include) "([^"]+)"', source)
    return any(includes(one, wanted) for one in named if one != template)


def test_there_are_lists():
    assert len(LISTS) > 10


@pytest.mark.parametrize("view", sorted(LISTS, key=str), ids=lambda view: view.__name__)
def test_a_list_has_files_views_and_columns(view):
    for name in ("get", "export", "list_query", "export_links", "may_export", "arranged"):
        assert getattr(view, name) is getattr(ListPage, name), f"{view.__name__} goes its own way: {name}"
    assert includes(view.template, MENUS), f"{view.template} lacks {MENUS}"


@pytest.mark.parametrize("view", sorted(LISTS, key=str), ids=lambda view: view.__name__)
def test_a_list_has_acts_on_several_rows_or_says_why_not(view):
    own = view.bulk_actions is not ListPage.bulk_actions
    assert own != (view.__name__ in NO_ACTS)


def test_no_reason_is_left_over():
    assert NO_ACTS.keys() <= {view.__name__ for view in LISTS}


def shows_several(source: str) -> bool:
    """Does a template repeat rows of a table, or what can be chosen?"""
    return "{% for" in source and ("<table" in source or 'class="choice"' in source)


def test_what_shows_several_records_is_a_list_or_says_why_not():
    pages = {str(path.relative_to(ROOT)): path.read_text() for path in ROOT.rglob("*.html")}
    showing = {name for name, source in pages.items() if shows_several(source)}
    assert {
        name for name in showing if not name.startswith(("components/", "console/design"))
    } == NO_LISTS.keys()


def test_a_list_that_forgets_is_noticed():
    assert not includes("console/detail.html", MENUS)
    assert includes("console/list.html", MENUS)
