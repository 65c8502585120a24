"""The settings that this app declares."""

from core.setting_types import Whole
from core.settings import Setting, declare

DISCOUNT_CAP = declare(
    Setting(
        "billing.discount_cap",
        Whole(0, 100, "%"),
        100,
        "Largest discount",
        "A sale is not discounted by more than this part of its price.",
        policy=True,
    )
)
