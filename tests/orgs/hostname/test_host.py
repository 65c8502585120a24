"""At a network's own host name: what it looks like, who comes in, and what a forged name gets."""

from __future__ import annotations

import hashlib
import re

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.tenancy import bound
from orgs.actions.hostname import confirm_host_name, give_up_host_name, request_host_name
from orgs.actions.invitation import invite
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.setting import NewValue, assign_setting
from orgs.middleware import SESSION_KEY
from orgs.models import HostName
from orgs.pictures import redrawn
from orgs.queries import tree
from orgs.rules.settings import ACCENT, LOGO, PORTAL_NAME
from tests.cast import CANARY, PASSWORD, SYSTEM
from tests.orgs.branding.pictures import picture
from tests.vendors.conftest import Phone, build_lab
from vendors.actions.contact import send_link
from vendors.portal.session import COOKIE
from work.models import Mail

CARE, LABS, THEIRS = "care.harbor.example", "labs.harbor.example", "care.canary.example"


def take(network, name, face):
    with bound(network.pk):
        confirm_host_name(SYSTEM, request_host_name(SYSTEM, None, name=name, face=face))


@pytest.fixture
def hosts(cast):
    """The network has a host name for its console and one for its portal, another network one for its console."""
    take(cast.network, CARE, "console")
    take(cast.network, LABS, "portal")
    take(cast.foreign[0], THEIRS, "console")
    for user in (cast.users["desk"], cast.foreign_user):
        user.set_password(PASSWORD)
        user.save()
    return cast


def at(name: str, **more) -> Client:
    return Client(HTTP_HOST=name, **more)


def sign_in(client, user):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def carry(client, name, **more) -> Client:
    """The same cookies, sent to another host."""
    other = at(name, **more)
    other.cookies = client.cookies
    return other


# what it looks like


def test_the_sign_in_page_carries_the_networks_name_logo_and_colour(hosts):
    png = redrawn("a", picture())
    digest = hashlib.sha256(png).hexdigest()
    with bound(hosts.network.pk):
        assign_setting(SYSTEM, hosts["P"], setting=LOGO, new=NewValue(digest), picture=png)
        assign_setting(SYSTEM, hosts["P"], setting=ACCENT, new=NewValue("plum"))
        assign_setting(SYSTEM, hosts["P"], setting=PORTAL_NAME, new=NewValue("Harbor Lab Desk"))
    for path in ("/", reverse("account_login"), reverse("account_reset_password"), "/nothing-here/"):
        page = at(CARE).get(path).content.decode()
        assert reverse("logo", args=[digest]) in page, path
        assert "Harbor Health" in page, path
        assert 'data-accent="plum"' in page, path
        assert "Caretree</div>" not in page, path
    assert at(CARE).get(reverse("logo", args=[digest])).status_code == 200
    portal = at(LABS).get(reverse("portal")).content.decode()
    assert "Harbor Lab Desk" in portal
    assert reverse("logo", args=[digest]) in portal
    for name in ("testserver", THEIRS):
        page = at(name).get("/").content.decode()
        assert "Harbor" not in page
        assert digest not in page


def test_the_sign_in_page_of_a_host_name_takes_few_queries(hosts):
    at(CARE).get("/")
    with CaptureQueriesContext(connection) as queries:
        at(CARE).get("/")
    asked = [
        one["sql"]
        for one in queries
        if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))
    ]
    assert len(asked) <= 4, asked
    with CaptureQueriesContext(connection) as queries:
        at("testserver").get("/")
    assert not queries.captured_queries, "the installation's own names are looked up nowhere"


# who comes in


def test_a_member_lands_in_the_network_of_the_host(hosts):
    with bound(hosts.foreign[0].pk):
        grant_membership(
            SYSTEM, tree.root(), user=hosts.users["desk"], new=NewMembership("front_desk", "this")
        )
    client = at(CARE)
    assert sign_in(client, hosts.users["desk"]).status_code == 302
    page = client.get(reverse("home"))
    assert page.status_code == 200
    assert page.wsgi_request.network == hosts.network
    elsewhere = at(THEIRS)
    sign_in(elsewhere, hosts.users["desk"])
    assert elsewhere.get(reverse("home")).wsgi_request.network == hosts.foreign[0]


