"""Changes of a person's second factor, in the trail of every organization where they hold a role.

A factor is the person's, over all networks, so allauth's signals are heard here, above it: they come after the commit.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset

from audit.trail import append_system_event
from core.actors import UserActor
from core.ports import AuditRecord, socket
from core.tenancy import bound
from orgs.queries.access import all_holds
from orgs.queries.membership import networks_of_user

_FACTORS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


def _note(verb: str, request: Any, user: Any, authenticator: Any) -> None:
    """Who, when, what and from where."""
    new = {"factor": _FACTORS[authenticator.type], "from": get_adapter(request).get_client_ip(request)}
    append_system_event(UserActor.of(user.pk, str(user)), verb, **new)
    for network_id in networks_of_user(user.pk):
        with bound(network_id):
            actor = UserActor.of(user.pk, str(user))
            places = sorted({hold.organization_id for hold in all_holds(actor)})
            socket.audit.append_many(
                [
                    AuditRecord(actor, verb, user._meta.label_lower, user.pk, place, new=new)
                    for place in places
                ]
            )


def _added(request: Any, user: Any, authenticator: Any, **_: Any) -> None:
    _note("second_factor.added", request, user, authenticator)


def _removed(request: Any, user: Any, authenticator: Any, **_: Any) -> None:
    _note("second_factor.removed", request, user, authenticator)


def _renewed(request: Any, user: Any, authenticator: Any, **_: Any) -> None:
    _note("second_factor.renewed", request, user, authenticator)


def listen() -> None:
    authenticator_added.connect(_added, dispatch_uid="orgs.factor_trail")
    authenticator_removed.connect(_removed, dispatch_uid="orgs.factor_trail")
    authenticator_reset.connect(_renewed, dispatch_uid="orgs.factor_trail")
