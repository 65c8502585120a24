"""The link, the code and the session: what opens the portal and everything that doesn't."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Refused
from core.models import Network
from core.tenancy import bound
from orgs.actions.organization import suspend_organization
from tests.cast import SYSTEM
from tests.vendors.conftest import last_code, link_path, opened_with_session
from vendors.actions.contact import ContactDetails, edit_contact, revoke_links, send_link
from vendors.models import PortalCode, PortalLink, PortalSession
from work.actions.relay import relay_due_events
from work.models import Mail, OutboxEvent


@pytest.fixture
def path(placed) -> str:
    with bound(placed.cast.network.pk):
        return link_path(placed.contact)


def codes() -> int:
    return Mail.objects.filter(subject__contains="your code").count()


def ask(path: str) -> Client:
    """Press the button and let the worker run."""
    client = Client()
    assert client.post(path)["Location"] == path + "code/"
    relay_due_events()
    return client


def test_opening_the_link_does_nothing(path, placed):
    client = Client()
    for method in (client.get, client.head, client.options):
        answer = method(path)
        assert answer.status_code == 200
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies.get("caretree_portal")
    relay_due_events()
    assert codes() == 0


def test_the_button_mails_a_code_to_the_registered_address(path, placed):
    client = ask(path)
    mail = Mail.objects.get(subject__contains="your code")
    assert mail.to == "xena@xact.example"
    code = last_code(mail.to)
    with bound(placed.cast.network.pk):
        stored = PortalCode.objects.get()
        assert code.replace(" ", "") not in stored.code_hash
        assert len(stored.code_hash) == 64
    answer = client.get(path + "code/")
    assert answer["Referrer-Policy"] == "no-referrer"
    answer = client.post(path + "code/", {"code": code.replace(" ", "")})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")
    assert client.get("/portal/").status_code == 200


def test_the_link_is_mailed_and_stored_as_a_hash(lab):
    send_link(lab.cast.actor("vendor_manager"), lab.contact)
    mail = Mail.objects.get()
    assert mail.to == lab.contact.email
    secret = mail.body.split("/portal/link/")[1].split("/")[0]
    link = PortalLink.objects.get()
    assert secret not in link.secret_sha256
    assert AuditEvent.objects.filter(verb="portal_link.sent", subject_id=link.pk).exists()
    link = PortalLink.objects.annotate(now=Now()).get()
    assert abs(link.expires_at - link.now - timedelta(days=14)) < timedelta(minutes=1)


def _expire(placed):
    PortalLink.objects.update(expires_at=Now() - timedelta(seconds=1))


def _revoke(placed):
    revoke_links(SYSTEM, placed.contact)


def _deactivate(placed):
    edit_contact(
        SYSTEM,
        placed.contact,
        details=ContactDetails("Xena Xact", "xena@xact.example", active=False),
        version=1,
    )


def _readdress(placed):
    edit_contact(SYSTEM, placed.contact, details=ContactDetails("Xena Xact", "thief@xact.example"), version=1)


def _suspend_vendor(placed):
    suspend_organization(SYSTEM, placed.cast["X"], reason="late", version=placed.cast["X"].version)


def _suspend_network(placed):
    Network.objects.update(status="suspended")


CLOSED = [_expire, _revoke, _deactivate, _readdress, _suspend_vendor, _suspend_network]


def same(answer) -> tuple:
    """What a stranger could tell two answers apart by: status, place, text without its token."""
    text = answer.content.decode()
    while 'name="csrfmiddlewaretoken" value="' in text:
        start = text.index('name="csrfmiddlewaretoken" value="')
        text = text[:start] + text[text.index(">", start) :]
    return answer.status_code, answer.headers.get("Location", ""), text, sorted(answer.cookies)


@pytest.mark.parametrize("close", CLOSED)
def test_a_closed_link_looks_the_same_and_mails_nothing(path, placed, close):
    client = Client()
    open_page, open_code = same(client.get(path)), same(client.get(path + "code/"))
    with bound(placed.cast.network.pk):
        close(placed)
    assert same(client.get(path)) == open_page
    assert same(client.get(path + "code/")) == open_code
    assert same(ask(path).get(path + "code/"))[:2] == open_code[:2]
    assert codes() == 0
    wrong = client.post(path + "code/", {"code": "12345678"})
    unknown = client.post("/portal/link/unknown/code/", {"code": "12345678"})
    assert wrong.status_code == unknown.status_code == 422
    assert same(wrong)[2].replace(path.split("/")[3], "") == same(unknown)[2].replace("unknown", "")


@pytest.mark.parametrize("close", CLOSED[1:])
def test_a_code_asked_for_before_opens_nothing_after(path, placed, close):
    client = ask(path)
    code = last_code("xena@xact.example")
    with bound(placed.cast.network.pk):
        close(placed)
    assert client.post(path + "code/", {"code": code}).status_code == 422
    with bound(placed.cast.network.pk):
        assert not PortalSession.objects.exists()


@pytest.mark.parametrize("close", CLOSED[1:])
def test_a_session_ends_at_once(placed, phone, close):
    phone.sign_in(placed.contact)
    assert phone.get("portal").status_code == 200
    with bound(placed.cast.network.pk):
        close(placed)
    answer = phone.get("portal")
    assert answer.status_code == 401
    assert "Open the link" in answer.content.decode()


def test_an_unknown_link(db):
    client = Client()
    assert client.get("/portal/link/" + "a" * 43 + "/").status_code == 200
    assert client.post("/portal/link/" + "a" * 43 + "/").status_code == 302
    assert not OutboxEvent.objects.filter(topic="portal.code_requested").exists()


def test_five_tries(path, placed):
    client = ask(path)
    code = last_code("xena@xact.example")
    wrong = "00000000" if code != "0000 0000" else "11111111"
    for _ in range(5):
        assert client.post(path + "code/", {"code": wrong}).status_code == 422
    assert client.post(path + "code/", {"code": code}).status_code == 422
    with bound(placed.cast.network.pk):
        assert PortalCode.objects.get().tries == 5
        assert AuditEvent.objects.filter(verb="portal.code_refused").count() == 6


def test_the_fifth_try_still_counts(path):
    client = ask(path)
    code = last_code("xena@xact.example")
    for typed in ("", "x", "１２３４５６７８", "9" * 20):
        assert client.post(path + "code/", {"code": typed}).status_code == 422
    assert client.post(path + "code/", {"code": code}).status_code == 302


def test_a_code_works_once_and_for_ten_minutes(path, placed):
    client = ask(path)
    code = last_code("xena@xact.example")
    assert client.post(path + "code/", {"code": code}).status_code == 302
    assert Client().post(path + "code/", {"code": code}).status_code == 422
    with bound(placed.cast.network.pk):
        PortalCode.objects.create(
            link=PortalLink.objects.get(),
            contact=placed.contact,
            code_hash=PortalCode.objects.get().code_hash,
            expires_at=Now() - timedelta(seconds=1),
        )
    assert Client().post(path + "code/", {"code": code}).status_code == 422


def test_the_newest_code_is_the_valid_one(path, placed, monkeypatch):
    monkeypatch.setattr("vendors.actions.portal.CODE_PAUSE", timedelta(0))
    client = ask(path)
    first = last_code("xena@xact.example")
    ask(path)
    second = last_code("xena@xact.example")
    if first != second:
        assert client.post(path + "code/", {"code": first}).status_code == 422
    assert client.post(path + "code/", {"code": second}).status_code == 302


def test_codes_are_not_mailed_without_end(path, monkeypatch):
    for _ in range(3):
        ask(path)
    assert codes() == 1  # within the pause
    monkeypatch.setattr("vendors.actions.portal.CODE_PAUSE", timedelta(0))
    for _ in range(12):
        ask(path)
    assert codes() == 6


def test_a_code_of_another_link_does_not_open(path, placed):
    ask(path)
    with bound(placed.cast.network.pk):
        other = link_path(placed.contact)
    assert Client().post(other + "code/", {"code": last_code("xena@xact.example")}).status_code == 422


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("idle", "age", "status"),
    [
        (14 * MINUTE, 60 * MINUTE, 200),
        (15 * MINUTE, 60 * MINUTE, 401),
        (MINUTE, 479 * MINUTE, 200),
        (MINUTE, 480 * MINUTE, 401),
    ],
)
def test_a_session_grows_old(placed, idle, age, status):
    assert opened_with_session(placed, idle, age) == status


def test_being_used_keeps_a_session_alive(placed, phone):
    phone.sign_in(placed.contact)
    with bound(placed.cast.network.pk):
        before = PortalSession.objects.get().seen_at
    phone.get("portal")
    with bound(placed.cast.network.pk):
        assert PortalSession.objects.get().seen_at >= before


def test_signing_out_ends_the_session_not_only_the_cookie(placed, phone):
    phone.sign_in(placed.contact)
    stolen = phone.client.cookies["caretree_portal"].value
    phone.post("portal-sign-out")
    thief = Client()
    thief.cookies["caretree_portal"] = stolen
    assert thief.get("/portal/").status_code == 401


def test_staff_and_contacts_are_strangers_to_each_other(placed, phone, browse):
    phone.sign_in(placed.contact)
    desk = browse("desk")
    assert desk.get("/portal/").status_code == 401
    for target in ("/console/", reverse("organization-list"), reverse("request-list")):
        answer = phone.client.get(target)
        assert answer.status_code == 302
        assert "/account/" in answer["Location"] or answer["Location"].startswith("/?")
    desk.cookies["caretree_portal"] = desk.cookies["caretree_session"].value
    assert desk.get("/portal/").status_code == 401
    both = browse("administrator")
    both.cookies["caretree_portal"] = phone.client.cookies["caretree_portal"].value
    page = both.get("/portal/").content.decode()
    assert "Xact Labs" in page
    assert "Ada Admin" not in page
    stranger = Client()
    stranger.cookies["caretree_session"] = phone.client.cookies["caretree_portal"].value
    assert stranger.get("/console/").status_code == 302


def test_a_forged_cookie(db):
    client = Client()
    for value in ("", "x", "' OR 1=1 --", "é" * 10, "a" * 5000):
        client.cookies["caretree_portal"] = value
        assert client.get("/portal/").status_code == 401


def test_revoking_needs_something_to_revoke(lab):
    with pytest.raises(Refused, match="no link or session"):
        revoke_links(SYSTEM, lab.contact)
