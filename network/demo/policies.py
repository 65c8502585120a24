"""Settings of the demo: what the parent enforces and recommends, who differs, and two waivers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.actors import UserActor
from core.clock import today_in
from core.settings import Mode, setting_of
from orgs.actions.setting import NewValue, assign_setting
from orgs.actions.setting_many import apply_to_many
from orgs.actions.waiver import decide_waiver, request_waiver
from orgs.queries.whatif import Change

if TYPE_CHECKING:
    from orgs.models import Organization

#: Where, which setting, its value, how, and why.
ASSIGNED = (
    ("SAH", "billing.discount_cap", 20, Mode.ENFORCED, "Agreed with the auditors for this financial year."),
    ("SAH", "billing.refund_window_days", 60, Mode.RECOMMENDED, "Most families decide within two months."),
    ("NAG", "billing.refund_window_days", 30, Mode.DEFAULT, "The region's families are used to a month."),
    ("SAH", "billing.refund_approval_above", 20_000, Mode.DEFAULT, "Finance looks at the large ones."),
    ("SAH", "branding.support_email", "help@sahyadri.example", Mode.DEFAULT, ""),
    ("SAH", "branding.portal_name", "Sahyadri partner desk", Mode.DEFAULT, ""),
    ("DEC", "branding.support_email", "care@deccanphysio.example", Mode.LOCAL, "The partner answers itself."),
    ("SAH", "signin.invitation_days", 7, Mode.ENFORCED, "Mail accounts change hands."),
    ("PRE", "vendors.longest_promise_days", 14, Mode.DEFAULT, "As the contract says."),
    ("SAH", "structure.max_sub_depth", 3, Mode.ENFORCED, "Departments are kept below the clinics."),
)
#: One value for several places at once.
APPLIED = (
    (("KOT", "BAN", "SIT", "DHA"), "vendors.clinical_note_required", True, Mode.DEFAULT, "Labs ask for it."),
)
#: Where, which setting, the value asked for, why, for how many days, and whether it was granted already.
WAIVED = (
    ("DEC", "billing.discount_cap", 35, "Opening offers of the new physiotherapy wing.", 60, True),
    ("KOT", "billing.discount_cap", 30, "Anniversary week for registered families.", 14, False),
)


def build_policies(actor: UserActor, organizations: dict[str, Organization]) -> None:
    """Assign what the parent decided, as its administrator would; nothing of it looks back."""
    for code, key, value, mode, reason in ASSIGNED:
        assign_setting(actor, organizations[code], setting=setting_of(key), new=NewValue(value, mode, reason))
    for codes, key, given, mode, reason in APPLIED:
        change = Change(setting_of(key), given, mode, reason)
        apply_to_many(actor, change, organizations=[organizations[code] for code in codes])
    for code, key, value, reason, days, granted in WAIVED:
        place = organizations[code]
        waiver = request_waiver(
            actor,
            place,
            setting=setting_of(key),
            value=value,
            reason=reason,
            ends_on=today_in(place.time_zone) + timedelta(days=days),
        )
        if granted:
            decide_waiver(
                actor, waiver, grant=True, note="Fine until the wing is known.", version=waiver.version
            )
