"""Screenshots of every page of the demo network, in both themes and both sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from content.queries.item import draft_of, items_for, newest_of, overrides_of, shares_of
from core.actors import ContactActor, UserActor
from core.models import Network
from core.tenancy import bound
from core.tenancy.binding import portal_role
from ledger.queries.backtest import backtests_for, differing_events
from ledger.queries.beneficiary import beneficiaries_of
from ledger.queries.catalog import services_for
from ledger.queries.charge_receipt import charge_receipts_for
from ledger.queries.closed_statement import closed_statements_for
from ledger.queries.entitlement import entitlements_for, lines_of
from ledger.queries.journal import events_for
from ledger.queries.mutual import claims_for
from ledger.queries.offer import packages_for
from ledger.queries.period import reopenings_for
from ledger.queries.price_change import price_changes_for
from ledger.queries.quote import quotes_for
from ledger.queries.redemption_import import imports_for as redemption_imports_for
from ledger.queries.rule import rule_versions_for
from ledger.queries.sale import sales_for
from ledger.queries.schedule import schedules_for
from ledger.queries.tax import tax_codes_for
from ledger.queries.unclaimed import payments_for as payments_of_unclaimed
from ledger.queries.unclaimed import unclaimed_for
from network.demo.places import PASSWORD
from network.pages import ADMINISTRATOR, FRONT_DESK, STRANGER, VENDOR, Page
from orgs.queries.decision import batches_for, waivers_for
from orgs.queries.enterprise import checklist, enterprises_of
from orgs.queries.hostname import host_names
from orgs.queries.import_file import imports_for
from orgs.queries.membership import networks_of_user, open_invitations, visible_memberships
from orgs.queries.module import batches_for as module_batches_for
from orgs.queries.organization import affiliations_of, visible_organizations
from patients.queries.filled import forms_of_all
from people.queries.saved_view import own_views
from people.queries.user import user_by_email
from settlement.permissions import RECONCILIATION_VIEW
from settlement.queries.agreement import agreements_for
from settlement.queries.dispute import disputes_for
from settlement.queries.reconciliation import findings_for, reconciliations_for, statements_for
from settlement.queries.run import (
    bank_accounts_for,
    confirmations_for,
    payments_for,
    remittances_for,
    runs_for,
)
from vendors.actions.contact import issue_link
from vendors.actions.portal import sign_in
from vendors.portal.session import COOKIE
from vendors.queries.request import requests_for, waiting_messages
from vendors.queries.vendor import visible_contacts, visible_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext
    from playwright.sync_api import Page as Tab

CODE = "SAH"
SIGN_INS = {ADMINISTRATOR: "meera@sahyadri.example", FRONT_DESK: "nisha@sahyadri.example"}
SIZES = ((1440, 900), (390, 844))
THEMES = ("light", "dark")

Say = Callable[[str], object]


@dataclass(frozen=True)
class Demo:
    """Records of the demo network to look at, by the names that `network.pages` gives them."""

    network_id: int
    examples: dict[str, int | str]
    portal_token: str


def read_demo() -> Demo | None:
    """The demo network of this database; None before it was loaded."""
    user = user_by_email(SIGN_INS[ADMINISTRATOR])
    for network_id in networks_of_user(user.pk) if user else ():
        with bound(network_id):
            if user and Network.objects.get(pk=network_id).code == CODE:
                actor = UserActor.of(user.pk, user.name)
                return Demo(network_id, _examples(actor) | _keys(user), _portal_token(actor))
    return None


def _examples(actor: UserActor) -> dict[str, int | str]:
    """Records as the administrator finds them; what the demo lacks is left out."""
    places = dict(visible_organizations(actor).values_list("code", "pk"))
    event = events_for(actor).filter(kind="redemption", rule_version__isnull=False).latest("pk")
    entitlement = entitlements_for(actor).filter(lines__movements__event=event)[0]
    rules, requests = rule_versions_for(actor), requests_for(actor).filter(vendor_id=places["PRE"])
    found = {
        "event": event,
        "entitlement": entitlement,
        "line": next((line for line in lines_of(entitlement) if line.left_units), None),
        "sale": sales_for(actor).filter(entitlement=entitlement).first(),
        **_family(actor),
        "credit_line": _credit_line(actor),
        "charge_receipt": charge_receipts_for(actor).first(),
        "price_change": price_changes_for(actor).first(),
        "quote": quotes_for(actor).exclude(patient=None).first(),
        "unclaimed": unclaimed_for(actor).filter(payment=None).first(),
        "unclaimed_payment": payments_of_unclaimed(actor).first(),
        "asked_quote": quotes_for(actor).filter(patient=None).first(),
        "rule": rules.filter(status="active").first(),
        "draft_rule": rules.filter(status="draft").first(),
        "reopening": reopenings_for(actor).filter(status="requested").first(),
        "closed_statement": closed_statements_for(actor).first(),
        **_settlements(actor),
        "service": services_for(actor).filter(code="BLOOD").first(),
        "tax_code": tax_codes_for(actor).filter(method="included").first(),
        "package": packages_for(actor).filter(code="HEART").first(),
        "membership": visible_memberships(actor).filter(organization_id=places["SHI"]).first(),
        "invitation": open_invitations(actor).first(),
        "affiliation": affiliations_of(visible_organizations(actor).get(code="DEC")).first(),
        "contact": visible_contacts(actor).filter(vendor_id=places["PRE"]).first(),
        "vendor_service": visible_settings(actor).filter(vendor_id=places["PRE"]).first(),
        "drafted": requests.filter(status="draft").first(),
        "asked": requests.filter(status__in=["requested", "received"]).first(),
        "accepted": requests.filter(status="accepted").first(),
        "completed": requests.filter(status="completed").first(),
        **_conversation(actor),
        "held": requests.filter(status="on-hold").first(),
        "import": imports_for(actor).filter(status="checked").first(),
        "imported": imports_for(actor).filter(status="imported").first(),
        "redemption_import": redemption_imports_for(actor).filter(status="checked").first(),
        "redeemed_import": redemption_imports_for(actor).filter(status="redeemed").first(),
        "module_batch": module_batches_for(actor).filter(undone_at=None).first(),
        "view": own_views(actor).first(),
        "batch": batches_for(actor).filter(undone_at=None).first(),
        "step": checklist().first(),
        "host_name": host_names().first(),
        "waiver": waivers_for(actor).filter(status="requested").first(),
        "granted_waiver": waivers_for(actor).filter(status="granted").first(),
    }
    found |= _content_examples(actor) | _tested(actor, places["DEC"]) | _mutual_examples(actor, places)
    shown = {
        "organization": CODE,
        "sub": "SHI",
        "partner": "DEC",
        "leaver": "GHA",
        "left": "PAN",
        "vendor": "PRE",
    }
    return {
        **{name: record.pk for name, record in found.items() if record is not None},
        **{name: places[code] for name, code in shown.items()},
        "patient": entitlement.patient_id,
        "enterprise": enterprises_of(actor)[0].pk,
        "partner_code": shown["partner"],
        "item_kind": "scale",
        "file_kind": "attachment",
        "item_link": "risk-of-falling",
        "step_kind": "service",
        "step_link": "consultation",
        "setting_key": "structure.max_sub_depth",
        "own_key": "billing.discount_cap",
    }


def _family(actor: UserActor) -> dict[str, Any]:
    """An entitlement that several people use, and one of them."""
    family = entitlements_for(actor).filter(package__code="FAMILY").first()
    return {"family": family, "person": beneficiaries_of(family).first() if family else None}


def _credit_line(actor: UserActor) -> Any:
    """Credit of which something is left."""
    credit = entitlements_for(actor).filter(package__code="CREDIT", lines__left_units__gt=0).first()
    return lines_of(credit)[0] if credit else None


def _tested(actor: UserActor, partner: int) -> dict[str, Any]:
    """A back-test, and an event in the partner's books that would have another entry."""
    test = backtests_for(actor).first()
    if test is None:
        return {}
    row = differing_events(test, partner).first()
    return {"backtest": test, "tested": row and row.event}


