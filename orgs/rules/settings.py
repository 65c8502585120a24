"""The settings that this app declares."""

from core.settings import declare

MAX_SUB_DEPTH = declare(
    "structure.max_sub_depth", int, 1, "Levels of subs below the nearest parent or partner.", unit="levels"
)
