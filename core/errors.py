"""Errors for the person who made them."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The product says no: `code` is a stable word, `message` says what is wrong and what to do.

    `field` names the form field that the message belongs to, when it belongs to one.
    """

    def __init__(self, code: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class Stale(Refused):
    """Somebody else changed the record after the person read it."""

    def __init__(self, noun: str, message: str = "") -> None:
        super().__init__(
            "stale",
            message
            or f"This {noun} was changed by somebody else in the meantime. Nothing was saved; what you typed is kept.",
        )