def _mutual_examples(actor: UserActor, places: dict[str, int]) -> dict[str, Any]:
    """What stands between the parent and a partner, a dispute about it, and the partner's statement."""
    one = reconciliations_for(actor).first()
    claim = claims_for(actor, RECONCILIATION_VIEW).filter(organization_id=places["DEC"]).first()
    return {
        "claim": claim,
        "claim_event": claim and events_for(actor).filter(lines__account=claim).order_by("pk").last(),
        "dispute": disputes_for(actor).order_by("opened_at").first(),
        "statement": statements_for(actor).filter(read_at=None).first(),
        "reconciliation": one,
        "finding": one and findings_for(actor).filter(reconciliation=one, answer="").last(),
    }


def _content_examples(actor: UserActor) -> dict[str, Any]:
    """Content as its administrator finds it, and a form that was filled with it."""
    intake, falls = (
        items_for(actor).filter(code=code, source=None).first() for code in ("intake", "falls-risk")
    )
    if intake is None or falls is None:
        return {}
    begun = forms_of_all(actor).filter(status="draft").first()
    complete = begun and forms_of_all(actor).filter(status="complete", patient_id=begun.patient_id).first()
    weight, pressure = (
        items_for(actor).get(code=code, source=None)
        for code in ("weight-management", "hypertension-follow-up")
    )
    shared = items_for(actor).filter(code="chart-physiotherapy", source=None).first()
    return {
        "content": shared,
        "content_copy": items_for(actor).filter(code="chart-physiotherapy").exclude(source=None).first(),
        "content_share": shared and shares_of(shared).first(),
        "content_version": newest_of(intake),
        "content_draft": draft_of(falls),
        "shared_form": intake,
        "override": overrides_of(intake).first(),
        "override_draft": (drafted := overrides_of(intake).last()) and draft_of(drafted),
        "program_version": newest_of(weight),
        "program_draft": draft_of(pressure),
        "filled_form": complete,
        "begun_form": begun,
        "form_place": begun and begun.organization,
        "form_patient": begun and begun.patient,
    }


