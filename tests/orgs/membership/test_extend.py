"""Roles that get another last day, and people who get another role, one or several at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from core.errors import Refused, Stale
from core.tenancy import bound
from orgs.actions.membership import (
    NewMembership,
    change_role,
    end_membership,
    extend_membership,
    grant_membership,
)
from orgs.models import Membership
from orgs.queries.access import is_allowed
from orgs.rules.roles import difference
from orgs.rules.settings import LONGEST_MEMBERSHIP_DAYS
from patients.permissions import PATIENT_REGISTER, PATIENT_VIEW
from tests.cast import SYSTEM
from tests.lists.test_bulk import send, version_on
from tests.lists.test_export import csv_of

EXTEND, ROLE = map(reverse, ("membership-extend-many", "membership-role-many"))
LIST = reverse("membership-list")


def held(cast, persona: str) -> Membership:
    return Membership.objects.get(user=cast.users[persona])


def today() -> date:
    return timezone.now().date()


def extend(actor, membership: Membership, ends_on: date | None, reason: str = "Renewed.") -> Membership:
    return extend_membership(actor, membership, ends_on=ends_on, reason=reason, version=membership.version)


def change(actor, membership: Membership, role: str) -> Membership:
    return change_role(actor, membership, role=role, reason="Moved.", version=membership.version)


class TestExtending:
    def test_the_role_lasts_until_the_new_day_and_the_grants_with_it(self, world):
        last = today() + timedelta(days=10)
        one = extend(world.actor("local_admin"), held(world, "desk"), last)
        assert (one.ends_on, one.version) == (last, 2)
        assert set(one.grants.values_list("ends_on", flat=True)) == {last}
        line = AuditEvent.objects.get(verb="membership.extended")
        assert (line.old, line.new) == ({"until": None}, {"until": last.isoformat(), "reason": "Renewed."})
        again = extend(world.actor("local_admin"), one, None)
        assert again.ends_on is None

    @pytest.mark.parametrize(
        ("days", "reason", "said"),
        [(-1, "x", "has passed already"), (5, " ", "Say why")],
    )
    def test_what_makes_no_sense_is_refused(self, world, days, reason, said):
        with pytest.raises(Refused, match=said):
            extend(SYSTEM, held(world, "desk"), today() + timedelta(days=days), reason)

    def test_no_last_day_before_the_first(self, world):
        later = NewMembership("scheduler", "this", starts_on=today() + timedelta(days=9))
        one = grant_membership(SYSTEM, world["S"], user=world.users["desk"], new=later)
        with pytest.raises(Refused, match="is before the first day"):
            extend(SYSTEM, one, today() + timedelta(days=8))

    def test_what_has_ended_or_changed_is_not_extended(self, world):
        seen = held(world, "desk")
        ended = end_membership(SYSTEM, seen, reason="Left.", version=seen.version)
        with pytest.raises(Stale):
            extend(SYSTEM, seen, None)
        with pytest.raises(Refused, match="already ended"):
            extend(SYSTEM, ended, None)

    def test_it_may_not_reach_over_the_same_role_held_later(self, world):
        one = extend(SYSTEM, held(world, "desk"), today() + timedelta(days=5))
        later = NewMembership("front_desk", "this", starts_on=today() + timedelta(days=6))
        grant_membership(SYSTEM, world["S"], user=world.users["desk"], new=later)
        with pytest.raises(Refused, match="already holds this role"):
            extend(SYSTEM, one, today() + timedelta(days=6))

    def test_the_longest_time_counts_from_today(self, world, assign):
        assign("S", LONGEST_MEMBERSHIP_DAYS, 30)
        assert extend(SYSTEM, held(world, "desk"), today() + timedelta(days=29)).ends_on
        with pytest.raises(Refused, match="There is no last day"):
            extend(SYSTEM, held(world, "desk"), None)

    def test_the_last_administrator_gets_no_end(self, world):
        with pytest.raises(Refused, match="last network administrator"):
            extend(SYSTEM, held(world, "administrator"), today() + timedelta(days=5))

    def test_nobody_extends_more_than_they_hold_or_elsewhere(self, world):
        officer = NewMembership("finance_officer", "this")
        one = grant_membership(SYSTEM, world["S"], user=world.users["desk"], new=officer)
        with pytest.raises(Refused, match="it holds more than you do there"):
            extend(world.actor("local_admin"), one, None)
        with pytest.raises(PermissionDenied):
            extend(world.actor("local_admin"), held(world, "sibling"), None)


class TestChangingTheRole:
    def test_the_former_ends_and_the_new_one_begins_at_once(self, world):
        before = extend(SYSTEM, held(world, "desk"), today() + timedelta(days=10))
        new = change(world.actor("local_admin"), before, "scheduler")
        before.refresh_from_db()
        assert before.ends_on == today() - timedelta(days=1)
        assert (new.role, new.scope, new.ends_on) == ("scheduler", "this", today() + timedelta(days=10))
        desk, here = world.actor("desk"), world["S"].pk
        assert not is_allowed(desk, PATIENT_REGISTER, here)
        line = AuditEvent.objects.get(verb="membership.role_changed")
        assert line.subject_id == before.pk
        assert line.old == {"role": "front_desk"}
        assert line.new == {"role": "scheduler", "reason": "Moved."}

    def test_neither_role_may_hold_more_than_the_actor(self, world):
        with pytest.raises(Refused, match="You can't grant Finance officer"):
            change(world.actor("local_admin"), held(world, "desk"), "finance_officer")

    def test_the_same_role_and_one_held_already_are_refused(self, world):
        grant_membership(SYSTEM, world["S"], user=world.users["desk"], new=NewMembership("scheduler", "this"))
        one = Membership.objects.get(user=world.users["desk"], role="front_desk")
        with pytest.raises(Refused, match="holds that role already"):
            change(SYSTEM, one, "front_desk")
        with pytest.raises(Refused, match="already holds this role here"):
            change(SYSTEM, one, "scheduler")

    def test_the_last_administrator_stays_one(self, world):
        with pytest.raises(Refused, match="last network administrator"):
            change(SYSTEM, held(world, "administrator"), "scheduler")

    def test_the_difference_names_what_is_gained_and_lost(self):
        from core.permissions import all_permissions

        labels = {one.code: one.label for one in all_permissions()}
        found = difference("front_desk", "clinician")
        assert labels[PATIENT_REGISTER] in found.lost
        assert labels[PATIENT_VIEW] not in found.gained + found.lost
        assert difference("clinician", "front_desk").gained == found.lost
        assert difference("gone", "gone") == difference("clinician", "clinician")


class TestSeveral:
    def test_several_are_extended(self, cast, browse):
        with bound(cast.network.pk):
            ticked = [held(cast, persona).pk for persona in ("desk", "clinician")]
        last = (today() + timedelta(days=40)).isoformat()
        answer = send(browse("local_admin"), cast, EXTEND, ticked, ends_on=last, reason="Next term.")
        assert answer.status_code == 302
        with bound(cast.network.pk):
            until = Membership.objects.filter(pk__in=ticked).values_list("ends_on", flat=True)
            assert [one.isoformat() for one in until] == [last, last]

    def test_what_is_gained_and_lost_is_seen_before_anything_changes(self, cast, browse):
        with bound(cast.network.pk):
            ticked = [held(cast, persona).pk for persona in ("desk", "clinician")]
        client = browse("local_admin")
        address = f"{ROLE}?selected={ticked[0]}&selected={ticked[1]}"
        assert "What would change?" in client.get(address).content.decode()
        typed = {"_network": cast.network.pk, "role": "scheduler", "reason": "Moved."}
        typed |= {"_version": version_on(client.get(address))}
        seen = client.post(address, typed)
        page = seen.content.decode()
        assert seen.status_code == 200
        assert "What Scheduler means for them" in page
        assert "1 × Front desk" in page
        assert "1 × Clinician" in page
        assert difference("front_desk", "scheduler").lost[0] in page
        with bound(cast.network.pk):
            assert not Membership.objects.filter(role="scheduler").exists()
        other = client.post(address, typed | {"_seen": "clinician", "_version": version_on(seen)})
        assert other.status_code == 200, "another role was seen"
        done = client.post(address, typed | {"_seen": "scheduler", "_version": version_on(seen)})
        assert done.status_code == 302
        with bound(cast.network.pk):
            assert Membership.objects.filter(role="scheduler", organization=cast["S"]).count() == 2

    def test_who_holds_the_role_already_is_left_out(self, cast, browse):
        with bound(cast.network.pk):
            ticked = [held(cast, persona).pk for persona in ("desk", "clinician")]
        address = f"{ROLE}?selected={ticked[0]}&selected={ticked[1]}"
        typed = {"_network": cast.network.pk, "role": "clinician", "reason": "Moved."}
        page = browse("local_admin").post(address, typed).content.decode()
        assert "Cleo Clinician, Clinician at North Clinic, is that role already" in page
        assert "1 × Front desk" in page

    def test_a_view_of_those_that_end_soon_comes_with_the_product(self, cast, browse):
        with bound(cast.network.pk):
            for persona, days in (("desk", 30), ("clinician", 31), ("sibling", 0)):
                extend(SYSTEM, held(cast, persona), today() + timedelta(days=days))
        client = browse("administrator")
        page = client.get(LIST).content.decode()
        assert "Ends within 30 days" in page
        assert 'href="?state=ending&amp;sort=ends_on"' in page
        rows = csv_of(client.get(LIST, {"state": "ending", "sort": "ends_on", "export": "csv"}))
        assert [row["Person"] for row in rows] == ["Sam South", "Nora North"]
