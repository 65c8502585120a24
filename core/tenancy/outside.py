"""The closed list of tables outside tenancy, each with its reason and what the web and portal roles may do.

A table that is neither here nor under row-level security fails `tests/db/test_catalogue.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

ALL = "SELECT, INSERT, UPDATE, DELETE"


@dataclass(frozen=True)
class Outside:
    reason: str
    web: str = "SELECT"
    portal: str = ""


TABLES: dict[str, Outside] = {
    "core_enterprise": Outside(
        "the customer above its networks; a name, no data inside them", "SELECT, INSERT, UPDATE"
    ),
    "orgs_enterpriseowner": Outside(
        "who owns a customer's Parent Accounts; precedes any network and opens none", "SELECT, INSERT, UPDATE"
    ),
    "people_user": Outside("one person has one login over all networks", "SELECT, INSERT, UPDATE"),
    "people_user_groups": Outside("Django's own table of the user model; unused", "SELECT"),
    "people_user_user_permissions": Outside("Django's own table of the user model; unused", "SELECT"),
    "account_emailaddress": Outside("allauth: the address belongs to the person", ALL),
    "account_emailconfirmation": Outside("allauth: confirmation precedes any network", ALL),
    "mfa_authenticator": Outside(
        "allauth: the second factor belongs to the person; its secret is encrypted", ALL
    ),
    "axes_accessattempt": Outside("brute-force protection precedes any network", ALL),
    "axes_accessattemptexpiration": Outside("brute-force protection precedes any network", ALL),
    "axes_accessfailurelog": Outside("brute-force protection precedes any network", ALL),
    "axes_accesslog": Outside("brute-force protection precedes any network", ALL),
    "django_session": Outside("a session precedes the network that it binds", ALL),
    "django_content_type": Outside("names of models, no data"),
    "django_migrations": Outside("the schema's own history"),
    "auth_group": Outside("Django's own table; unused"),
    "auth_group_permissions": Outside("Django's own table; unused"),
    "auth_permission": Outside("names of permissions, no data"),
    "guardian_groupobjectpermission": Outside("guardian's generic table; unused: grants are direct keys", ""),
    "guardian_userobjectpermission": Outside("guardian's generic table; unused: grants are direct keys", ""),
    "audit_systemevent": Outside("events of no network: sign-ins, new networks", "SELECT, INSERT"),
    "work_outbox": Outside("ids only; the relay reads every network's", ALL, portal="INSERT"),
    "work_mail": Outside(
        "mail waiting to be sent, sign-in codes precede any network; emptied once sent", ALL
    ),
}
