"""The only place that writes second factors beside allauth, and what a session has shown of its person."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction

from people.models import User

_LAST = "last_counter"


@transaction.atomic
def use_once(authenticator: Any, code: str) -> bool:
    """Take a right code out of use, with all before it; False if it was used already.

    allauth remembers used codes in the cache, for less time than a tolerant check accepts them and only while Redis
    is there; the row of the factor forgets nothing.
    """
    current = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    secret = decrypt(current.data["secret"])
    counter = next(
        (
            one
            for one in yield_hotp_counters_from_time()
            if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, one)))
        ),
        None,
    )
    if counter is None or counter <= current.data.get(_LAST, 0):
        return False
    current.data[_LAST] = counter
    current.save(update_fields=["data"])
    return True


def set_up(request: Any, code: str) -> None:
    """After a person typed the first code of a new factor: it counts for this session, and not a second time."""
    authenticator = Authenticator.objects.get(user_id=request.user.pk, type=Authenticator.Type.TOTP)
    use_once(authenticator, code)
    record_authentication(request, request.user, "mfa", id=authenticator.pk, type=authenticator.type)


def came_by_password(request: Any, user: User) -> None:
    """Note that a session was opened with a password that was just chosen."""
    record_authentication(request, user, "password")
