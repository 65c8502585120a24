"""The settings that this app declares."""

from core.setting_types import Whole
from core.settings import Setting, declare

MAX_SUB_DEPTH = declare(
    Setting(
        "structure.max_sub_depth",
        Whole(1, 8, "levels"),
        1,
        "Levels of subs",
        "Subs may lie this many levels below the nearest parent or partner.",
        policy=True,
    )
)
