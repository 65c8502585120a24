"""The settings that this app declares."""

from core.setting_types import Choice, Flag, Whole
from core.settings import NETWORK_WIDE, Setting, declare

DUPLICATE_CHECK = declare(
    Setting(
        "privacy.duplicate_check",
        Choice({"warn": "Warn", "refuse": "Refuse", "off": "Don't check"}),
        "warn",
        "Likely duplicates",
        "What happens when somebody registers a person who looks like a known patient: a warning that can be "
        "confirmed, a refusal, or nothing.",
        policy=True,
    )
)
IDENTIFIER_REQUIRED = declare(
    Setting(
        "privacy.identifier_required",
        Flag(),
        False,
        "Identifier required",
        "A new patient has a national ID, passport, insurance or record number, and keeps at least one.",
    )
)
PHONE_REQUIRED = declare(
    Setting(
        "privacy.phone_required",
        Flag(),
        False,
        "Phone number required",
        "A new patient has a phone number, and keeps one.",
    )
)
SHORTEST_SEARCH = declare(
    Setting(
        "privacy.shortest_search",
        Whole(1, 6, "letters"),
        1,
        "Shortest search",
        "A search for patients answers from so many letters or digits on, so that nobody leafs through by initials.",
        kinds=NETWORK_WIDE,
    )
)
LIST_ALL = declare(
    Setting(
        "privacy.list_all",
        Flag(),
        True,
        "Lists of patients without a search",
        "Lists of patients show everybody one may see; otherwise they show nobody until one searches.",
        kinds=NETWORK_WIDE,
    )
)
LISTED_BIRTH_DATES = declare(
    Setting(
        "privacy.listed_birth_dates",
        Choice({"date": "Whole date", "year": "Year alone", "none": "Hidden"}),
        "date",
        "Birth dates in lists",
        "What lists, searches and the counter's hits show of a birth date; a patient's own page shows all of it.",
        kinds=NETWORK_WIDE,
    )
)
