"""The settings that this app declares."""

from decimal import Decimal

from core.setting_types import Amount, Choice, Whole
from core.settings import NETWORK_WIDE, Setting, declare

# Netting, settlement runs and payments.

SETTLEMENT_CYCLE = declare(
    Setting(
        "billing.settlement_cycle",
        Choice({"none": "Only by hand", "weekly": "Every week", "monthly": "Every month"}),
        "none",
        "Settlements proposed",
        "After each week or month a settlement of everything that agreements cover is proposed by itself, and waits "
        "for approval.",
        kinds=NETWORK_WIDE,
    )
)
SETTLEMENT_METHOD = declare(
    Setting(
        "billing.settlement_method",
        Choice({"bilateral": "Pair by pair", "multilateral": "All with all"}),
        "bilateral",
        "Method of proposed settlements",
        "How settlements that are proposed by themselves are netted.",
        kinds=NETWORK_WIDE,
    )
)
SETTLEMENT_LAG_DAYS = declare(
    Setting(
        "billing.settlement_lag_days",
        Whole(0, 60, "days", zero="the next day"),
        5,
        "Days left for late entries",
        "So many days after a week or month has ended its settlement is proposed.",
        kinds=NETWORK_WIDE,
    )
)
SETTLEMENT_MINIMUM = declare(
    Setting(
        "billing.settlement_minimum",
        Amount(zero="no minimum"),
        Decimal(0),
        "Smallest settlement payment",
        "What comes to less is carried forward to the next settlement. Where a netting agreement names more, that "
        "counts.",
        kinds=NETWORK_WIDE,
    )
)
