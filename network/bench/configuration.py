"""The benchmark's settings, waivers, switched modules and content, made by the product's own actions."""

from __future__ import annotations

from datetime import timedelta

from content.actions.share import share_content
from content.actions.version import publish, start_draft
from content.rules.kinds import PROGRAM
from content.starter import STARTERS
from core.actors import SystemActor
from core.clock import today_in
from core.modules import all_profiles
from core.settings import Mode, setting_of
from network.demo.content import publish_starter
from orgs.actions.module import Switching, switch_modules
from orgs.actions.setting import NewValue, assign_setting
from orgs.actions.setting_many import apply_to_many
from orgs.actions.waiver import decide_waiver, request_waiver
from orgs.models import Organization
from orgs.queries.whatif import Change
from orgs.rules.structure import THIRD_PARTY

#: Enforced by the parent, with waivers for some; the others differ at every tenth organization.
ENFORCED = ("billing.discount_cap", 20, 35)
SPREAD = (
    ("billing.refund_window_days", 45),
    ("billing.void_window_days", 3),
    ("billing.expiry_notice_days", 10),
    ("billing.longest_validity_days", 365),
    ("branding.support_email", "help@benchmark.example"),
)
EVERY, WAIVERS, COPIED = 10, 100, 5


def fill_configuration(actor: SystemActor, root: Organization) -> None:
    """As much as a network of that size has; the parent's content is linked and copied, and the copies drifted."""
    key, value, waived = ENFORCED
    assign_setting(actor, root, setting=setting_of(key), new=NewValue(value, Mode.ENFORCED, "As agreed."))
    below = Organization.objects.filter(parent__isnull=False, status="active").exclude(kind=THIRD_PARTY)
    places = list(below.order_by("lft"))[::EVERY]
    for differing, own in SPREAD:
        apply_to_many(actor, Change(setting_of(differing), own, Mode.DEFAULT), organizations=places)
    switching = Switching(tuple(all_profiles()[:5]), is_on=False, reason="Not offered there.")
    switch_modules(actor, switching, organizations=places)
    _waive(actor, places[:WAIVERS], waived)
    _share(actor, root, places)


def _waive(actor: SystemActor, places: list[Organization], value: int) -> None:
    """Every other one is granted, the rest waits."""
    for number, place in enumerate(places):
        last = today_in(place.time_zone) + timedelta(days=60)
        waiver = request_waiver(
            actor, place, setting=setting_of(ENFORCED[0]), value=value, reason="Opening offers.", ends_on=last
        )
        if number % 2:
            decide_waiver(actor, waiver, grant=True, note="", version=waiver.version)


def _share(actor: SystemActor, root: Organization, places: list[Organization]) -> None:
    items = [publish_starter(actor, root, starter) for starter in STARTERS if starter.kind != PROGRAM]
    for item in items[:3]:
        copied = places[::COPIED]
        share_content(actor, item, organizations=copied, mode="copied")
        share_content(actor, item, organizations=[one for one in places if one not in copied], mode="linked")
    draft = start_draft(actor, items[0])
    publish(actor, draft, note="A second version.", version=draft.version)
