"""The settings that this app declares."""

from core.files import MOST_MEBIBYTES
from core.setting_types import Whole
from core.settings import Setting, declare

ATTACHMENT_MEBIBYTES = declare(
    Setting(
        "content.attachment_mebibytes",
        Whole(1, MOST_MEBIBYTES, "MiB"),
        MOST_MEBIBYTES,
        "Largest attachment of a form",
        "The largest file that a form filled here takes as an answer.",
    )
)