def _conversation(actor: UserActor) -> dict[str, Any]:
    """What waits for an answer of the network, and of a vendor."""
    theirs, ours = (
        waiting_messages(actor, side).filter(kind="question").first() for side in ("vendor", "staff")
    )
    return {
        "question": theirs,
        "asking": theirs and theirs.request,
        "told": ours,
        "asked_back": ours and ours.request,
    }


def _settlements(actor: UserActor) -> dict[str, Any]:
    """One settlement that waits, one that was paid, and what belongs to them."""
    runs, payments = runs_for(actor), payments_for(actor)
    waiting, paid = runs.filter(status="proposed").first(), runs.filter(status="settled").first()
    confirmation = confirmations_for(actor).filter(bounced_on=None).first()
    return {
        "settlement": waiting,
        "paying_settlement": paid,
        "approved_settlement": waiting,
        "paying_payment": payments.filter(confirmations__bounced_on__isnull=False).first(),
        "open_payment": payments.filter(run=waiting).first() if waiting else None,
        "confirmation": confirmation,
        "remittance": remittances_for(actor).filter(run=paid).first() if paid else None,
        "agreement": agreements_for(actor).first(),
        "report_schedule": schedules_for(actor).exclude(view=None).order_by("pk").first(),
        "bank_account": bank_accounts_for(actor).first(),
    }


def _keys(user: Any) -> dict[str, int | str]:
    """What only a mail holds. Every link of the portal that opens nothing looks like one that does."""
    return {
        "absent": 0,
        "wrong_token": "unknown",
        "portal_secret": "unknown",
        "user_key": user_pk_to_url_str(user),
        "password_key": default_token_generator.make_token(user),
    }


def _portal_token(actor: UserActor) -> str:
    """A session of a vendor's contact, as link and code would start it."""
    contact = visible_contacts(actor).filter(vendor__code="PRE")[0]
    link, _ = issue_link(actor, contact)
    with portal_role(contact.vendor_id, contact.pk):
        who = ContactActor.of(contact.pk, contact.name, contact.vendor_id)
        return sign_in(who, contact, link_id=link.pk)


class Photographer:
    """Opens each page once as the person who uses it, and takes it in every size and theme."""

    def __init__(self, browser: Browser, url: str, demo: Demo, folder: Path, *, whole: bool) -> None:
        self._browser = browser
        self._url = url
        self._demo = demo
        self._folder = folder
        self._whole = whole
        self._tabs: dict[str, Tab] = {}

    def take(self, pages: Sequence[Page], say: Say) -> int:
        """Take all pages, into a folder that is there; returns how many pictures there are."""
        taken = 0
        for page in pages:
            try:
                path = page.path(self._demo.examples)
            except KeyError as missing:
                say(f"{page.name}: left out, the demo has no {missing.args[0]}")
                continue
            taken += self._take(page, path)
            say(f"{page.name}: {path}")
        return taken

    def _take(self, page: Page, path: str) -> int:
        tab = self._tab_of(page.by)
        tab.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
        answer = tab.goto(path)
        if answer is None or answer.status != page.status:
            raise UnexpectedPageError(f"{path} answered {answer and answer.status} instead of {page.status}.")
        for width, height in SIZES:
            tab.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                tab.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                tab.screenshot(
                    path=self._folder / f"{page.name}-{width}-{theme}.png",
                    full_page=self._whole,
                    animations="disabled",
                )
        return len(SIZES) * len(THEMES)

    def _tab_of(self, by: str) -> Tab:
        if by not in self._tabs:
            context = self._browser.new_context(base_url=self._url, reduced_motion="reduce")
            if by == VENDOR:
                context.add_cookies([{"name": COOKIE, "value": self._demo.portal_token, "url": self._url}])
            elif by != STRANGER:
                self._sign_in(context, SIGN_INS[by])
            self._tabs[by] = context.pages[0] if context.pages else context.new_page()
        return self._tabs[by]

    def _sign_in(self, context: BrowserContext, email: str) -> None:
        tab = context.new_page()
        tab.goto("/account/sign-in/")
        tab.get_by_label("E-mail").fill(email)
        tab.get_by_label("Password").fill(PASSWORD)
        tab.get_by_role("button", name="Sign in").click()
        tab.wait_for_url(lambda url: "/sign-in/" not in url)
        tab.goto("/networks/")
        tab.locator(f"button[name=network][value='{self._demo.network_id}']").click()
        tab.wait_for_url("**/console/")


class UnexpectedPageError(Exception):
    """A page did not answer as it should; a picture of an error page would show nothing."""
