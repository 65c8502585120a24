"""What the demo's clinics have: no pharmacy at two of them, and the specialties that each practises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actors import UserActor
from core.modules import all_profiles, module_of
from orgs.actions.module import Switching, switch_modules

if TYPE_CHECKING:
    from orgs.models import Organization

#: What is switched off where, and why.
OFF = (
    (("KOT", "DHA"), ("pharmacy",), "No pharmacist; medicines come from the chemist next door."),
    (("KOT", "BAN", "SIT", "DHA"), ("inpatient", "emergency"), "A clinic without beds."),
    (("DEC",), ("maternity", "dental", "inpatient", "emergency"), "The partner treats movement only."),
)
#: The EMR profiles that each clinic has; the others are off there.
PROFILES = (
    ("KOT", ("general_practice", "paediatrics", "endocrinology")),
    ("BAN", ("general_practice", "cardiology", "dermatology")),
    ("SIT", ("general_practice", "orthopaedics", "ent")),
    ("DHA", ("general_practice", "ophthalmology")),
    ("DEC", ("physiotherapy", "orthopaedics")),
    ("KON", ("obgyn", "paediatrics")),
)


def build_modules(actor: UserActor, organizations: dict[str, Organization]) -> None:
    """Switch off what isn't there, as the parent's administrator would."""
    for codes, modules, reason in OFF:
        switching = Switching(tuple(module_of(code) for code in modules), is_on=False, reason=reason)
        switch_modules(actor, switching, organizations=[organizations[code] for code in codes])
    for code, practised in PROFILES:
        kept = {f"emr.{one}" for one in practised}
        others = tuple(one for one in all_profiles() if one.code not in kept)
        switching = Switching(others, is_on=False, reason="Not practised here.")
        switch_modules(actor, switching, organizations=[organizations[code]])
