"""Netting agreements: recorded with their legal basis, ended, never edited."""

from __future__ import annotations

from datetime import date

import pytest

from core.access import Denied
from core.errors import Refused
from settlement.actions.agreement import end_agreement
from settlement.queries.agreement import agreements_for, coverage
from settlement.rules.proposal import PairOwed
from tests.settlement.office import FIRST, Office


def covers(office: Office, one: str, other: str, on: date = date(2026, 1, 31)) -> bool:
    ids = sorted([office.world[one].pk, office.world[other].pk])
    return coverage("USD", on).between(PairOwed(ids[0], ids[1], 0, 0, 0)) is not None


def test_a_group_covers_its_perimeter_and_no_partner(office: Office):
    office.agree(groups=("P",))
    assert covers(office, "S", "T")
    assert not covers(office, "S", "Q")
    assert not covers(office, "Q", "R")


def test_a_partner_is_bound_with_its_own_subs(office: Office):
    office.agree("P", groups=("Q",))
    assert covers(office, "P", "R")
    assert not covers(office, "S", "R")


@pytest.mark.parametrize(
    ("parties", "more", "field"),
    [
        (("P",), {}, "parties"),
        (("P", "X"), {}, "parties"),
        (("P", "S"), {"name": " "}, "name"),
        (("P", "S"), {"legal_basis": ""}, "legal_basis"),
        (("P", "S"), {"signed_by": ""}, "signed_by"),
        (("P", "S"), {"ends_on": date(2025, 1, 1)}, "ends_on"),
        (("P", "S"), {"minimum": "-1.00"}, "minimum"),
    ],
)
def test_what_is_no_agreement_is_refused(office: Office, parties, more, field):
    with pytest.raises(Refused) as caught:
        office.agree(*parties, **more)
    assert caught.value.field == field


def test_it_ends_and_is_not_prolonged(office: Office):
    agreement = office.agree("P", "S")
    ended = end_agreement(FIRST, agreement, ends_on=date(2026, 3, 31), seen=agreement.version)
    with pytest.raises(Refused) as stale:
        end_agreement(FIRST, agreement, ends_on=date(2026, 2, 28), seen=agreement.version)
    assert stale.value.code == "stale"
    with pytest.raises(Refused, match="for longer"):
        end_agreement(FIRST, ended, ends_on=date(2026, 4, 30), seen=ended.version)
    assert covers(office, "P", "S", date(2026, 3, 31))
    assert not covers(office, "P", "S", date(2026, 4, 1))


def test_parties_see_it_and_others_do_not(office: Office):
    office.agree("P", "S")
    office.agree("P", "T", name="with the South")
    assert agreements_for(office.world.actor("finance")).count() == 2
    assert [one.name for one in agreements_for(office.world.actor("local_admin"))] == ["Netting P S"]
    assert not agreements_for(office.world.actor("partner")).exists()


def test_it_needs_the_permission_at_every_party(office: Office):
    from settlement.actions.agreement import Signed, sign_agreement
    from tests.settlement.office import START, usd

    signed = Signed(
        "n", "bilateral", "l", usd("0.00"), START, "b", START, parties=[office.world["P"], office.world["S"]]
    )
    for persona in ("auditor", "local_admin"):
        with pytest.raises(Denied):
            sign_agreement(office.world.actor(persona), office.world["P"], signed=signed)
    assert sign_agreement(office.world.actor("finance"), office.world["P"], signed=signed).pk
