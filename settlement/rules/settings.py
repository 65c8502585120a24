"""The settings that this app declares."""

from decimal import Decimal

from core.setting_types import Amount, Choice, Flag, Whole
from core.settings import NETWORK_WIDE, Setting, declare

# Reconciliation
ACKNOWLEDGE_FIRST = declare(
    Setting(
        "billing.acknowledge_before_settling",
        Flag(),
        False,
        "Settles what is acknowledged only",
        "What stands between this organization and another is settled once both have agreed to it. Without it, "
        "whatever nobody disputes is settled.",
        policy=True,
    )
)
SILENCE_DAYS = declare(
    Setting(
        "billing.silence_days",
        Whole(0, 365, "days", zero="never"),
        0,
        "Silence is agreement after",
        "What this organization neither acknowledges nor disputes within so many days after it was posted counts as "
        "acknowledged by it.",
        policy=True,
    )
)
DISPUTE_ANSWER_DAYS = declare(
    Setting(
        "billing.dispute_answer_days",
        Whole(1, 180, "days"),
        14,
        "Time to answer in a dispute",
        "So many days after the other side spoke, this organization has to have answered in a dispute.",
    )
)
MATCH_TOLERANCE = declare(
    Setting(
        "billing.match_tolerance",
        Amount(zero="none"),
        Decimal(0),
        "Tolerance of matching",
        "A statement’s line of the same reference and day is taken as the same without anybody confirming it, where its "
        "amount is no further off than this.",
        policy=True,
    )
)
MATCH_WINDOW_DAYS = declare(
    Setting(
        "billing.match_window_days",
        Whole(0, 31, "days", zero="the same day"),
        3,
        "Days between the books and a statement",
        "A statement’s line may be so many days away from the entry that it is proposed for.",
    )
)
SIGNED_BY_TWO = declare(
    Setting(
        "billing.reconciliation_signed_by_two",
        Flag(),
        False,
        "Two people sign reconciliations",
        "A reconciliation is signed off when a second person has signed it, too.",
        policy=True,
    )
)
STATEMENT_FILE_DAYS = declare(
    Setting(
        "privacy.statement_file_days",
        Whole(1, 3650, "days"),
        90,
        "Files of statements are kept",
        "The file of a statement is deleted this long after it was sent. Its lines, who sent it and its SHA-256 stay.",
    )
)

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
