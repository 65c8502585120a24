"""One request of the console: one transaction, bound to one network, undone when it is denied or fails."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from core.models import Network
from core.tenancy import bound
from core.tenancy.binding import is_bound
from orgs.models import Organization
from orgs.views import organization as views
from tests.cast import details

LIST = reverse("organization-list")


def test_the_first_statement_of_the_transaction_binds_it(cast, browse):
    client = browse("administrator")
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    texts = [query["sql"] for query in queries]
    binding = next(index for index, text in enumerate(texts) if "set_config('app.network'" in text)
    assert f"'{cast.network.pk}', true" in texts[binding]
    assert not [text for text in texts[:binding] if '"orgs_' in text or '"core_network"' in text]
    assert not is_bound()


@pytest.fixture
def failing(monkeypatch):
    """The page of an organization writes something and then breaks."""

    def get(self, request, pk):
        Organization.objects.filter(pk=pk).update(name="half done")
        raise failing.error

    failing = type("Failing", (), {"error": RuntimeError("broken")})
    monkeypatch.setattr(views.OrganizationPage, "get", get)
    return failing


def test_a_fault_undoes_everything(cast, failing):
    client = cast.client("administrator")
    client.raise_request_exception = False
    answer = client.get(reverse("organization", args=[cast.organizations["S"].pk]))
    assert answer.status_code == 500
    assert "broken" not in answer.content.decode()
    with bound(cast.network.pk):
        assert cast["S"].name == "North Clinic"


def test_a_denial_after_a_write_undoes_it(cast, failing):
    from core.access import Denied

    failing.error = Denied(cast.actor("administrator"), "organization:edit", cast.organizations["S"].pk)
    answer = cast.client("administrator").get(reverse("organization", args=[cast.organizations["S"].pk]))
    assert answer.status_code == 403
    with bound(cast.network.pk):
        assert cast["S"].name == "North Clinic"


def test_a_committed_request_is_there_for_the_next(own_world):
    client = own_world.client("administrator")
    with bound(own_world.network.pk):
        version = own_world["S"].version
    url = reverse("organization-edit", args=[own_world.organizations["S"].pk])
    typed = vars(details("North Hospital", "S")) | {"_version": version}
    assert own_world.post(client, url, typed).status_code == 302
    assert "North Hospital" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    "path",
    ["/console/organizations/", "/console/", "/console/nothing/here/", "/console/organizations/1/edit/"],
)
def test_a_stranger_learns_nothing_of_the_console(db, path):
    answer = Client().get(path)
    assert answer.status_code in (302, 404)
    if answer.status_code == 302:
        assert answer["Location"].startswith(reverse("account_login"))


def test_a_forged_form_without_its_token_is_refused_and_kept(cast):
    client = Client(enforce_csrf_checks=True)
    client.cookies = cast.client("administrator").cookies
    url = reverse("organization-edit", args=[cast.organizations["S"].pk])
    answer = client.post(
        url, {"_network": cast.network.pk, "_version": 1, "name": "Forged", "code": "S", "time_zone": "UTC"}
    )
    assert answer.status_code == 403
    assert "Forged" in answer.content.decode()
    with bound(cast.network.pk):
        assert cast["S"].name == "North Clinic"


def test_every_answer_keeps_to_the_policy_of_the_pages(cast, browse):
    for client, path in (
        (Client(), "/"),
        (browse("administrator"), LIST),
        (browse("administrator"), "/console/organizations/0/"),
    ):
        answer = client.get(path)
        policy = answer["Content-Security-Policy"]
        for part in (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ):
            assert part in policy, path
        assert "unsafe" not in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_times_are_told_in_the_zone_of_the_network(cast, browse):
    client = browse("administrator")
    with bound(cast.network.pk):
        Network.objects.filter(pk=cast.network.pk).update(time_zone="Asia/Kolkata")
        at = AuditEvent.objects.latest("pk").at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert f"{at:%-d %b %Y, %H:%M}" in client.get(reverse("audit-list")).content.decode()
    assert timezone.get_current_timezone_name() == "UTC"
