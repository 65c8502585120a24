"""Reads of users for the apps above."""

from __future__ import annotations

from collections.abc import Iterable

from people.models import User


def user_by_email(email: str) -> User | None:
    return User.objects.filter(email=email.strip().lower()).first()


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Names by user id, in one query."""
    return dict(User.objects.filter(pk__in=set(user_ids)).values_list("pk", "name"))


def active_user(user_id: int | None) -> User | None:
    """The person with an id, unless there is none or they may not sign in any more."""
    return User.objects.filter(pk=user_id or 0, is_active=True).first()


def active_users(addresses: Iterable[str]) -> dict[str, User]:
    """People who may sign in, by those of some addresses, in small letters, that are theirs."""
    return {user.email: user for user in User.objects.filter(email__in=set(addresses), is_active=True)}
