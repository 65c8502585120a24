"""Opening a Parent Account: its root, its trail, its refusals, and nothing half done."""

from __future__ import annotations

import pytest

from audit.models import AuditEvent, SystemEvent
from core.errors import Refused
from core.models import Enterprise, Network
from core.tenancy import bound
from core.tenancy.binding import is_bound
from orgs.actions.network import NewNetwork, create_enterprise, create_network
from orgs.actions.organization import add_organization
from orgs.models import Organization
from orgs.queries import tree
from orgs.rules.settings import MAX_SUB_DEPTH
from tests.cast import SYSTEM, details

NEW = NewNetwork(code="B", name="Bay Health", currency="INR", time_zone="Asia/Kolkata", max_sub_depth=8)


def test_it_has_its_parent_organization_and_its_own_tree(cast):
    network = create_network(SYSTEM, cast.enterprise, NEW)
    assert not is_bound()
    with bound(network.pk):
        root = tree.root()
        assert (root.kind, root.currency, root.tree_id, root.level) == ("parent", "INR", network.pk, 0)
        assert tree.verify_tree() == []
        assert Organization.objects.count() == 1
        assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
            "setting.assigned",
            "network.created",
        ]
    assert SystemEvent.objects.filter(verb="network.created", detail__network_id=network.pk).exists()


@pytest.mark.setting("structure.max_sub_depth")
def test_the_depth_it_is_opened_with_is_its_policy(cast):
    network = create_network(SYSTEM, cast.enterprise, NEW)
    with bound(network.pk):
        assert MAX_SUB_DEPTH.at(tree.root()) == 8
        under = tree.root()
        for level in range(8):
            under = add_organization(SYSTEM, under, kind="sub", details=details(f"L{level}", f"L{level}"))
        with pytest.raises(Refused, match="9 levels of subs; this network allows 8 levels"):
            add_organization(SYSTEM, under, kind="sub", details=details("L9", "L9"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"max_sub_depth": 0}, "max_sub_depth"),
        ({"max_sub_depth": 9}, "max_sub_depth"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"code": "P"}, "code"),
    ],
)
def test_what_is_wrong_is_refused_beside_its_field_and_leaves_nothing(cast, wrong, field):
    before = SystemEvent.objects.count()
    with pytest.raises(Refused) as refusal:
        create_network(SYSTEM, cast.enterprise, NewNetwork(**(vars(NEW) | wrong)))
    assert refusal.value.field == field
    assert SystemEvent.objects.count() == before
    assert not is_bound()


def test_the_same_code_under_another_enterprise_is_another_network(cast):
    other = create_enterprise(SYSTEM, code="other", name="Other")
    assert create_network(SYSTEM, other, NewNetwork(**(vars(NEW) | {"code": "P"}))).pk != cast.network.pk


def test_an_enterprise_is_made_once(cast):
    again = create_enterprise(SYSTEM, code="harbor", name="Another name")
    assert again.pk == cast.enterprise.pk
    assert Enterprise.objects.get(pk=again.pk).name == "Harbor Group"
    assert SystemEvent.objects.filter(verb="enterprise.created", detail__enterprise="harbor").count() == 1


def test_a_network_sees_no_row_of_the_others(cast):
    with bound(cast.network.pk):
        assert list(Network.objects.values_list("code", flat=True)) == ["P"]
