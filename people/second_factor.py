"""How allauth's second factor behaves here: secrets are encrypted at rest, and what goes wrong is said plainly."""

from __future__ import annotations

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

_SALT = "people.second_factor"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are stored under a key derived from SECRET_KEY; those of SECRET_KEY_FALLBACKS still open them."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong, too old or was used already. Wait for the next one and type it.",
        "cannot_generate_recovery_codes": "Set up a second factor first; recovery codes stand in for it.",
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise ImproperlyConfigured(
                "A second factor was stored under another SECRET_KEY; put that one into SECRET_KEY_FALLBACKS."
            ) from None


def _box() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (salted_hmac(_SALT, "", secret=key, algorithm="sha256").digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
