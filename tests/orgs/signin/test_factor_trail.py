"""Changes of a second factor stand in the trail of every organization where the person holds a role."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit.models import AuditEvent, SystemEvent
from core.tenancy import bound
from tests.cast import CANARY, PASSWORD
from tests.second_factor import set_up


def lines(network_id: int) -> list[tuple[str, int | None, str, str, str]]:
    with bound(network_id):
        found = AuditEvent.objects.filter(verb__startswith="second_factor.").order_by("pk")
        return [
            (one.verb, one.organization_id, one.actor_label, one.new["factor"], one.new["from"])
            for one in found
        ]


@pytest.fixture
def changed(people, enter, django_capture_on_commit_callbacks):
    """The desk sets a factor up, makes new codes, and removes it, from one address."""

    def change():
        client = enter("desk")
        client.defaults["REMOTE_ADDR"] = "203.0.113.7"
        with django_capture_on_commit_callbacks(execute=True):
            set_up(client, PASSWORD)
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(reverse("mfa_generate_recovery_codes")).status_code == 302
        assert client.post(reverse("mfa_deactivate_totp")).status_code == 302

    return change


def test_each_change_is_a_line_with_who_what_and_from_where(people, changed, browse):
    changed()
    north, at = people.organizations["S"].pk, "203.0.113.7"
    assert lines(people.network.pk) == [
        ("second_factor.added", north, "Nora North", "authenticator app", at),
        ("second_factor.added", north, "Nora North", "recovery codes", at),
        ("second_factor.renewed", north, "Nora North", "recovery codes", at),
        ("second_factor.removed", north, "Nora North", "authenticator app", at),
        ("second_factor.removed", north, "Nora North", "recovery codes", at),
    ]
    page = browse("privacy").get(reverse("organization-activity", args=[north])).content.decode()
    assert "Second factor removed" in page
    assert at in page
    assert SystemEvent.objects.filter(verb__startswith="second_factor.").count() == 5


def test_every_network_of_the_person_hears_of_it_and_no_other(people, changed, second_network):
    changed()
    assert [line[0] for line in lines(second_network)] == [line[0] for line in lines(people.network.pk)]
    assert lines(people.foreign[1].pk) == []
    with bound(second_network):
        (place,) = set(AuditEvent.objects.filter(verb="second_factor.added").values_list("organization_id"))
    assert place[0] not in {one.pk for code, one in people.organizations.items() if CANARY not in one.name}


def test_signing_in_with_it_changes_nothing(people, enter, django_capture_on_commit_callbacks):
    client = enter("desk")
    assert client.get(reverse("mfa_index")).status_code == 200
    assert lines(people.network.pk) == []
