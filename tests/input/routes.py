"""Every route that takes a POST: who sends its form, about which records, and what makes it succeed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.cast import PASSWORD
from tests.input.given import (
    ADMINISTRATOR,
    CONDITIONAL,
    CONTRACT,
    DESK,
    FINANCE,
    NEW_PASSWORD,
    PRICE,
    RATES,
    SHARE,
    SIGN_IN,
    STRANGER,
    VENDOR,
    Data,
    a_file_of_organizations,
    a_file_of_redemptions,
    a_package,
    a_pdf,
    a_questionnaire,
    a_statement,
    answer_everything,
    ask_for_code,
    cancelled,
    chosen_to_move,
    confirm_password,
    confirm_with_factor,
    expect_breakage,
    freeze_it,
    give_address,
    give_factor,
    last_month,
    limit_what_is_sent,
    meet_challenge,
    open_reset,
    owe_something,
    package_line,
    recovery_code,
    redeeming,
    retire,
    seen_leave,
    seen_move,
    sent_code,
    shown_code,
    sign_off,
    started,
    tomorrow,
    withdraw,
)
from tests.input.world import World


@dataclass(frozen=True)
class Entry:
    """How a route's form is sent rightly. `on` is the page where a button stands that has no page of its own.

    `data` overlays what the page itself would send. `lenient` are fields that
    don't refuse by themselves, `other` is what the same key may not be used for.
    """

    route: str
    records: tuple[str, ...] = ()
    data: Data | Callable[[World], Data] = field(default_factory=dict)
    by: str = ADMINISTRATOR
    on: tuple[str, ...] = ()
    query: str = ""
    answer: int = 302
    refusal: int = 422
    lenient: tuple[str, ...] = ()
    before: Callable[[World], Any] | None = None
    other: Data = field(default_factory=dict)

    def path(self, world: World) -> str:
        return world.path(self.route, self.records) + self.query.format(**world.records)

    def overlay(self, world: World) -> Data:
        return self.data(world) if callable(self.data) else dict(self.data)


ENTRIES = (
    # before sign-in
    Entry("front", data=SIGN_IN, by=STRANGER, refusal=200),
    Entry("account_login", refusal=200, data=SIGN_IN, by=STRANGER),
    Entry("account_logout", refusal=200),
    Entry("account_request_login_code", refusal=200, data={"email": "desk@harbor.example"}, by=STRANGER),
    Entry("account_confirm_login_code", refusal=200, data=sent_code, by=STRANGER, before=ask_for_code),
    Entry("account_reset_password", refusal=200, data={"email": "desk@harbor.example"}, by=STRANGER),
    Entry(
        "account_reset_password_from_key",
        ("user_key", "password_key"),
        NEW_PASSWORD,
        by=STRANGER,
        refusal=200,
        before=open_reset,
    ),
    Entry("account_change_password", refusal=200, data={"oldpassword": PASSWORD} | NEW_PASSWORD),
    Entry("account_reauthenticate", refusal=200, data={"password": PASSWORD}),
    Entry("mfa_authenticate", refusal=200, data=recovery_code, by=STRANGER, before=meet_challenge),
    Entry(
        "mfa_reauthenticate",
        refusal=200,
        data=recovery_code,
        before=lambda world: give_factor(world, ADMINISTRATOR),
    ),
    Entry("mfa_activate_totp", refusal=200, data=shown_code, before=confirm_password),
    Entry("mfa_deactivate_totp", refusal=200, before=confirm_with_factor),
    Entry("mfa_generate_recovery_codes", refusal=200, before=confirm_with_factor),
    Entry("network-switch", data=lambda world: {"network": str(world.stage.network_id)}),
    Entry("invitation-accept", ("invitation_token",), {"password": "a much longer sentence"}, by=STRANGER),
    # organizations and people
    Entry(
        "organization-add", ("organization",), {"kind": "partner", "name": "New", "code": "NEW"} | CONTRACT
    ),
    Entry("organization-edit", ("sub",), {"name": "North Clinic II"}),
    Entry("organization-move", ("sibling",), seen_move),
    Entry("redemption-import", data=a_file_of_redemptions),
    Entry(
        "redemption-import-start",
        ("redemption_import",),
        on=("redemption-import-page", "redemption_import"),
    ),
    Entry(
        "redemption-import-stop",
        ("redemption_import",),
        on=("redemption-import-page", "redemption_import"),
        before=redeeming,
    ),
    Entry("organization-move-many", data=lambda world: seen_move(world) | chosen_to_move(world)),
    Entry("organization-import", data=a_file_of_organizations),
    Entry("organization-import-start", ("import",), on=("organization-import-page", "import")),
    Entry("organization-import-compare", ("import",), on=("organization-import-page", "import")),
    Entry("organization-import-cancel", ("import",), on=("organization-import-page", "import")),
    Entry("organization-suspend", ("sub",), {"reason": "repairs"}),
    Entry("organization-reactivate", ("suspended",), {"reason": "done"}),
    Entry("organization-archive", ("long",), {"reason": "merged"}),
    Entry("organization-leave", ("leaver",), seen_leave),
    Entry("organization-records", ("partner",), on=("organization-leave", "partner")),
    Entry("affiliation-edit", ("affiliation",), {"contract_number": "7"}),
    Entry("membership-invite", ("sub",), {"name": "New", "email": "n@x.example", "role": "front_desk"}),
    Entry("membership-end", ("membership",), {"reason": "left"}),
    Entry("invitation-revoke", ("invitation",), on=("organization-people", "sibling")),
    # Parent Accounts
    Entry(
        "parent-account-open",
        ("enterprise",),
        {
            "name": "West",
            "code": "WEST",
            "currency": "USD",
            "time_zone": "America/Chicago",
            "administrator_name": "Wes",
            "administrator_email": "wes@west.example",
            "trade_offs_accepted": "on",
        },
    ),
    Entry("content-export", data={"parts": ["services"]}, answer=200),
    Entry("content-import", data=a_package, answer=200, lenient=("payload",)),
    Entry("hostname-add", data={"name": "portal.harbor.example", "face": "portal"}),
    Entry("hostname-give-up", ("host_name",)),
    Entry("data-ownership", data={"api_owner": "Group IT"}),
    Entry("onboarding-step", ("step",), {"owner": "Wes"}),
    # content
    Entry(
        "content-add",
        data=lambda world: {
            "organization": str(world.records["sub"]),
            "kind": "questionnaire",
            "name": "New",
            "code": "new",
        },
    ),
    Entry("content-edit", ("content",), {"name": "Other"}),
    Entry("content-retire", ("content",), {"reason": "replaced"}),
    Entry("content-draft", ("content_fresh",), on=("content", "content_fresh")),
    Entry(
        "content-share",
        ("content",),
        lambda world: {"organizations": [str(world.records["sibling"])], "mode": "linked"},
    ),
    Entry("content-share-end", ("content_share",)),
    Entry(
        "content-drift",
        ("content",),
        lambda world: {"copy": str(world.records["content_copy"]), "do": "update"},
        lenient=("to",),
    ),
    Entry(
        "content-override",
        ("shared_form",),
        lambda world: {"organization": str(world.stage.cast.organizations["T"].pk)},
    ),
    Entry("content-change", ("content_draft",), {"do": "undo"}, on=("content-build", "content_draft")),
    Entry("content-discard", ("content_draft",)),
    Entry("content-fhir-import", ("content_draft",), a_questionnaire),
    Entry("content-publish", ("content_draft",), {"note": "Shorter."}),
    Entry("content-item-add", ("content_draft", "item_kind"), {"text": "Which?", "answerOption": "A\nB"}),
    Entry("content-item-edit", ("content_draft", "item_link"), {"text": "How many a day?"}),
    # settings
    Entry("setting-edit", ("organization", "free_key"), {"value": "3", "mode": "default"}),
    Entry("setting-inherit", ("organization", "own_key")),
    Entry(
        "waiver-request",
        ("sub", "own_key"),
        {"value": "95", "reason": "Opening week.", "ends_on": date.today().isoformat()},
    ),
    Entry(
        "setting-apply",
        data=lambda world: {
            "key": "structure.max_sub_depth",
            "value": "3",
            "mode": "local",
            "organizations": [str(world.records["sub"])],
        },
        query="?key=structure.max_sub_depth",
        answer=200,
        lenient=("under",),
    ),
    Entry("view-save", data={"name": "Mine"}, query="?_path=/console/organizations/&kind=sub"),
    Entry("view-edit", ("view",), {"name": "Theirs"}, query="?_path=/console/organizations/"),
    Entry("view-delete", ("view",), query="?_path=/console/organizations/"),
    # one act on several rows
    Entry("organization-suspend-many", data={"reason": "Flood."}, query="?selected={sub}"),
    Entry("organization-reactivate-many", data={"reason": "Dry."}, query="?selected={suspended}"),
    Entry("organization-archive-many", data={"reason": "Closed."}, query="?selected={long}"),
    Entry("membership-end-many", data={"reason": "Left."}, query="?selected={membership}"),
    Entry("membership-extend-many", data={"reason": "Renewed."}, query="?selected={membership}"),
    Entry(
        "membership-role-many",
        data={"role": "scheduler", "_seen": "scheduler", "reason": "Moved."},
        query="?selected={membership}",
    ),
    Entry("invitation-resend-many", query="?selected={invitation}"),
    Entry("invitation-revoke-many", query="?selected={invitation}"),
    Entry("waiver-decide-many", data={"decision": "grant"}, query="?selected={waiver}"),
    Entry("waiver-end-many", data={"note": "Over."}, query="?selected={granted_waiver}"),
    Entry("content-publish-many", data={"note": "Shorter."}, query="?selected={content}"),
    Entry(
        "content-share-many",
        data=lambda world: {"organizations": [str(world.records["sibling"])], "mode": "linked"},
        query="?selected={content}",
        answer=200,
    ),
    Entry("content-retire-many", data={"reason": "Replaced."}, query="?selected={content}"),
    Entry("service-reactivate-many", query="?selected={service}", before=retire),
    Entry(
        "patient-register-many",
        data=lambda world: {"organization": str(world.records["sub"])},
        query="?selected={patient}",
    ),
    Entry("service-retire-many", query="?selected={service}"),
    Entry("package-sell-many", query="?selected={package}", before=withdraw),
    Entry("package-withdraw-many", query="?selected={package}"),
    Entry("rule-activate-many", query="?selected={draft_rule}"),
    Entry("rule-end-many", data={"last_on": date.today().isoformat()}, query="?selected={rule}"),
    Entry(
        "request-cancel-many",
        data={"reason_code": "other", "reason_text": "Mistaken."},
        query="?selected={asked}",
    ),
    Entry("setting-undo", ("batch",)),
    # modules
    Entry(
        "module-switch",
        data=lambda world: {
            "state": "off",
            "modules": ["dental"],
            "organizations": [str(world.records["sub"])],
            "reason": "No dentist there.",
        },
        answer=200,
        lenient=("under",),
    ),
    Entry("module-undo", ("module_batch",)),
    Entry("waiver-decide", ("waiver",), {"decision": "grant"}),
    Entry("waiver-end", ("granted_waiver",), {"note": "Over."}),
    # patients
    Entry(
        "patient-register",
        data=lambda world: {
            "organization": str(world.records["sub"]),
            "given_name": "Noa",
            "birth_date": "2001-02-03",
            "confirmed": "on",
        },
        lenient=("confirmed",),
    ),
    Entry("patient-edit", ("patient",), {"city": "Harbor"}),
    Entry("patient-register-at", ("patient",), lambda world: {"organization": str(world.records["sibling"])}),
    Entry("patient-home", ("patient",), lambda world: {"organization": str(world.records["sub"])}),
    Entry(
        "patient-form-fill",
        ("form_patient", "form_place", "content"),
        {"a-what-brings-you-here": "A cough"},
        lenient=CONDITIONAL,
    ),
    Entry(
        "patient-form-edit",
        ("form_patient", "begun_form"),
        {"a-what-brings-you-here": "A cold"},
        lenient=CONDITIONAL,
    ),
    Entry("patient-form-error", ("form_patient", "filled_form"), {"reason": "The wrong patient."}),
    # counter
    Entry(
        "counter-lookup",
        ("sub",),
        {"code": "K7WM-2QPX-9DRA"},
        by=DESK,
        on=("counter", "sub"),
        answer=200,
        lenient=("identifier",),
    ),
    Entry("counter-redeem", ("organization", "open_line"), {"quantity": "1"}, other={"quantity": "2"}),
    Entry(
        "counter-redeem",
        ("organization", "credit_line"),
        lambda world: {
            "service": str(world.records["service"]),
            "quantity": "1",
            "credit": "10.00",
            "method": "cash",
            "second_method": "card",
            "second_amount": "5.00",
        },
        other={"quantity": "2"},
    ),
    Entry("counter-sell", ("organization", "patient", "package"), {"quantity": "1"}, other={"quantity": "2"}),
    Entry(
        "counter-charge",
        ("organization", "patient"),
        lambda world: {"service": str(world.records["service"]), "quantity": "1"},
        other={"quantity": "2"},
    ),
    # catalog, sales, rules
    Entry("service-add", data={"code": "NEW", "name": "New service"}),
    Entry("service-edit", ("service",), {"name": "Other"}),
    Entry("service-retire", ("service",)),
    Entry("price-set", ("service",), {"price": "10.00", "starts_on": "2026-01-01"}),
    Entry(
        "tax-code-add",
        data={"code": "NEW", "name": "New tax", "method": "added", "percent": "5", "starts_on": "2026-01-01"},
    ),
    Entry("tax-rate-add", ("tax_code",), {"percent": "20", "starts_on": "2026-08-01"}),
    Entry("tax-code-withdraw", ("tax_code",)),
    Entry(
        "package-add",
        data=lambda world: {
            "code": "NEW",
            "name": "New package",
            "price": "10.00",
            "service_1": str(world.records["service"]),
            "quantity_1": "1",
            "standalone_1": "10.00",
        },
    ),
    Entry(
        "quote-add",
        ("organization",),
        lambda world: {
            "name": "Ned Next",
            "package_0": str(world.records["package"]),
            "valid_until": (date.today() + timedelta(days=9)).isoformat(),
        },
    ),
    Entry("quote-withdraw", ("quote",)),
    Entry("quote-mail", ("quote",), before=give_address),
    Entry("quote-sell-to", ("asked_quote", "other_patient"), {"method": "cash"}),
    Entry(
        "price-change-add",
        query="?organization=P&starts_on=2099-01-01&direction=raise&percent=5&rounding=1",
        by=FINANCE,
    ),
    Entry("price-change-undo", ("price_change",), by=FINANCE),
    Entry("package-edit", ("package",), {"name": "Other"}),
    Entry("package-status", ("package",)),
    Entry("entitlement-refund", ("open_entitlement",), {"reason": "moved away"}, other={"reason": "other"}),
    Entry(
        "entitlement-extend",
        ("open_entitlement",),
        lambda world: {"expires_on": (date.today() + timedelta(days=400)).isoformat(), "reason": "closed"},
        other={"reason": "other"},
    ),
    Entry(
        "entitlement-freeze",
        ("open_entitlement",),
        lambda world: {
            "frozen_on": (date.today() + timedelta(days=2)).isoformat(),
            "frozen_until": (date.today() + timedelta(days=9)).isoformat(),
            "reason": "abroad",
        },
        other={"reason": "other"},
    ),
    Entry(
        "entitlement-freeze-end",
        ("open_entitlement",),
        {"reason": "back again"},
        other={"reason": "other"},
        before=freeze_it,
    ),
    Entry(
        "entitlement-transfer-to",
        ("open_entitlement", "other_patient"),
        {"reason": "to the sister"},
        other={"reason": "other"},
    ),
    Entry(
        "entitlement-person-add-to",
        ("family", "other_patient"),
        {"reason": "her husband"},
    ),
    Entry("entitlement-person-remove", ("family", "person"), {"reason": "moved out"}),
    Entry(
        "counter-top-up",
        ("organization", "family"),
        lambda world: {f"line_{package_line(world)}": "2", "method": "cash"},
        other={"discount": "1.00"},
    ),
    Entry("event-void", ("event",), {"reason": "a mistake"}, other={"reason": "another"}),
    Entry("rule-add", data={"code": "new"} | SHARE, by=FINANCE, lenient=("priority", "amount_1")),
    Entry("rule-edit", ("draft_rule",), SHARE, by=FINANCE, lenient=("priority", "amount_1")),
    Entry("rule-next", ("rule",), SHARE, by=FINANCE, lenient=("priority", "amount_1")),
    Entry("rule-delete", ("draft_rule",), by=FINANCE),
    Entry("rule-examples-edit", ("draft_rule",), {"examples": ""}, by=FINANCE),
    Entry(
        "backtest-add",
        ("draft_rule",),
        lambda world: {
            "first_on": (date.today() - timedelta(days=365)).isoformat(),
            "last_on": date.today().isoformat(),
        },
        by=FINANCE,
    ),
    Entry("rule-activate", ("draft_rule",)),
    Entry("rule-end", ("rule",), lambda world: {"last_on": date.today().isoformat()}),
    Entry(
        "rate-add",
        data={"base": "EUR", "quote": "INR", "value": "90.5", "on": "2026-01-05", "source": "a bank"},
    ),
    Entry("rate-import", data={"text": RATES, "seen": hashlib.sha256(RATES.encode()).hexdigest()}),
    Entry("revaluation-book", data={"organization": "P", "on": "2026-01-31", "below": "on"}),
    Entry(
        "breakage-run",
        data=lambda world: {"organization": "P", "on": date.today().isoformat()},
        before=expect_breakage,
    ),
    Entry(
        "unclaimed-pay-many",
        data={"reference": "Report 2026"},
        query="?selected={unclaimed}",
        other={"reference": "Report 2027"},
    ),
    Entry("unclaimed-claim", ("unclaimed",), {"reference": "Cheque 7"}, other={"reference": "Cheque 8"}),
    Entry("period-close", data=lambda world: {"month": last_month()}),
    Entry("period-reopen", data=lambda world: {"month": last_month(), "reason": "late"}, by=FINANCE),
    Entry("period-reopening", ("reopening",), {"decision": "approve"}),
    # reconciliation
    Entry(
        "claim-acknowledge",
        ("claim",),
        lambda world: {"selected": ["{claim_event}-{claim}".format(**world.records)]},
        on=("claim", "claim"),
    ),
    Entry("dispute-raise", ("claim", "claim_event"), {"reason": "amount", "text": "It was 200.00."}),
    Entry("dispute-answer", ("dispute",), {"text": "80 % of 300.00."}),
    Entry("dispute-end", ("dispute",), {"outcome": "withdrawn", "text": "We looked again."}),
    Entry("statement-send", data=a_statement),
    Entry("statement-columns", ("statement",)),
    Entry("statement-resume", ("statement",), on=("statement-sent", "statement"), before=cancelled),
    Entry("statement-cancel", ("statement",), on=("statement-sent", "statement"), before=started),
    Entry("reconciliation-match", ("reconciliation",), on=("reconciliation", "reconciliation")),
    Entry("reconciliation-sign", ("reconciliation",), before=answer_everything),
    Entry("reconciliation-reopen", ("reconciliation",), {"why": "A line was overlooked."}, before=sign_off),
    Entry("finding-confirm-many", ("reconciliation",), query="?selected={agreeing_finding}"),
    Entry("finding-together", ("reconciliation",), query="?selected={agreeing_finding}&selected={finding}"),
    Entry("finding-confirm", ("agreeing_finding",), on=("reconciliation", "reconciliation")),
    Entry("finding-apart", ("finding",), on=("reconciliation", "reconciliation")),
    Entry("finding-answer", ("finding",), {"answer": "accepted", "note": "Agreed by phone."}),
    # netting, settlement runs and payments
    Entry(
        "settlement-propose",
        data=lambda world: {
            "organization": str(world.records["organization"]),
            "cutoff_on": date.today().isoformat(),
        },
        other={"cutoff_on": (date.today() - timedelta(days=1)).isoformat()},
        before=owe_something,
        lenient=("organizations",),
    ),
    Entry("settlement-approve", ("settlement",)),
    Entry("settlement-withdraw", ("approved_settlement",), {"reason": "too early"}),
    Entry("settlement-cancel", ("settlement",), {"reason": "the wrong month"}),
    Entry(
        "settlement-settle",
        ("approved_settlement",),
        lambda world: {"on": date.today().isoformat()},
        other={"on": (date.today() + timedelta(days=1)).isoformat()},
    ),
    Entry(
        "settlement-file",
        ("approved_settlement",),
        {"kind": "xml"},
        on=("settlement", "approved_settlement"),
        answer=200,
    ),
    Entry(
        "settlement-payment-confirm",
        ("open_payment",),
        lambda world: {"amount": "5.00", "on": date.today().isoformat()},
        other={"amount": "6.00"},
    ),
    Entry(
        "settlement-payment-bounce",
        ("confirmation",),
        lambda world: {"on": date.today().isoformat(), "reason": "closed"},
        other={"reason": "another"},
    ),
    Entry(
        "netting-add",
        data=lambda world: {
            "name": "Another",
            "legal_basis": "contract",
            "minimum": "10.00",
            "starts_on": "2026-01-01",
            "signed_on": "2026-01-01",
            "signed_by": "both",
            "groups": str(world.records["organization"]),
        },
        lenient=("parties",),
    ),
    Entry(
        "report-schedule-add",
        data=lambda world: {
            "organization": str(world.records["organization"]),
            "name": "Weekly books",
            "kind": "trial-balance",
            "scope": "alone",
            "period": "last_month",
            "formats": ["pdf"],
            "every": "week",
            "weekday": "1",
            "recipients": "finance@harbor.example",
        },
        lenient=("month_day", "weekday"),
    ),
    Entry(
        "report-schedule-edit",
        ("report_schedule",),
        {"name": "Other books"},
        lenient=("month_day", "weekday"),
    ),
    Entry("report-schedule-pause", ("report_schedule",)),
    Entry("report-schedule-run", ("report_schedule",)),
    Entry("netting-end", ("agreement",), lambda world: {"ends_on": date.today().isoformat()}),
    Entry(
        "bank-account-add",
        data=lambda world: {
            "organization": str(world.records["organization"]),
            "holder": "Harbor",
            "iban": "NL91ABNA0417164300",
        },
    ),
    Entry("bank-account-close", ("bank_account",)),
    # third parties
    Entry("vendor-contact-add", ("vendor",), {"name": "New", "email": "n@xact.example"}),
    Entry("vendor-contact-edit", ("contact",), {"name": "Other"}),
    Entry("portal-link-send", ("contact",), on=("vendor", "vendor")),
    Entry("portal-links-revoke", ("contact",), on=("vendor", "vendor")),
    Entry(
        "vendor-service-add",
        ("vendor",),
        lambda world: (
            {"service": str(world.records["service"]), "code": "X-7", "turnaround_hours": "2"} | PRICE
        ),
    ),
    Entry("vendor-service-edit", ("vendor_service",), {"code": "X-101"}),
    Entry("vendor-price-set", ("vendor_service",), PRICE),
    Entry(
        "request-add", ("patient",), lambda world: {"vendor_service": str(world.records["vendor_service"])}
    ),
    Entry("request-send", ("drafted",), {"duplicates_accepted": "on"}),
    Entry("request-approve", ("drafted",), {"duplicates_accepted": "on"}, before=limit_what_is_sent),
    Entry("request-cancel", ("asked",), {"reason_code": "patient_declined"}),
    Entry("request-write", ("asked",), {"text": "Please call us"}),
    Entry("request-answer", ("asking", "question"), {"text": "The red one"}),
    Entry("request-ask-cancel", ("accepted",), {"reason_code": "patient_declined"}),
    # portal
    Entry("portal-link", ("portal_secret",), by=STRANGER),
    Entry("portal-code", ("portal_secret",), {"code": "12345678"}, by=STRANGER, answer=422),
    Entry("portal-sign-out", by=VENDOR, on=("portal",), answer=200),
    Entry("portal-task-accept", ("asked",), lambda world: {"promised_at": tomorrow()}, by=VENDOR),
    Entry("portal-task-reject", ("asked",), {"reason_code": "no_capacity"}, by=VENDOR),
    Entry("portal-task-start", ("accepted",), by=VENDOR),
    Entry("portal-task-complete", ("accepted",), a_pdf, by=VENDOR),
    Entry("portal-task-hold", ("accepted",), {"reason_code": "specimen"}, by=VENDOR),
    Entry("portal-task-resume", ("held",), by=VENDOR),
    Entry("portal-task-fail", ("accepted",), {"reason_code": "equipment"}, by=VENDOR),
    Entry(
        "portal-task-correct",
        ("completed",),
        lambda world: {"reason": "The wrong unit", **a_pdf(world)},
        by=VENDOR,
    ),
    Entry("portal-task-write", ("accepted",), {"text": "It takes a day longer"}, by=VENDOR),
    Entry(
        "portal-task-propose",
        ("accepted",),
        lambda world: {"proposed_at": tomorrow()},
        by=VENDOR,
        lenient=("proposed_at",),
    ),
    Entry("portal-task-reply", ("asked_back", "told"), {"text": "Yes"}, by=VENDOR),
)


def routes() -> Iterator[tuple[str, Any]]:
    """Every route with a name, and its view class."""

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, Any]]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns)
            else:
                yield one.name or str(one.pattern), getattr(one.callback, "view_class", None)

    return walk(get_resolver().url_patterns)


def posting_routes() -> set[str]:
    """Routes whose view answers a POST; the front door hands it to the sign-in page."""
    return {
        name
        for name, view in routes()
        if view is not None
        and (name == "front" or (hasattr(view, "post") and "post" in view.http_method_names))
    }
