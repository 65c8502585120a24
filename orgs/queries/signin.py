"""What networks ask of a person's sign-in: the strictest of the organizations where they hold a role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.actors import UserActor
from core.settings import why
from core.tenancy import bound
from orgs.models import Organization
from orgs.queries.access import all_holds
from orgs.queries.membership import networks_of_user
from orgs.queries.setting import preload_many
from orgs.rules.settings import IDLE_MINUTES, METHODS, MFA_REQUIRED, SESSION_HOURS, SHORTEST_PASSWORD
from orgs.rules.signin import allowed_everywhere, is_asked, strictest_factor


@dataclass(frozen=True)
class Held:
    """An organization where a person holds a role, as much of it as settings need."""

    pk: int


class Asked:
    """What the bound network asks of one person; reads where their organizations stand only if it matters."""

    def __init__(self, actor: UserActor) -> None:
        holds = all_holds(actor)
        self.roles = {role for hold in holds for role in hold.roles}
        self.held = [Held(pk) for pk in sorted({hold.organization_id for hold in holds})]
        preload_many([one.pk for one in self.held], MFA_REQUIRED.group.code)

    @property
    def idle_minutes(self) -> int:
        return IDLE_MINUTES.strictest(self.held, min)

    @property
    def session_hours(self) -> int:
        return SESSION_HOURS.strictest(self.held, min)

    @property
    def shortest_password(self) -> int:
        return SHORTEST_PASSWORD.strictest(self.held, max)

    @property
    def methods(self) -> tuple[str, ...]:
        return METHODS.strictest(self.held, allowed_everywhere)

    @property
    def second_factor(self) -> str:
        return MFA_REQUIRED.strictest(self.held, strictest_factor)

    @property
    def is_second_factor_asked(self) -> bool:
        return is_asked(self.second_factor, self.roles)

    def why_second_factor(self) -> str:
        most = self.second_factor
        return why(MFA_REQUIRED, _one(next(one for one in self.held if MFA_REQUIRED.at(one) == most)))

    def why_methods(self, used: str) -> str:
        return why(METHODS, _one(next(one for one in self.held if used not in METHODS.at(one))))

    def why_password(self) -> str:
        most = self.shortest_password
        return why(
            SHORTEST_PASSWORD, _one(next(one for one in self.held if SHORTEST_PASSWORD.at(one) == most))
        )


def objection(user: Any, says: Callable[[Asked], str]) -> str:
    """What the first of a person's networks that objects says; for pages outside the console, which bind none."""
    for network_id in networks_of_user(user.pk):
        with bound(network_id):
            said = says(Asked(UserActor.of(user.pk, str(user))))
        if said:
            return said
    return ""


def _one(held: Held) -> Organization:
    return Organization.objects.get(pk=held.pk)
