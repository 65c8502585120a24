"""Every page with nonsense behind the question mark, and requests that are odd as a whole: an answer, nothing changed."""

from __future__ import annotations

import inspect
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from network.pages import ADMINISTRATOR, FRONT_DESK, NO_PAGES, PAGES, STRANGER, VENDOR, Page
from tests.input.routes import routes
from tests.input.values import HUGE, LONG, MARKUP, TEXTS
from tests.input.world import World, text_of

#: Addresses of GETs that show no page of their own.
OTHERS = (
    Page("counter-start"),
    Page("entitlement-top-up", ("family",)),
    Page("sale-receipt-pdf", ("sale",)),
    Page("charge-receipt-pdf", ("charge_receipt",)),
    Page("quote-pdf", ("quote",)),
    Page("counter-charge-price", ("organization", "patient"), query="?service=1&quantity=2"),
    Page("counter-top-up-price", ("organization", "family"), query="?line_1=2&discount=5.00"),
    Page("counter-redeem-price", ("organization", "credit_line"), query="?service=1&quantity=2&credit=5.00"),
    Page("counter-sell-price", ("organization", "patient", "package"), query="?quantity=2&discount=5.00"),
    Page("unclaimed-payment-pdf", ("unclaimed_payment",)),
    Page("credit-note-pdf", ("credited_sale", "credit_note")),
    Page("counter-lookup", ("organization",)),
    Page("counter-charge", ("organization", "patient")),
    Page("organization-branch", ("organization",)),
    Page("organization-export-parents"),
    Page("organization-export-paths"),
    Page("organization-export-fhir"),
    Page("organization-import-example", ("import_format",)),
    Page("organization-import-progress", ("imported",), status=204),
    Page("redemption-import-progress", ("redeemed_import",), status=204),
    Page("statement-progress", ("statement",), status=204),
    Page("organization-records", ("partner",)),
    Page("own-records", ("own_records",)),
    Page("logo", ("no_logo",), status=404),
    Page("content-fhir", ("content_version",)),
    Page("remittance-pdf", ("remittance",)),
    Page("request-result", ("completed", "one")),
    Page("patient-form-file", ("form_patient", "filled_form", "file_link")),
    Page("request-result-page", ("completed", "one", "one")),
    Page("portal-result", ("completed", "one"), by=VENDOR),
    Page("dispute-file", ("dispute", "dispute_message")),
)
PERSONAS = {STRANGER: "", VENDOR: "vendor", ADMINISTRATOR: "administrator", FRONT_DESK: "desk"}
#: Pages that need steps before them: their forms are attacked in test_forms.py.
AFTER_STEPS = {
    "account_confirm_login_code",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
}
ABSENT = AFTER_STEPS | {"dev-mail", "dev-mail-page", "design", "design-dialog"}
TOGETHER = {(page.route, page.by): page for page in (*PAGES, *OTHERS) if page.status == 200}
PARAMETERS = (
    *("q", "search", "page", "per_page", "sort", "after", "format", "tab", "done", "next", "looked_up"),
    *("export", "selected", "columns", "_query"),
    *(
        "organization",
        "status",
        "kind",
        "who",
        "verb",
        "role",
        "scope",
        "below",
        "vendor",
        "service",
        "category",
    ),
    *("package", "seller", "account", "counterparty", "patient", "person", "permission"),
    *("figure", "currency", "code", "percent"),
    *("since", "until", "first", "last"),
)
#: Parameters of pages beside what their filters show.
EVERYWHERE = ("page", "sort", "q", "after", "organization")
DAYS, NUMBERS = (
    ("since", "until", "first", "last"),
    ("page", "per_page", "organization", "vendor", "service", "patient"),
)
ODD = TEXTS | {
    "huge": HUGE,
    "very huge": "9" * 5000,
    "negative": "-1",
    "superscript": "\u00b2",
    "nan": "NaN",
    "last day": "9999-12-31",
    "first day": "0001-01-01",
    "last cursor": "9999-12-31.9999999999999999999",
    "csv": "csv",
    "xlsx": "xlsx",
    "minus": "-",
    "comma": ",,-name,zq",
}


def reads_parameters(view: Any) -> bool:
    """Does the page of a view look behind the question mark?"""
    sources = (
        inspect.getsource(part)
        for part in view.__mro__
        if not part.__module__.startswith(("django", "builtins", "vendors.portal.views.base"))
    )
    return any(".GET" in source for source in sources)


pytestmark = pytest.mark.filterwarnings("ignore:Use '__' to separate path components")
VIEWS = dict(routes())
READING = [
    page
    for page in TOGETHER.values()
    if VIEWS[page.route] is not None and reads_parameters(VIEWS[page.route])
]


