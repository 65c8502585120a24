"""The settings that this app declares."""

from core.locale import DEFAULT, LOCALES
from core.setting_types import (
    Choice,
    Choices,
    Flag,
    LocaleChoice,
    Picture,
    Text,
    Whole,
    Words,
    email_domain,
)
from core.settings import EVERY_KIND, NETWORK_WIDE, Mode, Setting, declare
from core.validators import email_address
from orgs.rules.branding import ACCENTS

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

IMPORT_FILE_DAYS = declare(
    Setting(
        "privacy.import_file_days",
        Whole(1, 3650, "days"),
        90,
        "Files of imports are kept",
        "A file of organizations or redemptions is deleted this long after it was sent or its import ended, with its lines. "
        "Who sent it when, what it came to and its SHA-256 stay.",
        kinds=NETWORK_WIDE,
    )
)

# Branding: how the network looks, and signs its mail.

_FOR_ALL = (Mode.DEFAULT, Mode.RECOMMENDED, Mode.ENFORCED)
_NOT_ENFORCED = (Mode.DEFAULT, Mode.LOCAL)  # a picture can't be asked for by a waiver

PORTAL_NAME = declare(
    Setting(
        "branding.portal_name",
        Text(60, empty="the network's name"),
        "",
        "Name of the vendor portal",
        "What the vendor portal and the mails about it are called, instead of the network's name.",
        kinds=EVERY_KIND,
    )
)
LOCALE = declare(
    Setting(
        "branding.locale",
        LocaleChoice(LOCALES),
        DEFAULT,
        "Dates and numbers",
        "How dates, times, numbers and amounts are written and read: at the parent for the whole console, elsewhere on "
        "the organization's receipts, in mail to it and in its vendor portal. The words stay English.",
        kinds=EVERY_KIND,
    )
)
SENDER_NAME = declare(
    Setting(
        "branding.sender_name",
        Text(60, empty="the server's own"),
        "",
        "Sender of mail",
        "The name from which invitations and mails to vendors come; the address stays the server's.",
        kinds=EVERY_KIND,
    )
)
SUPPORT_EMAIL = declare(
    Setting(
        "branding.support_email",
        Text(254, empty="none", parse=email_address),
        "",
        "Address for questions",
        "Where people write who need help: shown at the end of mails and at the foot of the vendor portal.",
        kinds=EVERY_KIND,
    )
)
CONSOLE_NAME = declare(
    Setting(
        "branding.console_name",
        Text(60, empty="the network's name"),
        "",
        "Name of the console",
        "Stands at the head of the console's navigation, above the network's name.",
        kinds=NETWORK_WIDE,
        modes=_FOR_ALL,
    )
)
ACCENT = declare(
    Setting(
        "branding.accent",
        Choice(ACCENTS),
        "teal",
        "Accent colour",
        "The colour of buttons, links and what is chosen, in the console and the vendor portal.",
        kinds=NETWORK_WIDE,
        modes=_FOR_ALL,
    )
)

LOGO = declare(
    Setting(
        "branding.logo",
        Picture(),
        "",
        "Logo",
        "Stands instead of Caretree’s mark in the console, the vendor portal and on sign-in pages, and at the head "
        "of receipts and statements.",
        modes=_NOT_ENFORCED,
    )
)
LOGO_DARK = declare(
    Setting(
        "branding.logo_dark",
        Picture(empty="the logo, on a light plate"),
        "",
        "Logo for the dark theme",
        "Shown on dark ground instead of the logo, where its colours would not be seen.",
        modes=_NOT_ENFORCED,
    )
)

# Sign-in security: who comes in, and for how long.

MFA_REQUIRED = declare(
    Setting(
        "signin.mfa_required",
        Choice({"nobody": "Nobody", "administrators": "Administrators", "everyone": "Everyone"}),
        "nobody",
        "Second factor",
        "Who has to sign in with a code from an authenticator app besides (MFA, 2FA, TOTP). Of several organizations "
        "that a person belongs to the strictest counts; a waiver exempts those who belong to its organization alone.",
        policy=True,
    )
)
METHODS = declare(
    Setting(
        "signin.methods",
        Choices({"password": "Password", "code": "Code by e-mail"}, least=1),
        ("password", "code"),
        "Ways to sign in",
        "Who signed in another way doesn't come in. A person of several organizations needs a way that all allow.",
        policy=True,
    )
)
IDLE_MINUTES = declare(
    Setting(
        "signin.idle_minutes",
        Whole(5, 480, "minutes"),
        30,
        "Longest pause",
        "A session that nobody used for longer ends. Of several organizations the shortest counts.",
        policy=True,
    )
)
SESSION_HOURS = declare(
    Setting(
        "signin.session_hours",
        Whole(1, 24, "hours"),
        12,
        "Longest session",
        "This long after signing in a session ends, used or not. Of several organizations the shortest counts.",
        policy=True,
    )
)
INVITATION_DAYS = declare(
    Setting(
        "signin.invitation_days",
        Whole(1, 60, "days"),
        14,
        "Days to accept an invitation",
        "The link in the mail works this long. Invitations that were sent before keep their day.",
    )
)
INVITATION_DOMAINS = declare(
    Setting(
        "signin.invitation_domains",
        Words(email_domain),
        (),
        "Domains that may be invited",
        "Invitations go to addresses at these domains and to no others.",
        policy=True,
    )
)
SHORTEST_PASSWORD = declare(
    Setting(
        "signin.shortest_password",
        Whole(12, 64, "characters"),
        12,
        "Shortest password",
        "Asked of every new password: of those who accept an invitation, and of the organization's people when they "
        "change theirs. Passwords that were chosen before stay.",
    )
)
LONGEST_MEMBERSHIP_DAYS = declare(
    Setting(
        "signin.longest_membership_days",
        Whole(0, 3660, "days", zero="no limit"),
        0,
        "Longest role",
        "A role is granted for this many days at most and needs a last day. Roles that are held already stay.",
        policy=True,
    )
)
SUBTREE_ROLES = declare(
    Setting(
        "signin.subtree_roles",
        Flag(),
        True,
        "Roles with everything below",
        "May roles that reach the organizations below be granted here? Those that are held already stay.",
    )
)
