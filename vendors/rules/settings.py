"""The settings that this app declares: those of ordering are read at the ordering organization, the vendor's at it."""

from decimal import Decimal

from core.setting_types import Amount, Choice, Flag, Whole
from core.settings import EVERY_KIND, NETWORK_WIDE, Mode, Setting, declare
from vendors.rules.disclosure import DETAILS, FULL

# Ordering: read at the organization that orders.

MAY_ORDER = declare(
    Setting(
        "vendors.may_order",
        Flag(),
        True,
        "May order from vendors",
        "The organization may send service requests to third parties and partners.",
        policy=True,
    )
)
APPROVAL_ABOVE = declare(
    Setting(
        "vendors.approval_above",
        Amount(zero="no limit"),
        Decimal(0),
        "Approval above",
        "A request whose sell price is above this is sent by somebody who may approve requests.",
        policy=True,
    )
)
URGENT_ALLOWED = declare(
    Setting(
        "vendors.urgent_allowed",
        Flag(),
        True,
        "Urgent orders",
        "Requests may be ordered with urgent or immediate priority.",
    )
)
CLINICAL_NOTE_REQUIRED = declare(
    Setting(
        "vendors.clinical_note_required",
        Flag(),
        False,
        "Clinical note required",
        "A request is ordered only with a clinical note for the vendor.",
    )
)
DUPLICATE_DAYS = declare(
    Setting(
        "vendors.duplicate_days",
        Whole(1, 365, "days"),
        30,
        "Like requests within",
        "A request for the same patient and service is a like request for so many days.",
    )
)
DUPLICATES = declare(
    Setting(
        "vendors.duplicates",
        Choice({"warn": "Warn, and let the sender confirm", "refuse": "Refuse"}),
        "warn",
        "Like requests",
        "What happens when a patient already has a like request: a warning, or no second request at all.",
    )
)
CANCEL_AFTER_ACCEPTANCE = declare(
    Setting(
        "vendors.cancel_after_acceptance",
        Flag(),
        True,
        "Cancel after acceptance",
        "Staff may cancel a request that the vendor has accepted, as long as work has not begun.",
    )
)
OVERDUE_GRACE_HOURS = declare(
    Setting(
        "vendors.overdue_grace_hours",
        Whole(0, 720, "hours", zero="none"),
        0,
        "Grace after the target",
        "A request counts as overdue or late only so many hours after its target.",
        kinds=NETWORK_WIDE,
        modes=(Mode.DEFAULT, Mode.RECOMMENDED, Mode.ENFORCED),
    )
)
PATIENT_DETAILS = declare(
    Setting(
        "vendors.patient_details",
        Choice(DETAILS),
        FULL,
        "Patient details for vendors",
        "What a vendor sees of the patient after accepting, beside the clinical note that was written for it. Of the "
        "values at the ordering organization and at the vendor the one that shows less counts.",
        kinds=EVERY_KIND,
        policy=True,
    )
)

# The vendor's side: read at the vendor, so that the parent sets them for all and overrides them for one.

TURNAROUND_HOURS = declare(
    Setting(
        "vendors.turnaround_hours",
        Whole(1, 2160, "hours"),
        24,
        "Turnaround target",
        "The target that a new service of a vendor starts with, and has when none is given.",
        kinds=EVERY_KIND,
    )
)
LONGEST_PROMISE_DAYS = declare(
    Setting(
        "vendors.longest_promise_days",
        Whole(1, 365, "days"),
        90,
        "Longest promise",
        "A vendor that accepts promises its result within so many days.",
        kinds=EVERY_KIND,
    )
)
REJECT_NOTE_REQUIRED = declare(
    Setting(
        "vendors.reject_note_required",
        Flag(),
        False,
        "Words when rejecting",
        "A vendor that rejects a request says why in words, beside the coded reason.",
        kinds=EVERY_KIND,
    )
)
VALUES_REQUIRED = declare(
    Setting(
        "vendors.values_required",
        Flag(),
        False,
        "Values required",
        "A result has values; a PDF alone doesn't complete a request.",
        kinds=EVERY_KIND,
    )
)
ATTACHMENT_MEBIBYTES = declare(
    Setting(
        "vendors.attachment_mebibytes",
        Whole(1, 10, "MiB"),
        10,
        "Largest result file",
        "The largest PDF that a vendor may send with a result.",
        kinds=EVERY_KIND,
    )
)
LINK_DAYS = declare(
    Setting(
        "vendors.link_days",
        Whole(1, 90, "days"),
        14,
        "Life of portal links",
        "A new link to the vendor portal works for so many days.",
        kinds=EVERY_KIND,
        policy=True,
    )
)
CODE_MINUTES = declare(
    Setting(
        "vendors.code_minutes",
        Whole(2, 60, "minutes"),
        10,
        "Life of one-time codes",
        "A one-time code of the vendor portal works for so many minutes.",
        kinds=EVERY_KIND,
        policy=True,
    )
)
CODE_TRIES = declare(
    Setting(
        "vendors.code_tries",
        Whole(1, 5, "tries"),
        5,
        "Tries of one-time codes",
        "A one-time code of the vendor portal may be mistyped so often before another one is needed.",
        kinds=EVERY_KIND,
        policy=True,
    )
)
SESSION_MINUTES = declare(
    Setting(
        "vendors.session_minutes",
        Whole(2, 120, "minutes"),
        15,
        "Idle time in the portal",
        "A vendor's contact is signed out of the portal after so many minutes without a page.",
        kinds=EVERY_KIND,
        policy=True,
    )
)
SESSION_HOURS = declare(
    Setting(
        "vendors.session_hours",
        Whole(1, 24, "hours"),
        8,
        "Longest stay in the portal",
        "A vendor's contact is signed out of the portal after so many hours, idle or not.",
        kinds=EVERY_KIND,
        policy=True,
    )
)