def test_who_holds_no_role_there_is_told_so_and_nothing_else(hosts):
    client = at(THEIRS)
    assert sign_in(client, hosts.users["desk"]).status_code == 302
    answer = client.get(reverse("home"))
    assert answer.status_code == 403
    assert "You hold no role here" in answer.content.decode()
    assert "Harbor" not in answer.content.decode()
    assert SESSION_KEY not in client.session
    for route in ("organization-list", "patient-list", "audit-list"):
        answer = client.get(reverse(route))
        assert answer.status_code == 403
        assert f"{CANARY} branch" not in answer.content.decode()


def test_a_session_of_one_network_opens_nothing_at_anothers_host(hosts):
    with bound(hosts.foreign[0].pk):  # who may work in both, but signed in at one
        grant_membership(
            SYSTEM, tree.root(), user=hosts.users["desk"], new=NewMembership("front_desk", "this")
        )
    client = at(CARE)
    sign_in(client, hosts.users["desk"])
    assert client.get(reverse("home")).status_code == 200
    stolen = carry(client, THEIRS)
    answer = stolen.get(reverse("home"))
    assert answer.status_code == 403
    assert "Harbor" not in answer.content.decode()
    assert stolen.get(reverse("organization-list")).status_code == 403
    assert client.get(reverse("home")).status_code == 200


def test_the_switcher_leads_to_the_other_networks_host(hosts):
    with bound(hosts.foreign[0].pk):
        grant_membership(
            SYSTEM, tree.root(), user=hosts.users["desk"], new=NewMembership("front_desk", "this")
        )
    client = at(CARE)
    sign_in(client, hosts.users["desk"])
    client.get(reverse("home"))
    page = client.get(reverse("network-switch")).content.decode()
    port = re.search(r":\d+$", django_settings.BASE_URL).group()
    assert f'href="http://{THEIRS}{port}/console/"' in page
    assert f'name="network" value="{hosts.network.pk}"' in page
    answer = client.post(reverse("network-switch"), {"network": str(hosts.foreign[0].pk)})
    assert answer.status_code == 422
    assert client.session[SESSION_KEY] == hosts.network.pk
    with bound(hosts.foreign[0].pk):
        give_up_host_name(SYSTEM, HostName.objects.get())
    page = client.get(reverse("network-switch")).content.decode()
    assert f'href="{django_settings.BASE_URL}/networks/"' in page


def test_a_name_that_was_given_up_answers_no_longer(hosts):
    client = at(CARE)
    sign_in(client, hosts.users["desk"])
    assert client.get(reverse("home")).status_code == 200
    with bound(hosts.network.pk):
        give_up_host_name(SYSTEM, HostName.objects.get(name=CARE))
    assert client.get(reverse("home")).status_code == 400


# links and the portal


def test_links_in_mail_lead_to_the_networks_own_addresses(hosts):
    with bound(hosts.network.pk):
        lab = build_lab(hosts)
        send_link(SYSTEM, lab.contact)
        invite(
            SYSTEM,
            hosts["S"],
            email="new@harbor.example",
            name="New",
            new=NewMembership("front_desk", "this"),
        )
    port = re.search(r":\d+$", django_settings.BASE_URL).group()
    portal_link = re.search(r"http\S+", Mail.objects.get(to=lab.contact.email).body).group()
    invitation = re.search(r"http\S+", Mail.objects.get(to="new@harbor.example").body).group()
    assert portal_link.startswith(f"http://{LABS}{port}/portal/link/")
    assert invitation.startswith(f"http://{CARE}{port}/invitations/")
    path = invitation.partition(port)[2]
    assert at(CARE).get(path).status_code == 200
    assert at("testserver").get(path).status_code == 200
    assert at(THEIRS).get(path).status_code == 410


@pytest.mark.parametrize("name", [CARE, THEIRS])
def test_a_new_password_is_chosen_where_it_was_asked_for(hosts, name):
    at(name).post(reverse("account_reset_password"), {"email": hosts.users["desk"].email})
    port = re.search(r":\d+$", django_settings.BASE_URL).group()
    assert f"http://{name}{port}/account/password/reset/" in Mail.objects.get().body


