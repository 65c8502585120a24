"""Every page that somebody can look at: its route, who looks, and the records it is about.

The browser tests open all of them with the records of their own network, `manage.py shots` with those of the demo. A
route that shows a page and isn't here fails `tests/browser/test_pages.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

STRANGER = ""
VENDOR = "vendor"
ADMINISTRATOR = "network_administrator"
FRONT_DESK = "front_desk"


@dataclass(frozen=True)
class Page:
    """A page: `records` are names of examples that fill the address in order; `by` is a role, a vendor or a stranger.

    `like` names a page made in the same way, for a test that looks at each kind more closely.
    """

    route: str
    records: tuple[str, ...] = ()
    by: str = ADMINISTRATOR
    query: str = ""
    variant: str = ""
    status: int = 200
    like: str = ""

    @property
    def name(self) -> str:
        return f"{self.route}-{self.variant}" if self.variant else self.route

    def path(self, examples: dict[str, int | str]) -> str:
        """Its address; KeyError names the example that is missing."""
        return reverse(self.route, args=[examples[name] for name in self.records]) + self.query.format(
            **examples
        )


PAGES = (
    # before sign-in
    Page("front", by=STRANGER),
    Page("account_login", by=STRANGER, like="front"),
    Page("account_request_login_code", by=STRANGER),
    Page("account_reset_password", by=STRANGER, like="account_request_login_code"),
    Page("account_reset_password_done", by=STRANGER),
    Page("account_reset_password_from_key", ("user_key", "password_key"), by=STRANGER),
    Page("account_reset_password_from_key_done", by=STRANGER, like="account_reset_password_done"),
    Page("account_inactive", by=STRANGER, like="account_reset_password_done"),
    Page("invitation-accept", ("invitation_token",), by=STRANGER),
    Page("invitation-accept", ("wrong_token",), by=STRANGER, variant="gone", status=410),
    Page("account_logout", like="account_reauthenticate"),
    Page("account_change_password", like="account_reauthenticate"),
    Page("account_reauthenticate"),
    Page("mfa_index"),
    Page("network-switch"),
    Page("enterprise"),
    Page("parent-account-open", ("enterprise",)),
    Page("home"),
    Page("search", query="?q=clinic"),
    # saved views
    Page("view-save", query="?_path=/console/organizations/&kind=sub", like="view-edit"),
    Page("view-edit", ("view",), query="?_path=/console/organizations/"),
    Page("view-delete", ("view",), query="?_path=/console/organizations/", like="organization-suspend"),
    # one act on several rows
    Page("organization-suspend-many", query="?selected={sub}&selected={partner}"),
    Page("organization-reactivate-many", query="?selected={sub}", like="organization-suspend-many"),
    Page("organization-archive-many", query="?selected={sub}", like="organization-suspend-many"),
    Page("membership-end-many", query="?selected={membership}", like="organization-suspend-many"),
    Page("membership-extend-many", query="?selected={membership}", like="organization-suspend-many"),
    Page("membership-role-many", query="?selected={membership}", like="organization-suspend-many"),
    Page("invitation-resend-many", query="?selected={invitation}", like="organization-suspend-many"),
    Page("invitation-revoke-many", query="?selected={invitation}", like="organization-suspend-many"),
    Page("waiver-decide-many", query="?selected={waiver}", like="organization-suspend-many"),
    Page("waiver-end-many", query="?selected={granted_waiver}", like="organization-suspend-many"),
    Page("content-publish-many", query="?selected={content}", like="organization-suspend-many"),
    Page("content-share-many", query="?selected={content}", like="organization-suspend-many"),
    Page("content-retire-many", query="?selected={content}", like="organization-suspend-many"),
    Page("service-reactivate-many", query="?selected={service}", like="organization-suspend-many"),
    Page("patient-register-many", query="?selected={patient}", like="organization-suspend-many"),
    Page("service-retire-many", query="?selected={service}", like="organization-suspend-many"),
    Page("package-sell-many", query="?selected={package}", like="organization-suspend-many"),
    Page("package-withdraw-many", query="?selected={package}", like="organization-suspend-many"),
    Page("rule-activate-many", query="?selected={draft_rule}", like="organization-suspend-many"),
    Page("rule-end-many", query="?selected={rule}", like="organization-suspend-many"),
    Page(
        "request-cancel-many",
        query="?selected={asked}&selected={completed}",
        like="organization-suspend-many",
    ),
    # organizations and people
    Page("organization-list"),
    Page("organization-list", query="?q=nothing-like-this", variant="empty"),
    Page("organization", ("organization",)),
    Page("organization", ("partner",), variant="partner"),
    Page("organization", ("absent",), variant="absent", status=404),
    Page("organization-add", ("organization",)),
    Page("organization-edit", ("sub",), like="organization-add"),
    Page("organization-move", ("sub",), like="organization-suspend"),
    Page("organization-move-many", like="organization-add"),
    Page("organization-import"),
    Page("organization-import-list", like="sale-list"),
    Page("organization-import-page", ("import",)),
    Page("organization-import-page", ("imported",), variant="done", like="organization-import-page"),
    Page("organization-suspend", ("sub",)),
    Page("organization-reactivate", ("suspended",), like="organization-suspend"),
    Page("organization-archive", ("sub",)),
    Page("organization-leave", ("partner",)),
    Page("organization-leave", ("leaver",), variant="ready", like="organization-leave"),
    Page("organization-leave", ("left",), variant="left", like="organization-leave"),
    Page("organization-leave", ("sub",), variant="no-partner", like="organization-leave"),
    Page("organization-people", ("sub",)),
    Page("organization-patients", ("sub",), like="patient-list"),
    Page("organization-requests", ("organization",), like="request-list"),
    Page("organization-money", ("sub",)),
    Page("organization-activity", ("organization",)),
    Page("membership-invite", ("sub",), like="organization-add"),
    Page("membership-why", ("sub",)),
    Page("affiliation-edit", ("affiliation",), like="organization-add"),
    Page("advisor"),
    Page("advisor", query="?hierarchy=deeper&independence=own&separation=apart", variant="advice"),
    Page("parent-account"),
    Page("content-export", like="organization-suspend"),
    Page("content-import", like="organization-suspend"),
    Page("data-ownership", like="organization-add"),
    Page("hostname-add", like="organization-add"),
    Page("hostname-give-up", ("host_name",), like="organization-suspend"),
    Page("onboarding-step", ("step",), like="organization-add"),
    # content
    Page("content-list"),
    Page("content-list", query="?q=nothing-like-this", variant="empty", like="organization-list-empty"),
    Page("content-add", like="organization-add"),
    Page("content", ("content",)),
    Page("content", ("content_copy",), variant="copy", like="content"),
    Page("content", ("override",), variant="override", like="content"),
    Page("content-override", ("shared_form",), like="organization-add"),
    Page("content-drift", ("shared_form",), variant="pinned"),
    Page("content-build", ("override_draft",), variant="override"),
    Page("content-edit", ("content",), like="organization-add"),
    Page("content-retire", ("content",), like="organization-suspend"),
    Page("content-share", ("content",)),
    Page("content-share-end", ("content_share",), like="organization-suspend"),
    Page("content-drift", ("content",)),
    Page("content-preview", ("content_version",)),
    Page("content-build", ("content_draft",)),
    Page("content-preview", ("program_version",), variant="program"),
    Page("content-build", ("program_draft",), variant="program"),
    Page("content-item-add", ("program_draft", "step_kind"), variant="step", like="content-item-edit"),
    Page("content-item-edit", ("program_draft", "step_link"), variant="step", like="content-item-edit"),
    Page("content-fhir-import", ("content_draft",), like="organization-suspend"),
    Page("content-discard", ("content_draft",), like="organization-suspend"),
    Page("content-publish", ("content_draft",)),
    Page("content-item-add", ("content_draft", "item_kind"), like="content-item-edit"),
    Page("content-item-edit", ("content_draft", "item_link")),
    Page("content-item-add", ("content_draft", "file_kind"), variant="file", like="content-item-edit"),
    # settings and policies
    Page("organization-settings", ("sub",)),
    Page(
        "organization-settings",
        ("partner",),
        query="?changed=on",
        variant="changed",
        like="organization-settings",
    ),
    Page("setting-compare", ("sub",)),
    Page("setting-compare", ("sub",), query="?other={partner_code}", variant="pair"),
    Page("setting-edit", ("sub", "setting_key"), like="organization-add"),
    Page("setting-inherit", ("organization", "own_key"), like="organization-suspend"),
    Page("waiver-request", ("sub", "own_key"), like="organization-add"),
    Page("setting-list"),
    Page("setting-spread", ("own_key",)),
    Page("setting-apply"),
    Page("setting-apply", query="?key=billing.discount_cap", variant="form"),
    Page("setting-batches", like="sale-list"),
    Page("setting-undo", ("batch",), like="organization-suspend"),
    Page("waiver-list"),
    Page("waiver-decide", ("waiver",), like="organization-suspend"),
    Page("waiver-end", ("granted_waiver",), like="organization-suspend"),
    # modules and EMR profiles
    Page("organization-modules", ("sub",)),
    Page("module-matrix"),
    Page("profile-matrix", like="module-matrix"),
    Page("module-switch", query="?selected={sub}&modules=packages"),
    Page("module-batches", like="sale-list"),
    Page("module-undo", ("module_batch",), like="organization-suspend"),
    Page("membership-list"),
    Page("invitation-list", like="membership-list"),
    Page("membership-end", ("membership",), like="organization-suspend"),
    Page("audit-list"),
    Page("audit-list", by=FRONT_DESK, variant="forbidden", status=403),
    # patients
    Page("patient-list"),
    Page("patient-list", query="?q=a", variant="search", like="patient-list"),
    Page("patient-register"),
    Page("patient", ("patient",)),
    Page("patient-edit", ("patient",), like="patient-register"),
    Page("patient-register-at", ("patient",), like="organization-suspend"),
    Page("patient-home", ("patient",), like="organization-suspend"),
    Page("patient-forms", ("form_patient",)),
    Page("patient-form-choose", ("form_patient",)),
    Page("patient-form-fill", ("form_patient", "form_place", "content")),
    Page("patient-form", ("form_patient", "filled_form")),
    Page("patient-form-edit", ("form_patient", "begun_form"), like="patient-form-fill"),
    Page("patient-form-error", ("form_patient", "filled_form"), like="organization-suspend"),
    Page("patient-reads", ("patient",)),
    Page("patient-prepaid", ("patient",)),
    Page("patient-requests", ("patient",)),
    # counter
    Page("counter", ("organization",)),
    Page("counter", ("sub",), by=FRONT_DESK, query="?q=a", variant="search"),
    Page("counter-patient", ("organization", "patient")),
    Page("counter-redeem", ("organization", "line")),
    Page("counter-charge", ("organization", "patient"), like="counter-sell"),
    Page("counter-sell", ("organization", "patient", "package")),
    # catalog, sales, rules
    Page("service-list", like="package-list"),
    Page("service-add", like="organization-add"),
    Page("service", ("service",)),
    Page("service-edit", ("service",), like="organization-add"),
    Page("service-retire", ("service",), like="organization-suspend"),
    Page("price-set", ("service",), like="organization-add"),
    Page("package-list"),
    Page("package-add"),
    Page("package", ("package",)),
    Page("package-edit", ("package",), like="package-add"),
    Page("package-status", ("package",), like="organization-suspend"),
    Page("sale-list"),
    Page("sale-receipt", ("sale",)),
    Page("entitlement-list", like="sale-list"),
    Page("entitlement", ("entitlement",)),
    Page("entitlement-refund", ("entitlement",), like="organization-suspend"),
    Page("rule-list"),
    Page("rule-add"),
    Page("rule", ("rule",)),
    Page("rule-edit", ("draft_rule",), like="rule-add"),
    Page("rule-next", ("rule",), like="rule-add"),
    Page("rule-delete", ("draft_rule",), like="organization-suspend"),
    Page("rule-activate", ("draft_rule",), like="organization-suspend"),
    Page("rule-end", ("rule",), like="organization-suspend"),
    # books
    Page("journal"),
    Page("journal-lines"),
    Page("ledger-event", ("event",)),
    Page("event-void", ("event",), like="organization-suspend"),
    Page("statement"),
    Page("statement", query="?scope=alone", variant="alone"),
    Page("due-matrix"),
    Page("period-list"),
    Page("period-close", like="organization-suspend"),
    # reconciliation
    Page("claim-list", like="sale-list"),
    Page("claim", ("claim",)),
    Page("dispute-raise", ("claim", "claim_event"), like="organization-add"),
    Page("dispute-list", like="sale-list"),
    Page("dispute", ("dispute",)),
    Page("dispute-answer", ("dispute",), like="organization-add"),
    Page("dispute-end", ("dispute",), like="organization-suspend"),
    Page("reconciliation-list", like="sale-list"),
    Page("statement-send", like="organization-add"),
    Page("statement-columns", ("statement",)),
    Page("reconciliation", ("reconciliation",)),
    Page("reconciliation-sign", ("reconciliation",), like="organization-suspend"),
    Page("reconciliation-reopen", ("reconciliation",), like="organization-suspend"),
    Page(
        "finding-confirm-many",
        ("reconciliation",),
        query="?selected={finding}",
        like="organization-suspend-many",
    ),
    Page(
        "finding-together", ("reconciliation",), query="?selected={finding}", like="organization-suspend-many"
    ),
    Page("finding-answer", ("finding",), like="organization-add"),
    # third parties
    Page("vendor-list", like="package-list"),
    Page("vendor", ("vendor",)),
    Page("vendor-contact-add", ("vendor",), like="organization-add"),
    Page("vendor-service-add", ("vendor",), like="organization-add"),
    Page("vendor-contact-edit", ("contact",), like="organization-add"),
    Page("vendor-service-edit", ("vendor_service",), like="organization-add"),
    Page("vendor-price-set", ("vendor_service",)),
    Page("request-list"),
    Page("request-new", query="?q=a"),
    Page("request-add", ("patient",), like="organization-add"),
    Page("request-report"),
    Page("request", ("completed",)),
    Page("request", ("drafted",), variant="draft"),
    Page("request-send", ("drafted",), like="organization-suspend"),
    Page("request-approve", ("drafted",), like="organization-suspend"),
    Page("request-cancel", ("asked",), like="organization-suspend"),
    # portal
    Page("portal-link", ("portal_secret",), by=STRANGER),
    Page("portal-code", ("portal_secret",), by=STRANGER),
    Page("portal", by=STRANGER, variant="stranger", status=401),
    Page("portal", by=VENDOR),
    Page("portal-task", ("asked",), by=VENDOR, variant="new"),
    Page("portal-task", ("completed",), by=VENDOR, variant="done"),
    Page("portal-task-accept", ("asked",), by=VENDOR, like="portal-task-reject"),
    Page("portal-task-reject", ("asked",), by=VENDOR),
    Page("portal-task-start", ("accepted",), by=VENDOR, like="portal-task-reject"),
    Page("portal-task-complete", ("accepted",), by=VENDOR),
)

#: Routes that answer a GET with something else than a page, or with a page that needs its own steps to be reached.
NO_PAGES = {
    "dispute-file": "a file",
    "account_confirm_login_code": "shown after a code was asked for: tests/browser/test_sign_in.py",
    "mfa_authenticate": "shown after the password of somebody with a second factor: tests/browser/test_second_factor.py",
    "mfa_reauthenticate": "for who has a second factor: tests/browser/test_second_factor.py",
    "mfa_activate_totp": "asks for the password first: tests/browser/test_second_factor.py",
    "mfa_deactivate_totp": "asks for the password first: tests/browser/test_second_factor.py",
    "mfa_view_recovery_codes": "for who has a second factor: tests/browser/test_second_factor.py",
    "mfa_generate_recovery_codes": "asks for the password first: tests/browser/test_second_factor.py",
    "counter-start": "leads to one's counter",
    "counter-lookup": "leads to the counter; what it finds is shown to a POST",
    "organization-branch": "a branch of the tree, for the tree",
    "organization-import-example": "CSV or JSON",
    "organization-records": "a part of the guide while records are made",
    "own-records": "a ZIP",
    "organization-import-progress": "a part of the page of an import that is under way",
    "organization-export-parents": "CSV",
    "organization-export-paths": "CSV",
    "organization-export-fhir": "JSON",
    "content-fhir": "JSON",
    "logo": "an image",
    "request-result": "PDF",
    "patient-form-file": "a file",
    "request-result-page": "an image",
    "portal-result": "PDF",
    "dev-mail": "mail of embedded development",
    "dev-mail-page": "mail of embedded development",
    "design-dialog": "a sample for the design page",
}
