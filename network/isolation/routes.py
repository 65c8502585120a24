"""Who gets what answer on every route: one line a route.

A console page is `page(name, *things, may=..., sees=...)`. `may` are the personas who get `get` (200) and, on POST
with nothing but the network, `post` (405 where the page takes none; 422 for a form). `sees` are those who see its
record and may not do this: 403. Everybody else of the network gets 404 on a record and 403 elsewhere. A stranger, a
suspended person and a vendor's contact are sent to sign in, a person whose role has ended to the choice of networks,
and nobody ever sees a record of another network.

A page that needs no sign-in is `public(name, stranger=..., signed_in=...)`: (answer to GET, answer to POST).
A page of the vendor portal is `portal(name, *things, get=..., post=...)`: it answers the vendor's contact, 404 to
another vendor's where it is about a record, and 401 to everybody else, however well known in the console.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver

from core.views.export import FORMATS
from core.views.list import ListPage
from network.isolation import records as t
from network.isolation.cast import PEOPLE
from network.isolation.records import Thing

METHODS = ("GET", "POST")
#: Who isn't signed in to the console, or isn't anybody there any more.
STRANGERS = ("stranger", "suspended", "contact", "rival")
#: Who works in another network, who has left, who owns the enterprise, and who works in this and another network.
OUTSIDERS = ("foreigner", "ended", "owner")
PERSONAS = (*STRANGERS, *OUTSIDERS, "guest", *PEOPLE)
#: Those whose answers are another persona's: the guest is at North Clinic's desk, and in another network besides.
LIKE = {"guest": "desk", "owner": "ended"}

Answers = tuple[int, int]


@dataclass(frozen=True)
class Route:
    """One named route with what it answers."""

    name: str
    things: tuple[Thing, ...] = ()
    may: frozenset[str] = frozenset()
    sees: frozenset[str] = frozenset()
    answers: Answers = (200, 405)
    kind: str = "console"
    stranger: Answers = (0, 0)
    owner: Answers | None = None
    also: dict[str, Any] = field(default_factory=dict)
    query: str = ""

    @property
    def refused(self) -> int:
        return 404 if self.things else 403

    def expected(self, persona: str, method: str) -> int | str:
        """The status, or where the person is sent."""
        if self.kind != "public":
            persona = LIKE.get(persona, persona)
        answer, by_stranger = (pair[METHODS.index(method)] for pair in (self.answers, self.stranger))
        if self.kind == "portal":
            rival = 404 if self.things else answer
            return {"contact": answer, "rival": rival}.get(persona, 401)
        if self.kind == "public":
            if persona == "owner":
                return (self.owner or self.answers)[METHODS.index(method)]
            return by_stranger if persona in STRANGERS else answer
        if persona in STRANGERS:
            return "/account/sign-in/"
        if persona == "ended":
            return "/networks/" if self.name != "network-switch" else answer
        if persona == "foreigner":
            return 404 if self.things else answer
        return answer if persona in self.may else 403 if persona in self.sees else self.refused


def page(
    name: str,
    *things: Thing,
    may: str,
    sees: str = "",
    get: int = 200,
    post: int = 405,
    query: str = "",
    **also: Any,
) -> Route:
    return Route(
        name,
        things,
        frozenset(may.split()),
        frozenset(sees.split()) - frozenset(may.split()),
        (get, post),
        also=also,
        query=query,
    )


def form(name: str, *things: Thing, may: str, sees: str = "", post: int = 422, **also: Any) -> Route:
    """A page with a form: sent empty, it comes back with what is missing."""
    return page(name, *things, may=may, sees=sees, post=post, **also)


def button(name: str, *things: Thing, may: str, sees: str = "") -> Route:
    """Takes POST only and sends the person on."""
    return page(name, *things, may=may, sees=sees, get=405, post=302)


def public(
    route: str,
    *things: Thing,
    stranger: Answers,
    signed_in: Answers | None = None,
    owner: Answers | None = None,
    **also: Any,
) -> Route:
    """`owner` is the answer to who owns the enterprise, where it is another than to everybody signed in."""
    return Route(
        route,
        things,
        answers=signed_in or stranger,
        stranger=stranger,
        owner=owner,
        kind="public",
        also=also,
    )


def portal(name: str, *things: Thing, get: int = 200, post: int = 405, **also: Any) -> Route:
    return Route(name, things, answers=(get, post), kind="portal", also=also)


EVERYBODY = " ".join(PEOPLE)
ADMINISTRATORS = "administrator local_admin"
DESKS = "parent_desk desk sibling partner child"
BOOKS = "administrator finance auditor"
#: Who sees North Clinic (S), where most of the records are.
AT_NORTH = "administrator finance auditor vendor_manager privacy local_admin desk clinician"
#: Who sees Quay Partners (Q).
AT_QUAY = "administrator finance auditor vendor_manager privacy partner"
#: Who sees the people, the patients, the prepaid rights and the requests there.
CONTENT_AT_NORTH = "administrator local_admin clinician"
FILLERS = "administrator local_admin desk clinician"
SETTINGS_AT_TOP = "administrator finance auditor vendor_manager privacy"
SETTINGS_AT_NORTH = f"{SETTINGS_AT_TOP} local_admin"
BILLING_AT_NORTH = "administrator finance local_admin"
CAP = "billing.discount_cap"
PEOPLE_AT_NORTH = "administrator auditor privacy local_admin"
PATIENTS_AT_NORTH = "administrator privacy local_admin desk clinician"
COUNTER_AT_NORTH = "administrator local_admin desk"
PREPAID_AT_NORTH = "administrator finance auditor local_admin desk clinician"
REQUESTS_AT_NORTH = "administrator finance auditor vendor_manager local_admin desk clinician"
REGISTRARS = "administrator local_admin desk"
#: Who sees third parties, which stand directly under the parent.
VENDORS = "administrator finance auditor vendor_manager"
VENDOR_EDITORS = "administrator vendor_manager"
WRITERS_TO_VENDORS = "administrator vendor_manager local_admin desk clinician"
FINANCE = "administrator finance"
QUOTES_AT_NORTH = "administrator finance auditor local_admin desk"
#: Who says who may use an entitlement that North Clinic sold and the parent holds.
SHARES = "administrator finance local_admin desk parent_desk"
CATALOG = f"{BOOKS} vendor_manager local_admin clinician {DESKS}"
PACKAGES = f"{BOOKS} local_admin clinician {DESKS}"

A_LIST = "?_path=/console/organizations/"

ROUTES: list[Route] = [
    # The shell
    public("front", stranger=(200, 200), signed_in=(302, 302)),
    page("home", may=EVERYBODY),
    page("search", may=EVERYBODY),
    page("network-switch", may=EVERYBODY, post=422),
    public("dev-mail", stranger=(200, 405)),
    public("dev-mail-page", stranger=(404, 405), name="nothing.0"),
    # Sign-in
    public("account_login", stranger=(200, 200), signed_in=(302, 302)),
    public("account_logout", stranger=(302, 302), signed_in=(200, 302)),
    public("account_request_login_code", stranger=(200, 200), signed_in=(302, 302)),
    public("account_confirm_login_code", stranger=(302, 302), signed_in=(302, 302)),
    public("account_reset_password", stranger=(200, 200)),
    public("account_reset_password_done", stranger=(200, 405)),
    public("account_reset_password_from_key", stranger=(200, 200), uidb36="1", key="wrong"),
    public("account_reset_password_from_key_done", stranger=(200, 405)),
    public("account_change_password", stranger=(302, 302), signed_in=(200, 200)),
    public("account_inactive", stranger=(200, 405)),
    public("account_reauthenticate", stranger=(302, 302), signed_in=(200, 200)),
    public("mfa_index", stranger=(302, 302), signed_in=(200, 405)),
    public("mfa_authenticate", stranger=(302, 302), signed_in=(302, 302)),
    public(
        "mfa_reauthenticate", stranger=(302, 302), signed_in=(302, 302)
    ),  # to the password: there is no factor
    public("mfa_activate_totp", stranger=(302, 302), signed_in=(302, 302)),  # first the password once more
    public("mfa_deactivate_totp", stranger=(302, 302), signed_in=(404, 404)),
    public("mfa_view_recovery_codes", stranger=(302, 302), signed_in=(404, 405)),
    public("mfa_generate_recovery_codes", stranger=(302, 302), signed_in=(302, 302)),
    public("logo", stranger=(404, 405), digest="0" * 64),
    public("invitation-accept", stranger=(410, 410), token="wrong"),
    # Saved views
    form("view-save", may=EVERYBODY, query=A_LIST),
    form("view-edit", t.view, may="administrator", query=A_LIST),
    form("view-delete", t.view, may="administrator", post=302, query=A_LIST),
    # One act on several rows
    form("organization-suspend-many", may="administrator"),
    form("organization-reactivate-many", may="administrator"),
    form("organization-archive-many", may="administrator"),
    form("membership-end-many", may=ADMINISTRATORS),
    form("membership-extend-many", may=ADMINISTRATORS),
    form("membership-role-many", may=ADMINISTRATORS),
    form("invitation-resend-many", may=ADMINISTRATORS, post=409),
    form("invitation-revoke-many", may=ADMINISTRATORS, post=409),
    form("waiver-decide-many", may=ADMINISTRATORS),
    form("waiver-end-many", may=ADMINISTRATORS),
    form("content-publish-many", may=ADMINISTRATORS),
    form("content-share-many", may=ADMINISTRATORS),
    form("content-retire-many", may=ADMINISTRATORS),
    form("service-reactivate-many", may=FINANCE, post=409),
    form("patient-register-many", may=f"administrator local_admin {DESKS}"),
    form("service-retire-many", may=FINANCE, post=409),
    form("package-sell-many", may=FINANCE, post=409),
    form("package-withdraw-many", may=FINANCE, post=409),
    form("rule-activate-many", may=FINANCE, post=409),
    form("rule-end-many", may=FINANCE),
    form("request-cancel-many", may=f"administrator vendor_manager local_admin clinician {DESKS}"),
    # Organizations
    page("organization-list", may=EVERYBODY),
    page("organization-export-parents", may="administrator"),
    page("organization-export-paths", may="administrator"),
    page("organization-export-fhir", may="administrator"),
    form("organization-import", may="administrator"),
    page("organization-import-example", may="administrator", form="path"),
    page("organization-import-list", may="administrator"),
    page("organization-import-page", t.imported, may="administrator"),
    page("organization-import-progress", t.imported, may="administrator", get=204),
    button("organization-import-start", t.imported, may="administrator"),
    button("organization-import-compare", t.imported, may="administrator"),
    button("organization-import-cancel", t.imported, may="administrator"),
    form("redemption-import", may="administrator"),
    page("redemption-import-list", may="administrator"),
    page("redemption-import-page", t.redemption_import, may="administrator"),
    page("redemption-import-progress", t.redemption_import, may="administrator", get=204),
    button("redemption-import-start", t.redemption_import, may="administrator"),
    button("redemption-import-stop", t.redemption_import, may="administrator"),
    form("organization-move-many", may="administrator"),
    page("organization-branch", t.organization, may=AT_NORTH),
    page("organization", t.organization, may=AT_NORTH),
    form("organization-add", t.organization, may=ADMINISTRATORS, sees=AT_NORTH),
    form("organization-edit", t.organization, may=ADMINISTRATORS, sees=AT_NORTH),
    form("organization-move", t.organization, may="administrator", sees=AT_NORTH),
    form("organization-suspend", t.organization, may="administrator", sees=AT_NORTH),
    form("organization-reactivate", t.organization, may="administrator", sees=AT_NORTH),
    form("organization-archive", t.organization, may="administrator", sees=AT_NORTH),
    form("organization-leave", t.partner, may="administrator", sees=AT_QUAY),
    page("organization-records", t.partner, may="administrator", sees=AT_QUAY, post=302),
    page("own-records", t.own_records, may="administrator"),
    form(
        "affiliation-edit",
        t.affiliation,
        may="administrator",
        sees="finance auditor vendor_manager privacy partner",
    ),
    # Parent Accounts
    public("enterprise", stranger=(302, 302), signed_in=(200, 405)),
    public("parent-account-open", t.enterprise, stranger=(302, 302), signed_in=(404, 404), owner=(200, 422)),
    page("advisor", may=ADMINISTRATORS),
    page("parent-account", may="administrator finance privacy"),
    form("content-export", may="administrator"),
    form("content-import", may="administrator"),
    form("data-ownership", may="administrator", post=409),
    form("hostname-add", may="administrator"),
    form("hostname-give-up", t.host_name, may="administrator", sees=EVERYBODY, post=302),
    form("onboarding-step", t.step, may="administrator", sees=EVERYBODY, post=409),
    # Content
    page("content-list", may=CONTENT_AT_NORTH),
    form("content-add", may=ADMINISTRATORS),
    page("content", t.content, may=CONTENT_AT_NORTH),
    form("content-edit", t.content, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH),
    form("content-retire", t.content, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH),
    button("content-draft", t.content, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH),
    form("content-share", t.content, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH),
    form("content-override", t.content_above, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH),
    page("content-drift", t.content, may=CONTENT_AT_NORTH, post=302),
    form("content-share-end", t.content_share, may="administrator", post=302),
    page("content-preview", t.content_version, may=CONTENT_AT_NORTH),
    page("content-fhir", t.content_version, may=CONTENT_AT_NORTH),
    form("content-fhir-import", t.content_draft, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH),
    page("content-build", t.content_draft, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH),
    page("content-change", t.content_draft, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH, get=405, post=409),
    form("content-discard", t.content_draft, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH, post=409),
    form("content-publish", t.content_draft, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH),
    form("content-item-add", t.content_draft, may=ADMINISTRATORS, sees=CONTENT_AT_NORTH, kind="string"),
    form(
        "content-item-edit",
        t.content_draft,
        may=ADMINISTRATORS,
        sees=CONTENT_AT_NORTH,
        link_id="do-you-smoke",
    ),
    # Settings
    page("organization-settings", t.organization, may=SETTINGS_AT_NORTH, sees=AT_NORTH),
    page("setting-compare", t.organization, may=SETTINGS_AT_NORTH, sees=AT_NORTH),
    form("setting-edit", t.organization, may=BILLING_AT_NORTH, sees=AT_NORTH, key=CAP),
    form("setting-inherit", t.organization, may=BILLING_AT_NORTH, sees=AT_NORTH, key=CAP),
    form("waiver-request", t.organization, may=ADMINISTRATORS, sees=AT_NORTH, key=CAP),
    page("setting-list", may=SETTINGS_AT_NORTH),
    page("setting-spread", may=SETTINGS_AT_NORTH, key=CAP),
    form("setting-apply", may=SETTINGS_AT_NORTH),
    page("setting-batches", may=SETTINGS_AT_NORTH),
    form("setting-undo", t.batch, may="administrator", sees=SETTINGS_AT_TOP, post=302),
    page("waiver-list", may=SETTINGS_AT_NORTH),
    form("waiver-decide", t.waiver, may="administrator", sees=SETTINGS_AT_NORTH),
    form("waiver-end", t.granted, may="administrator", sees=SETTINGS_AT_TOP),
    # Modules
    page("organization-modules", t.organization, may=SETTINGS_AT_NORTH, sees=AT_NORTH),
    page("module-matrix", may=SETTINGS_AT_NORTH),
    page("profile-matrix", may=SETTINGS_AT_NORTH),
    form("module-switch", may=ADMINISTRATORS),
    page("module-batches", may=SETTINGS_AT_NORTH),
    form("module-undo", t.module_batch, may="administrator", sees=SETTINGS_AT_TOP, post=302),
    # People
    page("organization-people", t.organization, may=PEOPLE_AT_NORTH, sees=AT_NORTH),
    form("membership-invite", t.organization, may=ADMINISTRATORS, sees=AT_NORTH),
    page("membership-why", t.organization, may=PEOPLE_AT_NORTH, sees=AT_NORTH),
    page("membership-list", may=PEOPLE_AT_NORTH),
    page("invitation-list", may=PEOPLE_AT_NORTH),
    form("membership-end", t.membership, may=ADMINISTRATORS, sees=PEOPLE_AT_NORTH),
    button("invitation-revoke", t.invitation, may=ADMINISTRATORS, sees=PEOPLE_AT_NORTH),
    # The trail
    page("organization-activity", t.organization, may="administrator auditor privacy", sees=AT_NORTH),
    page("audit-list", may="administrator auditor privacy"),
    # Patients
    page("patient-list", may=f"administrator privacy local_admin clinician {DESKS}"),
    form("patient-register", may=f"administrator local_admin {DESKS}"),
    page("patient", t.patient, may=PATIENTS_AT_NORTH),
    form("patient-edit", t.patient, may=REGISTRARS, sees=PATIENTS_AT_NORTH),
    form("patient-register-at", t.patient, may=REGISTRARS, sees=PATIENTS_AT_NORTH),
    form("patient-home", t.patient, may=REGISTRARS, sees=PATIENTS_AT_NORTH),
    page("patient-forms", t.patient, may=FILLERS, sees=PATIENTS_AT_NORTH),
    page("patient-form-choose", t.patient, may=FILLERS, sees=PATIENTS_AT_NORTH),
    form("patient-form-fill", t.patient, t.form_place, t.form_content, may=FILLERS),
    page("patient-form", t.patient, t.filled, may=FILLERS),
    page("patient-form-file", t.patient, t.filled, may=FILLERS, link_id="referral-letter"),
    form("patient-form-edit", t.patient, t.begun, may=FILLERS),
    form("patient-form-error", t.patient, t.filled, may=FILLERS),
    page("patient-reads", t.patient, may="administrator privacy", sees=PATIENTS_AT_NORTH),
    page(
        "patient-prepaid", t.patient, may="administrator local_admin desk clinician", sees=PATIENTS_AT_NORTH
    ),
    page(
        "patient-requests", t.patient, may="administrator local_admin desk clinician", sees=PATIENTS_AT_NORTH
    ),
    page("organization-patients", t.organization, may=PATIENTS_AT_NORTH, sees=AT_NORTH),
    # The counter
    page("counter-start", may=f"administrator local_admin {DESKS}", get=302),
    page("counter", t.counter, may=COUNTER_AT_NORTH),
    page("counter-lookup", t.counter, may=COUNTER_AT_NORTH, get=302, post=422),
    page("counter-patient", t.counter, t.at_counter, may=COUNTER_AT_NORTH),
    form("counter-charge", t.counter, t.at_counter, may=COUNTER_AT_NORTH),
    page("counter-charge-price", t.counter, t.at_counter, may=COUNTER_AT_NORTH),
    form("counter-redeem", t.counter, t.line, may=COUNTER_AT_NORTH),
    page("counter-redeem-price", t.counter, t.line, may=COUNTER_AT_NORTH),
    form("counter-sell", t.counter, t.at_counter, t.offered, may=COUNTER_AT_NORTH),
    page("counter-sell-price", t.counter, t.at_counter, t.offered, may=COUNTER_AT_NORTH),
    # Catalog
    page("service-list", may=CATALOG),
    form("service-add", may=FINANCE),
    page("service", t.service, may=CATALOG),
    form("service-edit", t.service, may=FINANCE, sees=CATALOG),
    form("service-retire", t.service, may=FINANCE, sees=CATALOG, post=409),
    page("tax-code-list", may=CATALOG),
    form("tax-code-add", may=FINANCE),
    page("tax-code", t.tax_code, may=CATALOG),
    form("tax-rate-add", t.tax_code, may=FINANCE, sees=CATALOG),
    form("tax-code-withdraw", t.tax_code, may=FINANCE, sees=CATALOG, post=409),
    form("price-set", t.service, may=FINANCE, sees=CATALOG),
    page("price-change-list", may=CATALOG),
    page("price-change-add", may=FINANCE, post=422),
    form(
        "price-change-undo", t.price_change, may=FINANCE, sees="auditor vendor_manager parent_desk", post=302
    ),
    page("package-list", may=PACKAGES),
    form("package-add", may=FINANCE),
    page("package", t.package, may=PACKAGES),
    form("package-edit", t.package, may=FINANCE, sees=PACKAGES),
    form("package-status", t.package, may=FINANCE, sees=PACKAGES, post=409),
    # Sales and entitlements
    form("quote-add", t.counter, may=COUNTER_AT_NORTH),
    page("quote-list", may=f"{BOOKS} local_admin {DESKS}"),
    page("quote", t.quote, may=QUOTES_AT_NORTH),
    page("quote-pdf", t.quote, may=QUOTES_AT_NORTH),
    form("quote-withdraw", t.quote, may=COUNTER_AT_NORTH, sees="finance auditor", post=409),
    form("quote-mail", t.quote, may=COUNTER_AT_NORTH, sees="finance auditor", post=409),
    page("quote-sell", t.quote, may=COUNTER_AT_NORTH, sees="finance auditor"),
    form("quote-sell-to", t.quote, t.at_counter, may=COUNTER_AT_NORTH),
    page("sale-list", may=f"{BOOKS} local_admin {DESKS}"),
    page("sale-receipt", t.sale, may="administrator finance auditor local_admin desk"),
    page("sale-receipt-pdf", t.sale, may="administrator finance auditor local_admin desk"),
    page("charge-receipt", t.charge_receipt, may="administrator finance auditor local_admin desk"),
    page("charge-receipt-pdf", t.charge_receipt, may="administrator finance auditor local_admin desk"),
    page(
        "credit-note-pdf",
        t.credited_sale,
        t.credit_note,
        may="administrator finance auditor local_admin desk",
    ),
    page("entitlement-list", may=f"{BOOKS} local_admin clinician {DESKS}"),
    page("entitlement", t.entitlement, may=f"{PREPAID_AT_NORTH} parent_desk"),  # the parent holds it
    form(
        "entitlement-refund",
        t.entitlement,
        may="administrator finance local_admin",  # North Clinic, which sold it, may pay it out
        sees=f"{PREPAID_AT_NORTH} parent_desk",
    ),
    form(
        "entitlement-extend",
        t.entitlement,
        may="administrator finance",
        sees=f"{PREPAID_AT_NORTH} parent_desk",
    ),
    form(
        "entitlement-freeze",
        t.entitlement,
        may="administrator finance",
        sees=f"{PREPAID_AT_NORTH} parent_desk",
    ),
    form(
        "entitlement-freeze-end",
        t.entitlement,
        may="administrator finance",
        sees=f"{PREPAID_AT_NORTH} parent_desk",
    ),
    page(
        "entitlement-top-up",
        t.family,
        may="administrator local_admin desk parent_desk",
        sees="finance auditor clinician",
        get=302,
    ),
    form("counter-top-up", t.counter, t.topped_up, may=COUNTER_AT_NORTH),
    page("counter-top-up-price", t.counter, t.topped_up, may=COUNTER_AT_NORTH),
    page("entitlement-people", t.family, may=f"{PREPAID_AT_NORTH} parent_desk"),
    page("entitlement-person-add", t.family, may=SHARES, sees="auditor clinician"),
    form(
        "entitlement-person-add-to",
        t.family,
        t.at_counter,
        may="administrator local_admin desk",
        sees="clinician",
    ),
    form("entitlement-person-remove", t.family, t.person, may=SHARES, sees="auditor clinician"),
    page(
        "entitlement-transfer",
        t.entitlement,
        may="administrator finance",
        sees=f"{PREPAID_AT_NORTH} parent_desk",
    ),
    form(
        "entitlement-transfer-to",
        t.entitlement,
        t.at_counter,
        may="administrator",
        sees="local_admin desk clinician",  # who sees the patient, too
    ),
    # Rules
    page("rule-list", may=f"{BOOKS} local_admin"),
    form("rule-add", may=FINANCE),
    page("rule", t.rule, may=f"{BOOKS} local_admin"),
    form("rule-edit", t.rule, may=FINANCE, sees=f"{BOOKS} local_admin"),
    form("rule-next", t.rule, may=FINANCE, sees=f"{BOOKS} local_admin"),
    form("rule-delete", t.rule, may=FINANCE, sees=f"{BOOKS} local_admin", post=409),
    form("rule-activate", t.rule, may=FINANCE, sees=f"{BOOKS} local_admin", post=409),
    page("rule-examples", t.rule, may=f"{BOOKS} local_admin"),
    form("rule-examples-edit", t.rule, may=FINANCE, sees=f"{BOOKS} local_admin", post=409),
    form("backtest-add", t.rule, may=FINANCE, sees=f"{BOOKS} local_admin"),
    page("backtest", t.backtest, may=f"{BOOKS} local_admin"),
    page("backtest-event", t.backtest, t.tested, may=BOOKS, sees="local_admin"),
    form("rule-end", t.rule, may=FINANCE, sees=f"{BOOKS} local_admin"),
    # Books
    page("journal", may=BOOKS),
    page("journal-lines", may=BOOKS),
    page("figure-lines", may=BOOKS),
    page("journal-export", may=BOOKS),
    page("seal-list", may=BOOKS),
    page("report-schedule-list", may=f"{BOOKS} local_admin"),
    form("report-schedule-add", may=f"{BOOKS} local_admin"),
    page("report-schedule", t.report_schedule, may=f"{BOOKS} local_admin"),
    form("report-schedule-edit", t.report_schedule, may=f"{BOOKS} local_admin"),
    form("report-schedule-pause", t.report_schedule, may=f"{BOOKS} local_admin", post=409),
    form("report-schedule-run", t.report_schedule, may=f"{BOOKS} local_admin", post=409),
    page("ledger-event", t.event, may=BOOKS),
    form("event-void", t.event, may="administrator finance local_admin", sees="auditor"),
    page("statement", may=f"{BOOKS} local_admin"),
    page("due-matrix", may=f"{BOOKS} local_admin"),
    page("report", may=f"{BOOKS} local_admin"),
    page("organization-money", t.organization, may=f"{BOOKS} local_admin", sees=AT_NORTH),
    page("rate-list", may=f"{BOOKS} local_admin {DESKS}"),
    form("rate-add", may=FINANCE),
    form("rate-import", may=FINANCE),
    page("revaluation", may=f"{BOOKS} local_admin"),
    form("revaluation-book", may=FINANCE),
    page("breakage", may=f"{BOOKS} local_admin"),
    form("breakage-run", may=FINANCE),
    page("unclaimed-list", may=f"{BOOKS} local_admin"),
    page("organization-unclaimed", t.organization, may=f"{BOOKS} local_admin", sees=AT_NORTH),
    form("unclaimed-pay-many", may=FINANCE),
    form("unclaimed-claim", t.unclaimed, may=FINANCE, sees=f"{BOOKS} local_admin"),
    page("unclaimed-payment", t.unclaimed_payment, may=f"{BOOKS} local_admin"),
    page("unclaimed-payment-pdf", t.unclaimed_payment, may=f"{BOOKS} local_admin"),
    page("period-list", may=f"{BOOKS} local_admin"),
    form("period-close", may=FINANCE),
    page("period-checklist", may=f"{BOOKS} local_admin"),
    form("period-reopen", may=FINANCE),
    form("period-reopening", t.reopening, may=FINANCE, sees="auditor local_admin"),
    page("closed-statement", t.closed_statement, may=f"{BOOKS} local_admin"),
    # Reconciliation
    page("claim-list", may=BOOKS),
    page("claim", t.claim, may=BOOKS),
    button("claim-acknowledge", t.claim, may=FINANCE, sees=BOOKS),
    form("dispute-raise", t.claim, t.claim_event, may=FINANCE, sees=BOOKS),
    page("dispute-list", may=BOOKS),
    page("dispute", t.dispute, may=BOOKS),
    form("dispute-answer", t.dispute, may=FINANCE, sees=BOOKS),
    form("dispute-end", t.dispute, may=FINANCE, sees=BOOKS),
    page("dispute-file", t.dispute, t.dispute_message, may=BOOKS),
    page("reconciliation-list", may=BOOKS),
    form("statement-send", may=FINANCE),
    form("statement-columns", t.statement, may=FINANCE, sees=BOOKS),
    page("statement-sent", t.statement, may=BOOKS),
    page("statement-progress", t.statement, may=BOOKS, get=204),
    button("statement-resume", t.statement, may=FINANCE, sees=BOOKS),
    button("statement-cancel", t.statement, may=FINANCE, sees=BOOKS),
    page("reconciliation", t.reconciliation, may=BOOKS),
    button("reconciliation-match", t.reconciliation, may=FINANCE, sees=BOOKS),
    form("reconciliation-sign", t.reconciliation, may=FINANCE, sees=BOOKS, post=409),
    form("reconciliation-reopen", t.reconciliation, may=FINANCE, sees=BOOKS),
    form("finding-confirm-many", t.reconciliation, may=FINANCE, sees=BOOKS, post=409),
    form("finding-together", t.reconciliation, may=FINANCE, sees=BOOKS, post=409),
    button("finding-confirm", t.finding, may=FINANCE, sees=BOOKS),
    button("finding-apart", t.finding, may=FINANCE, sees=BOOKS),
    form("finding-answer", t.finding, may=FINANCE, sees=BOOKS),
    # Netting, settlement runs and payments
    page("settlement-list", may=f"{BOOKS} local_admin"),
    form("settlement-propose", may=FINANCE),
    page("settlement", t.settlement, may=BOOKS),
    page("settlement-payments", t.settlement, may=BOOKS),
    form("settlement-approve", t.settlement, may=FINANCE, sees=BOOKS),
    form("settlement-withdraw", t.settlement, may=FINANCE, sees=BOOKS),
    form("settlement-cancel", t.settlement, may=FINANCE, sees=BOOKS),
    form("settlement-settle", t.settlement, may=FINANCE, sees=BOOKS),
    button("settlement-file", t.settlement, may=FINANCE, sees=BOOKS),
    page("settlement-payment", t.payment, may=BOOKS),
    form("settlement-payment-confirm", t.payment, may=FINANCE, sees=BOOKS),
    form("settlement-payment-bounce", t.confirmation, may=FINANCE, sees=BOOKS),
    page("remittance-list", may=f"{BOOKS} local_admin"),
    page("remittance", t.remittance, may=f"{BOOKS} local_admin"),
    page("remittance-pdf", t.remittance, may=f"{BOOKS} local_admin"),
    page("netting-list", may=f"{BOOKS} local_admin"),
    form("netting-add", may=FINANCE),
    page("netting", t.agreement, may=f"{BOOKS} local_admin"),
    form("netting-end", t.agreement, may=FINANCE, sees=f"{BOOKS} local_admin"),
    page("bank-account-list", may=f"{BOOKS} local_admin"),
    form("bank-account-add", may=FINANCE),
    form("bank-account-close", t.bank_account, may=FINANCE, sees=f"{BOOKS} local_admin", post=409),
    # Vendors and requests
    page("vendor-list", may=f"{VENDORS} local_admin"),
    page("vendor", t.vendor, may=VENDORS),
    form("vendor-contact-add", t.vendor, may=VENDOR_EDITORS, sees=VENDORS),
    form("vendor-service-add", t.vendor, may=VENDOR_EDITORS, sees=VENDORS),
    form("vendor-contact-edit", t.contact, may=VENDOR_EDITORS, sees=VENDORS),
    button("portal-link-send", t.contact, may=VENDOR_EDITORS, sees=VENDORS),
    button("portal-links-revoke", t.contact, may=VENDOR_EDITORS, sees=VENDORS),
    form("vendor-service-edit", t.setting, may=VENDOR_EDITORS, sees=VENDORS),
    form("vendor-price-set", t.setting, may=VENDOR_EDITORS, sees=VENDORS),
    page("request-list", may=f"{VENDORS} local_admin clinician {DESKS}"),
    page("request-new", may=f"administrator local_admin clinician {DESKS}"),
    form("request-add", t.patient, may="administrator local_admin desk clinician", sees=PATIENTS_AT_NORTH),
    page("request-report", may=f"{VENDORS} local_admin"),
    page("request", t.request, may=REQUESTS_AT_NORTH),
    form("request-send", t.request, may="administrator local_admin desk clinician", sees=REQUESTS_AT_NORTH),
    form("request-approve", t.request, may=VENDOR_EDITORS, sees=REQUESTS_AT_NORTH),
    form("request-cancel", t.request, may=WRITERS_TO_VENDORS, sees=REQUESTS_AT_NORTH),
    form("request-write", t.request, may=WRITERS_TO_VENDORS, sees=REQUESTS_AT_NORTH),
    form("request-answer", t.request, t.question, may=WRITERS_TO_VENDORS, sees=REQUESTS_AT_NORTH),
    form("request-ask-cancel", t.request, may=WRITERS_TO_VENDORS, sees=REQUESTS_AT_NORTH),
    page("request-result", t.completed, may="administrator local_admin desk clinician", version=1),
    page(
        "request-result-page",
        t.completed,
        may="administrator local_admin desk clinician",
        version=1,
        number=1,
    ),
    page("organization-requests", t.organization, may=REQUESTS_AT_NORTH, sees=AT_NORTH),
    # The vendor portal
    portal("portal"),
    portal("portal-task", t.request),
    portal("portal-task-accept", t.request, post=422),
    portal("portal-task-reject", t.request, post=422),
    portal("portal-task-start", t.request, post=409),
    portal("portal-task-complete", t.request, post=422),
    portal("portal-task-hold", t.request, post=422),
    portal("portal-task-resume", t.request, post=409),
    portal("portal-task-fail", t.request, post=422),
    portal("portal-task-correct", t.completed, post=422),
    portal("portal-task-write", t.request, post=422),
    portal("portal-task-propose", t.request, post=422),
    portal("portal-task-reply", t.request, t.told, post=422),
    portal("portal-result", t.completed, version=1),
    portal("portal-sign-out", get=405, post=200),
    public("portal-link", stranger=(200, 302), secret="wrong"),
    public("portal-code", stranger=(200, 422), secret="wrong"),
]


def routes_of(patterns: list[Any]) -> Iterator[tuple[str, URLPattern]]:
    """(path, pattern) of every route of a URL configuration."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            for path, found in routes_of(pattern.url_patterns):
                yield f"{pattern.pattern}{path}", found
        elif isinstance(pattern, URLPattern):
            yield str(pattern.pattern), pattern


def unknown(patterns: list[Any]) -> list[str]:
    """Routes without an expected answer: nothing walks them."""
    known = {route.name for route in ROUTES}
    return sorted(
        f"{pattern.name or 'without a name'}: /{path}"
        for path, pattern in routes_of(patterns)
        if pattern.name not in known
    )


def export_formats(patterns: list[Any]) -> dict[str, tuple[str, ...]]:
    """The formats of the file that a list offers at its own address, by route."""
    views = {
        pattern.name: getattr(pattern.callback, "view_class", None) for _, pattern in routes_of(patterns)
    }
    return {str(name): FORMATS for name, view in views.items() if view and issubclass(view, ListPage)}
