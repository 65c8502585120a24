"""The closed list of look-ups before a network is bound, each with its reason and the columns that it may read.

A function in the schema `lookup` that is not here, or a column granted beyond, fails `tests/db/test_catalogue.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lookup:
    reason: str
    reads: dict[str, str]


LOOKUPS: dict[str, Lookup] = {
    "networks_of_user(bigint)": Lookup(
        "the network switcher, and the network of a person who has only one",
        {"orgs_membership": "network_id user_id starts_on ends_on"},
    ),
    "networks_of_enterprise(bigint)": Lookup(
        "an enterprise owner sees the list of Parent Accounts, each of which is then bound by itself",
        {"core_network": "id enterprise_id"},
    ),
    "network_of_invitation(text)": Lookup(
        "the link of an invitation is opened by somebody who has no session yet",
        {"orgs_invitation": "id network_id token_sha256"},
    ),
    "network_of_logo(text)": Lookup(
        "a logo is shown on the sign-in page, in the portal and in mail, to people of no session",
        {"orgs_logo": "network_id sha256"},
    ),
    "network_of_host(text,text)": Lookup(
        "the host name of a request says which network it is for before anybody signs in",
        {"orgs_hostname": "network_id name face confirmed_at"},
    ),
    "networks_with_deltas()": Lookup(
        "the worker folds waiting balance deltas, network by network",
        {"ledger_balancedelta": "network_id"},
    ),
    "networks_with_unsealed()": Lookup(
        "the worker seals what was committed, network by network",
        {"audit_unsealed": "network_id"},
    ),
    "networks_with_schedules()": Lookup(
        "the worker sends the reports that are due, network by network",
        {"ledger_reportschedule": "network_id"},
    ),
    "networks_with_seals()": Lookup(
        "the worker verifies seals and sends them on, network by network",
        {"audit_seal": "network_id"},
    ),
    "networks_with_expiries(date)": Lookup(
        "the worker lets entitlements expire, network by network",
        {"ledger_entitlement": "network_id expires_on status", "core_network": "id"},
    ),
    "networks_with_breakage()": Lookup(
        "the worker takes breakage after each month, network by network",
        {"ledger_package": "network_id breakage_percent"},
    ),
    "networks_with_agreements()": Lookup(
        "the worker proposes the settlements that are due, network by network",
        {"settlement_nettingagreement": "network_id"},
    ),
    "networks_with_import_files()": Lookup(
        "the worker deletes files of imports that were kept long enough, network by network",
        {"orgs_organizationimport": "network_id file_removed_at"},
    ),
    "networks_with_redemption_imports()": Lookup(
        "the worker deletes lines of imports that were kept long enough, network by network",
        {"ledger_redemptionimport": "network_id lines_removed_at"},
    ),
    "networks_with_overdue_requests()": Lookup(
        "the worker tells people of overdue requests, network by network",
        {"vendors_servicerequest": "network_id status due_at escalated_at"},
    ),
    "networks_with_statement_files()": Lookup(
        "the worker deletes files of statements that were kept long enough, network by network",
        {"settlement_statementimport": "network_id file_removed_at"},
    ),
    "networks_with_mutual_accounts()": Lookup(
        "the worker acknowledges what nobody answered for long enough, network by network",
        {"ledger_account": "network_id code"},
    ),
    "network_of_portal_link(text)": Lookup(
        "the link of the vendor portal is opened by somebody who has no session yet",
        {"vendors_portallink": "network_id secret_sha256"},
    ),
    "network_of_portal_session(text)": Lookup(
        "the cookie of the vendor portal names a session before its network is bound",
        {"vendors_portalsession": "network_id token_sha256"},
    ),
}