def test_every_page_is_here():
    here = {page.route for page in (*PAGES, *OTHERS)}
    gets = {name for name, view in routes() if view is not None and hasattr(view, "get")}
    assert gets - here == ABSENT & gets
    assert set(NO_PAGES) - ABSENT <= here


@pytest.mark.parametrize("address", TOGETHER.values(), ids=lambda address: address.route)
def test_every_parameter_at_once(address, world: World):
    """Markup in every parameter, on every page; on those that read parameters all that is odd."""
    path, wrong = address.path(world.records), []
    for label, value in (ODD if address in READING else {"markup": MARKUP, "nul": "a\0"}).items():
        answer = world.send(PERSONAS[address.by], "get", path, dict.fromkeys(PARAMETERS, (value, value)))
        wrong += [f"{label}: {one}" for one in answer.wrong]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("address", READING, ids=lambda address: address.route)
def test_one_parameter(address, world: World):
    """A parameter alone reaches further than among others that are refused."""
    path, wrong = address.path(world.records), []
    tries = [(name, day) for name in DAYS for day in ("9999-12-31", "0001-01-01", "0000-01-01", "2026-02-30")]
    tries += [(name, value) for name in NUMBERS for value in (HUGE, "-1", "\u00b2", "1\0")]
    foreign = str(world.foreign["orgs_organization"])
    tries += [
        ("organization", foreign),
        ("counterparty", foreign),
        ("sort", "-zq"),
        ("after", "2026-01-01.-9"),
        ("after", "0001-01-01.0"),
    ]
    tries += [
        ("q", value)
        for value in ("a\0b", MARKUP, "%_\\", "9" * 5000, "2026-02-30", "\u0300", "\U0010ffff", "()&|!:*")
    ]
    known = text_of(world.client(PERSONAS[address.by]).get(path))
    for name, value in tries:
        if name not in EVERYWHERE and f'name="{name}"' not in known:
            continue
        answer = world.send(PERSONAS[address.by], "get", path, {name: value}, headers={"HX-Request": "true"})
        wrong += [f"{name}={value[:20]!r}: {one}" for one in answer.wrong]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", ["/console/", "/account/sign-in/", "/portal/", "/"])
def test_odd_requests(path, world: World):
    """Cookies, headers and queries that no browser makes."""
    wrong = []
    for what, how in {
        "a session with NUL": {"headers": {"Cookie": f'{settings.SESSION_COOKIE_NAME}="aaaaaaaaaaaa\\000"'}},
        "a long session": {"headers": {"Cookie": f"{settings.SESSION_COOKIE_NAME}={'a' * 5000}"}},
        "cookies that are none": {
            "headers": {"Cookie": 'caretree_portal=\xff"; =; ;;a=b=c; caretree_csrf="'}
        },
        "a portal cookie with NUL": {"headers": {"Cookie": 'caretree_portal="\\000\\377"'}},
        "an odd language": {"headers": {"Accept-Language": "\xff;q=zq,*"}},
        "an odd agent": {
            "headers": {
                "User-Agent": "a\0\x1f" + LONG,
                "Referer": "http://[zq",
                "HX-Current-URL": "http://[zq",
            }
        },
        "a query that is none": {"QUERY_STRING": "%ff=%00&&=&q=%zz;a"},
        "an endless query": {"QUERY_STRING": "&".join(f"f{n}=1" for n in range(1100))},
        "an odd length": {"CONTENT_LENGTH": "zq"},
    }.items():
        answer = world.send("", "get", path, **how)
        wrong += [f"{what}: {one}" for one in answer.wrong]
    for odd in (
        "%00",
        "%ff",
        "%2e%2e/",
        "console/%00/",
        "portal/link/%00/",
        "portal/link/%ff%00/code/",
        "invitations/%00%ff/",
        "account/password/reset/zzzzzzzzzzzzzzzzzzzzz-a-b/",
        "console/organizations/%D9%A3/",
    ):
        wrong += [f"/{odd}: {one}" for one in world.send("administrator", "get", f"/{odd}").wrong]
    assert not wrong, "\n".join(wrong)


def test_a_form_without_its_token(world: World):
    """A form from an old page or another site is not taken; what was typed is shown, names included that are none."""
    client = world.client("administrator")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    world.clients["strict"] = strict
    path = world.path("organization-edit", ("sub",))
    answer = world.send(
        "strict",
        "post",
        path,
        urlencode({"": "1", "name": MARKUP, "password": "hush"}),
        content_type="application/x-www-form-urlencoded",
    )
    assert not answer.wrong
    assert answer.status == 403
    assert "&lt;zq" in answer.body
    assert "hush" not in answer.body
