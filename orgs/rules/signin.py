"""What the strictest of several organizations asks of a sign-in."""

from __future__ import annotations

from collections.abc import Iterable

from orgs.rules.roles import ADMINISTRATOR

ADMINISTRATORS = frozenset({ADMINISTRATOR, "organization_administrator"})
_BY_STRICTNESS = ("nobody", "administrators", "everyone")


def strictest_factor(values: Iterable[str]) -> str:
    """Of several values of `signin.mfa_required` the one that asks the most people."""
    return max(values, key=_BY_STRICTNESS.index)


def is_asked(value: str, roles: Iterable[str]) -> bool:
    """Does a value of `signin.mfa_required` ask somebody with these roles for a second factor?"""
    return value == "everyone" or (value == "administrators" and not ADMINISTRATORS.isdisjoint(roles))


def allowed_everywhere(values: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The ways to sign in that every one of several values of `signin.methods` allows; there may be none."""
    first, *others = values
    return tuple(method for method in first if all(method in other for other in others))