def test_a_portal_session_and_its_link_open_nothing_at_another_networks_portal(hosts):
    take(hosts.foreign[0], "labs.canary.example", "portal")
    with bound(hosts.network.pk):
        lab = build_lab(hosts)
    phone = Phone(hosts)
    phone.sign_in(lab.contact)
    for name, status in ((LABS, 200), ("testserver", 200), ("labs.canary.example", 401)):
        other = at(name)
        other.cookies[COOKIE] = phone.client.cookies[COOKIE].value
        assert other.get(reverse("portal")).status_code == status, name


def test_each_host_name_has_one_face(hosts):
    assert at(LABS).get("/").headers["Location"] == "/portal/"
    for path in ("/console/", reverse("account_login"), reverse("network-switch")):
        assert at(LABS).get(path).status_code == 404, path
    assert at(CARE).get(reverse("portal")).status_code == 404
    assert at(LABS).get(reverse("portal")).status_code == 401


# forged names


@pytest.mark.parametrize(
    "name",
    [
        *(
            "evil.example",
            "care.harbor.example.evil.example",
            "xcare.harbor.example",
            "harbor.example",
            "127.0.0.2",
        ),
        *(
            "care.harbor.example@evil.example",
            "care.harbor.example/evil",
            "care_harbor.example",
            "[::2]",
            "a" * 300,
        ),
        *("care.harbor.example:80:80", "care.harbor.example:x", "' OR 1=1 --", "\u00e9.example", ".", ""),
    ],
)
@pytest.mark.parametrize("path", ["/", "/console/", "/portal/", "/networks/"])
def test_an_unknown_host_is_answered_400_without_a_trace(hosts, name, path):
    answer = Client(raise_request_exception=False).get(path, HTTP_HOST=name)
    if name == "":  # as an old client asks: the server's own name counts
        assert answer.status_code != 500
        return
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Traceback" not in page
    assert "Harbor" not in page
    assert "DisallowedHost" not in page


def test_a_name_that_was_only_asked_for_is_unknown(cast):
    with bound(cast.network.pk):
        request_host_name(SYSTEM, None, name=CARE, face="console")
    assert at(CARE).get("/").status_code == 400


def test_another_header_than_host_says_nothing(hosts):
    page = Client().get("/", HTTP_X_FORWARDED_HOST=CARE, HTTP_FORWARDED=f"host={CARE}").content.decode()
    assert "Harbor" not in page
    answer = at(CARE).get("/", HTTP_X_FORWARDED_HOST=THEIRS)
    assert "Harbor Health" in answer.content.decode()


def test_a_form_comes_from_its_own_host_only(hosts):
    client = at(CARE, enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").content.decode()).group(1)
    data = {"login": hosts.users["desk"].email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    for origin in (f"http://{THEIRS}", "http://testserver", "http://evil.example", "null"):
        assert client.post(reverse("account_login"), data, HTTP_ORIGIN=origin).status_code == 403, origin
    assert client.post(reverse("account_login"), data, HTTP_ORIGIN=f"http://{CARE}").status_code == 302


def test_cookies_belong_to_the_host_that_set_them(hosts):
    client = at(CARE)
    sign_in(client, hosts.users["desk"])
    assert client.cookies
    assert {cookie["domain"] for cookie in client.cookies.values()} == {""}


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("localhost", "max-age=31536000; includeSubDomains; preload"),
        (CARE, "max-age=31536000"),
        (LABS, "max-age=31536000"),
    ],
)
def test_https_is_asked_of_a_network_s_own_name_alone(hosts, settings, host, said):
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    for path in ("/accounts/login/", "/portal/", "/nothing-here/"):
        answer = Client().get(path, headers={"host": host}, secure=True)
        assert answer.headers["Strict-Transport-Security"] == said, path
    plain = Client().get("/accounts/login/", headers={"host": host})
    assert "Strict-Transport-Security" not in plain.headers


def test_nothing_asks_for_https_where_there_is_none(hosts, settings):
    settings.SECURE_HSTS_SECONDS = 0
    for host in ("localhost", CARE):
        assert "Strict-Transport-Security" not in Client().get("/portal/", headers={"host": host}).headers
