"""A partner leaves the network: what stands in the way, what ends, who may, and two at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from audit.models import AuditEvent
from content.actions.share import share_content
from content.models import ContentShare
from core.clock import today_in
from core.errors import Refused
from core.registries import LeaveStep
from core.tenancy import bound
from ledger.actions.refund import refund
from ledger.rules.settings import DISCOUNT_CAP
from ledger.rules.terms import Conditions, Outcome
from orgs.actions.invitation import accept_invitation, invite
from orgs.actions.leaving import leave_network
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.organization import (
    Contract,
    add_organization,
    archive_organization,
    edit_contract,
    move_organization,
    reactivate_organization,
)
from orgs.actions.waiver import request_waiver
from orgs.models import Affiliation, Departure, Invitation, Membership, OwnRecords
from orgs.queries.leaving import departure_of, leave_preview, proposed_last_day
from orgs.queries.organization import affiliations_of
from patients.actions.registration import register_at
from tests.cast import CONTRACT, SYSTEM, details
from tests.ledger.market import DAY, PERCENT_70, new_key, open_market
from tests.meeting import meeting
from tests.orgs.leaving.conftest import Partner, add_administrator, published
from tests.vendors.conftest import build_lab
from vendors.actions.contact import ContactDetails, edit_contact, send_link
from vendors.models import PortalLink, VendorContact
from work.actions.relay import relay_due_events
from work.models import Mail

TODAY = today_in("UTC")
TOMORROW = TODAY + timedelta(days=1)


def live_roles(*codes: str, world) -> int:
    rows = Membership.objects.filter(organization__code__in=codes)
    return rows.exclude(ends_on__lt=TODAY).count()


def test_everything_ends_at_once_and_each_is_in_the_trail(partner: Partner):
    world = partner.world
    assert live_roles("Q", "R", world=world) == 3
    departure = partner.leave()
    assert (departure.left_on, departure.ended_by) == (TODAY, "Ada Admin")
    assert (world["Q"].status, world["R"].status, world["S"].status) == ("archived", "archived", "active")
    assert live_roles("Q", "R", world=world) == 0
    assert live_roles("P", "S", "T", world=world) == 10
    assert Invitation.objects.get(pk=partner.made["invitation"].pk).revoked_at is not None
    assert ContentShare.objects.get(pk=partner.made["share"].pk).ended_by == "Ada Admin"
    assert ContentShare.objects.get(pk=partner.made["inner"].pk).ended_at is None
    assert VendorContact.objects.get(pk=partner.made["contact"].pk).active is False
    assert PortalLink.objects.get(pk=partner.made["link"].pk).revoked_at is not None
    assert affiliations_of(world["Q"])[0].ends_on == TODAY
    trail = AuditEvent.objects.order_by("id")
    assert [
        (line.verb, line.organization_id and line.actor_label)
        for line in trail.filter(new__reason="It left the network.")
    ] == [("membership.ended", "Ada Admin")] * 3 + [
        ("invitation.revoked", "Ada Admin"),
        ("organization.contract_changed", "Ada Admin"),
        ("vendor_contact.edited", "Ada Admin"),
    ]
    assert trail.filter(verb="content.share_ended").count() == 1
    assert trail.filter(verb="organization.archived").count() == 2
    left = trail.get(verb="organization.left")
    assert left.new == {
        "status": "archived",
        "left_on": TODAY.isoformat(),
        "with": ["R"],
        "reason": "The contract ended.",
    }


def test_those_who_lose_access_are_told(partner: Partner):
    Mail.objects.all().delete()
    partner.leave()
    told = {mail.to: mail for mail in Mail.objects.all()}
    assert set(told) == {
        "partner@harbor.example",
        "child@harbor.example",
        "partner_admin@harbor.example",
        "quill@quay.example",
    }
    assert told["child@harbor.example"].subject == "Quay Partners has left Harbor Health"
    assert "Front desk at Quay Annex" in told["child@harbor.example"].body
    assert "links to the vendor portal have ended" in told["quill@quay.example"].body


def test_what_was_shown_is_what_is_kept(partner: Partner):
    shown = partner.preview()
    departure = partner.leave(shown=shown.fingerprint)
    assert [effect["title"] for effect in departure.effects] == [effect.title for effect in shown.effects]
    assert [effect.title for effect in shown.effects] == [
        "2 organizations are archived",
        "1 link to it ends",
        "3 roles end",
        "1 invitation is revoked",
        f"1 contract ends on {TODAY:%-d %B %Y}",
        "1 contact of the vendor portal, 1 link and 0 sessions end",
        f"The statement of {TODAY:%-d %B %Y} is final",
    ]


def test_what_is_owed_blocks_until_it_is_settled(partner: Partner):
    partner.owe()
    (owed,) = partner.preview().blockers
    assert owed.title == "1 amount due to or from other organizations"
    assert owed.items[0][0] == "Harbor Health owes Quay Partners 57.75 USD"
    assert "counterparty=P" in owed.items[0][1]
    with pytest.raises(Refused, match="can’t leave yet: 1 amount due to or from"):
        partner.leave()
    assert partner.world["Q"].status == "active"
    partner.settle()
    assert partner.blockers() == []
    partner.leave()


def test_the_final_statement_is_kept_with_the_departure(partner: Partner):
    partner.owe()
    partner.settle()
    sale = partner.market.sell("COURSE", at="R")
    partner.market.redeem(sale, "PHYSIO", at="R", quantity=5)
    kept = partner.leave().effects[-1]
    assert [text for text, _ in kept["items"]] == [
        "The books of Quay Partners",
        "Cash 557.75 USD",
        "Service revenue \N{MINUS SIGN}557.75 USD",
    ]


def test_what_two_of_those_who_leave_owe_each_other_goes_along(partner: Partner):
    """The annex performs what its partner sold; nobody outside is named."""
    market = partner.market
    sale = market.sell("COURSE", at="Q")
    market.add_rule("annex", when=Conditions(servicing="R"), outcome=Outcome(shares=(PERCENT_70,)))
    market.redeem(sale, "PHYSIO", at="R", quantity=5)
    assert market.balance("R", "due_from", "Q") != "0.00"
    assert partner.blockers() == []


def test_live_entitlements_block_wherever_below_they_are_owed(partner: Partner):
    sale = partner.market.sell("COURSE", at="R")
    (live,) = partner.preview().blockers
    assert (live.title, live.items[0][0]) == ("1 live entitlement that it owes", "Quay Annex: 1")
    refund(SYSTEM, partner.world["R"], entitlement=sale.entitlement, reason="x", on=DAY, key=new_key())
    assert partner.blockers() == []


def test_waivers_and_contracts_that_begin_later_block(partner: Partner, assign):
    assign("P", DISCOUNT_CAP, 10, "enforced")
    request_waiver(
        SYSTEM, partner.world["R"], setting=DISCOUNT_CAP, value=20, reason="Because.", ends_on=TOMORROW
    )
    contract = affiliations_of(partner.world["Q"])[0]
    later = Contract(legal_basis="new", starts_on=TOMORROW)
    edit_contract(SYSTEM, contract, contract=later, version=contract.version)
    assert partner.blockers() == ["1 waiver waits for a decision", "1 contract begins after the last day"]


def test_entries_after_the_last_day_block(partner: Partner):
    partner.owe()
    partner.settle()
    before = DAY - timedelta(days=1)
    assert partner.blockers(last_day=before) == ["Entries stand in its books after the last day"]
    assert partner.blockers(last_day=DAY) == []
    with pytest.raises(Refused, match="Entries stand in its books after the last day"):
        partner.leave(last_day=before)
    assert partner.leave(last_day=DAY).left_on == DAY


def test_a_day_ahead_no_reason_and_a_stale_page_are_refused(partner: Partner):
    with pytest.raises(Refused, match="is ahead"):
        partner.leave(last_day=TOMORROW)
    with pytest.raises(Refused, match="Say why"):
        partner.leave(reason="  ")
    with pytest.raises(Refused, match="changed by somebody else"):
        partner.leave(version=partner.world["Q"].version + 1)
    assert not Departure.objects.exists()


def test_the_last_day_is_proposed_by_the_contract(partner: Partner):
    assert proposed_last_day(partner.world["Q"]) == TODAY
    contract = affiliations_of(partner.world["Q"])[0]
    ended = Contract(legal_basis="old", starts_on=date(2020, 1, 1), ends_on=date(2026, 3, 31))
    edit_contract(SYSTEM, contract, contract=ended, version=contract.version)
    assert proposed_last_day(partner.world["Q"]) == date(2026, 3, 31)


@pytest.mark.parametrize("code", ["P", "S", "R", "X"])
def test_only_a_partner_leaves(partner: Partner, code):
    one = partner.world[code]
    with pytest.raises(Refused, match="only a partner leaves the network"):
        leave_network(SYSTEM, one, last_day=TODAY, reason="x", version=one.version)


def test_who_left_or_is_archived_leaves_no_more(partner: Partner):
    partner.leave()
    with pytest.raises(Refused, match="left the network on"):
        partner.leave()
    other = add_organization(
        SYSTEM, partner.world["P"], kind="partner", details=details("Zed", "Z"), contract=CONTRACT
    )
    archive_organization(SYSTEM, other, reason="x", version=other.version)
    one = partner.world["Q"].__class__.objects.get(code="Z")
    with pytest.raises(Refused, match=r"is archived\. Reactivate it first"):
        leave_network(SYSTEM, one, last_day=TODAY, reason="x", version=one.version)


def test_who_comes_back_has_come_back_and_can_leave_again(partner: Partner, browse):
    world = partner.world
    first = partner.leave()
    asked = reverse("organization-reactivate", args=[world["Q"].pk])
    assert (
        "What ended when it left the network stays ended"
        in browse("administrator").get(asked).content.decode()
    )
    for code in "QR":
        one = world[code]
        reactivate_organization(SYSTEM, one, reason="A new contract.", version=one.version)
    assert Departure.objects.get(pk=first.pk).returned_at is not None
    assert live_roles("Q", "R", world=world) == 0
    one = world["Q"]
    archive_organization(SYSTEM, world["R"], reason="x", version=world["R"].version)
    archive_organization(SYSTEM, one, reason="x", version=one.version)
    assert departure_of(world["Q"]) is None
    one = world["Q"]
    reactivate_organization(SYSTEM, one, reason="x", version=one.version)
    assert partner.leave().pk != first.pk


def test_only_the_parent_ends_it(partner: Partner):
    """Somebody who holds every permission at the partner holds this one there, and not at the parent."""
    world = partner.world
    add_administrator(world, persona="all_at_partner")
    new = NewMembership("network_administrator", starts_on=date(2020, 1, 1))
    grant_membership(SYSTEM, world["Q"], user=world.users["all_at_partner"], new=new)
    for persona in ("all_at_partner", "partner_admin", "local_admin", "finance", "partner"):
        with pytest.raises(PermissionDenied):
            partner.leave(persona)
    assert world["Q"].status == "active"


def test_nobody_is_given_a_role_where_all_have_ended(partner: Partner):
    partner.leave()
    with pytest.raises(Refused, match="is archived; nobody is given a role there"):
        grant_membership(
            SYSTEM,
            partner.world["R"],
            user=partner.world.users["desk"],
            new=NewMembership("front_desk", "this"),
        )


def test_its_contacts_get_no_link_any_more(partner: Partner):
    contact = partner.made["contact"]
    partner.leave()
    ended = VendorContact.objects.get(pk=contact.pk)
    active = ContactDetails(ended.name, ended.email)
    again = edit_contact(SYSTEM, ended, details=active, version=ended.version)
    with pytest.raises(Refused, match="Quay Partners is archived; nobody answers for it"):
        send_link(SYSTEM, VendorContact.objects.select_related("vendor").get(pk=again.pk))


def test_the_branch_is_the_one_of_today_not_of_the_page(partner: Partner):
    """The tree was numbered anew since the page was read: what lies below is asked for then."""
    one, other = partner.world["Q"], partner.world["S"]
    one.lft, one.rght = other.lft, other.rght
    leave_network(SYSTEM, one, last_day=TODAY, reason="x", version=one.version)
    standing = {code: partner.world[code].status for code in "QRS"}
    assert standing == {"Q": "archived", "R": "archived", "S": "active"}


def test_the_rest_of_the_network_reads_on(partner: Partner, browse):
    world = partner.world
    partner.owe()
    partner.settle()
    patient = partner.market.patient
    partner.leave()
    client = browse("administrator")
    event = partner.made["sale"].event_id
    here = world["Q"].pk
    for url in (
        reverse("organization", args=[here]),
        reverse("organization-money", args=[here]),
        reverse("journal-lines") + "?organization=Q",
        reverse("ledger-event", args=[event]),
        reverse("patient", args=[patient.pk]),
        reverse("organization-activity", args=[here]),
    ):
        assert client.get(url).status_code == 200, url
    assert "57.75" in client.get(reverse("journal-lines") + "?organization=Q").content.decode()
    assert "Left the network on" in client.get(reverse("organization", args=[here])).content.decode()
    below, guide = reverse("organization", args=[world["R"].pk]), reverse("organization-leave", args=[here])
    assert guide in client.get(below).content.decode()
    read = browse("auditor").get(below).content.decode()
    assert ("Left the network on" in read, guide in read) == (True, False)


# At once


def test_two_administrators_end_the_same_once(own_world):
    with bound(own_world.network.pk):
        one = own_world["Q"]
    last = {"last_day": TODAY, "reason": "x", "version": one.version}
    first, second = meeting(
        own_world.network.pk,
        lambda: leave_network(own_world.actor("administrator"), one, **last),
        lambda: leave_network(own_world.actor("administrator"), one, **last),
    )
    assert isinstance(first, Departure)
    assert isinstance(second, Refused)
    with bound(own_world.network.pk):
        assert Departure.objects.count() == OwnRecords.objects.count() == 1


def test_a_sale_between_the_preview_and_the_end_stops_it(own_world):
    with bound(own_world.network.pk):
        market = open_market(own_world)
        one = own_world["Q"]
        shown = leave_preview(own_world.actor("administrator"), one, TODAY)
    assert shown.blockers == []
    sold, ended = meeting(
        own_world.network.pk,
        lambda: market.sell("COURSE", at="R"),
        lambda: leave_network(
            own_world.actor("administrator"),
            one,
            last_day=TODAY,
            reason="x",
            version=one.version,
            shown=shown.fingerprint,
        ),
    )
    assert sold.pk
    assert isinstance(ended, Refused)
    assert "1 live entitlement that it owes" in ended.message
    with bound(own_world.network.pk):
        assert own_world["Q"].status == "active"


def test_a_sale_that_comes_after_the_end_is_refused(own_world):
    with bound(own_world.network.pk):
        market = open_market(own_world)
        one = own_world["Q"]
    _, sold = meeting(
        own_world.network.pk,
        lambda: leave_network(
            own_world.actor("administrator"), one, last_day=TODAY, reason="x", version=one.version
        ),
        lambda: market.sell("COURSE", at="R"),
    )
    assert isinstance(sold, Refused)
    assert "archived" in sold.message


def test_a_role_given_while_it_ends_is_refused(own_world):
    with bound(own_world.network.pk):
        one, place = own_world["Q"], own_world["R"]
    new = NewMembership("clinician", "this")
    _, given = meeting(
        own_world.network.pk,
        lambda: leave_network(
            own_world.actor("administrator"), one, last_day=TODAY, reason="x", version=one.version
        ),
        lambda: grant_membership(SYSTEM, place, user=own_world.users["desk"], new=new),
    )
    assert isinstance(given, Refused)
    with bound(own_world.network.pk):
        assert live_roles("Q", "R", world=own_world) == 0


def test_an_invitation_accepted_while_it_ends_is_refused(own_world):
    """Whoever accepts waits for the end, and neither waits for the other for ever."""
    with bound(own_world.network.pk):
        one = own_world["Q"]
        new = NewMembership("front_desk", "this")
        invited = invite(SYSTEM, own_world["R"], email="noa@quay.example", name="Noa New", new=new)
    _, accepted = meeting(
        own_world.network.pk,
        lambda: leave_network(
            own_world.actor("administrator"), one, last_day=TODAY, reason="x", version=one.version
        ),
        lambda: accept_invitation(invited, signed_in=None, password="a much longer sentence"),
    )
    assert isinstance(accepted, Refused)
    assert "no longer valid" in accepted.message


def test_another_preview_than_the_one_seen_is_not_done(partner: Partner):
    shown = partner.preview().fingerprint
    grant_membership(
        SYSTEM, partner.world["R"], user=partner.world.users["desk"], new=NewMembership("clinician", "this")
    )
    with pytest.raises(Refused, match="Something changed in the meantime"):
        partner.leave(shown=shown)
    assert partner.world["Q"].status == "active"


# The database's own walls


def refused(statement: str, *values: object) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(error.value)


def test_a_departure_is_never_changed_and_has_a_reason(partner: Partner):
    departure = partner.leave()
    for statement in (
        "UPDATE orgs_departure SET reason = 'another' WHERE id = %s",
        "UPDATE orgs_departure SET effects = '[]' WHERE id = %s",
        "DELETE FROM orgs_departure WHERE id = %s",
    ):
        assert "permission denied" in refused(statement, departure.pk)
    insert = (
        "INSERT INTO orgs_departure (organization_id, left_on, reason, effects, ended_by)"
        " VALUES (%s, '2026-01-01', '', '[]', 'x')"
    )
    assert "departure_has_reason" in refused(insert, partner.world["R"].pk)
    again = insert.replace("'', '[]'", "'once more', '[]'")
    assert "departure_once" in refused(again, partner.world["Q"].pk)


def test_a_departure_names_no_organization_of_another_network(partner: Partner):
    foreign = partner.world.organizations["C1B"].pk
    with pytest.raises(DatabaseError, match="departure_organization_same_network"), transaction.atomic():
        Departure.objects.create(organization_id=foreign, left_on=TODAY, reason="x", ended_by="x")
        connection.check_constraints()


def test_affiliations_of_those_who_stay_go_on(partner: Partner):
    partner.leave()
    assert (
        not Affiliation.objects.exclude(participant__code__in=["Q", "R"])
        .filter(ends_on__isnull=False)
        .exists()
    )


# What is shared


def test_a_link_above_the_partner_stays_for_the_others(partner: Partner):
    world = partner.world
    inner = add_organization(
        SYSTEM, world["S"], kind="partner", details=details("Inlet", "I"), contract=CONTRACT
    )
    above = share_content(SYSTEM, partner.made["parent_form"], organizations=[world["S"]], mode="linked")[0]
    shown = leave_preview(SYSTEM, inner, TODAY)
    sharing = [(one.title, one.items) for one in shown.effects if one.step == LeaveStep.SHARING]
    assert sharing == [
        ("1 form linked above it can’t be filled there any more", (("Parent intake, of Harbor Health", ""),))
    ]
    leave_network(SYSTEM, inner, last_day=TODAY, reason="x", version=inner.version)
    assert ContentShare.objects.get(pk=above.pk).ended_at is None


def test_a_copy_stays_and_a_link_that_dangles_to_others_ends(partner: Partner):
    """What the annex was given while it stood under the parent goes with its partner; what it gave goes back."""
    world = partner.world
    copied = share_content(SYSTEM, partner.made["parent_form"], organizations=[world["R"]], mode="copied")[0]
    ward = add_organization(SYSTEM, world["R"], kind="sub", details=details("Ward", "W"))
    given = share_content(
        SYSTEM, published(world, "R", "ward", "Ward form"), organizations=[ward], mode="linked"
    )[0]
    move_organization(SYSTEM, ward, to=world["T"], reason="x", version=ward.version)
    sharing = [one.title for one in partner.preview().effects if one.step == LeaveStep.SHARING]
    assert sharing == ["1 link to it ends", "1 copy there stays its own", "1 link to others ends"]
    partner.leave()
    assert ContentShare.objects.get(pk=given.pk).ended_at is not None
    copy = ContentShare.objects.get(pk=copied.pk).copy
    assert (copy.organization_id, copy.status) == (world["R"].pk, "published")


def test_a_completed_request_that_is_not_billed_yet_blocks(partner: Partner):
    lab = build_lab(partner.world)
    register_at(SYSTEM, partner.world["R"], patient=partner.market.patient)
    request = lab.order("R", patient=partner.market.patient)
    for step in ("accept", "start", "complete"):
        request = lab.answer(request, step)
    assert partner.blockers() == ["1 completed request not billed yet"]
    relay_due_events()
    assert partner.blockers() == ["1 open balance with vendors, patients or in clearing"]


def test_roles_elsewhere_are_shown_to_whoever_ends_it_and_not_kept(partner: Partner):
    user = partner.world.users["partner_admin"]
    grant_membership(SYSTEM, partner.world["S"], user=user, new=NewMembership("front_desk", "this"))
    elsewhere = "1 role of the same people elsewhere stay"
    assert elsewhere in [effect.title for effect in partner.preview().effects]
    kept = [effect["title"] for effect in partner.leave().effects]
    assert elsewhere not in kept and kept
