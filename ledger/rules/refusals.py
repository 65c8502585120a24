"""Refusals: the stable words for what the ledger will not do, in the order in which they win."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class RefusalCode(StrEnum):
    """Stable refusal codes; of several that apply, the first in this order is given."""

    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    NOT_PERMITTED = "not_permitted"
    ALREADY_REVERSED = "already_reversed"
    MODULE_OFF = "module_off"
    NOT_SELLABLE_HERE = "not_sellable_here"
    NOT_REDEEMABLE_HERE = "not_redeemable_here"
    ENTITLEMENT_EXPIRED = "entitlement_expired"
    ENTITLEMENT_EXHAUSTED = "entitlement_exhausted"
    OVER_REFUND = "over_refund"
    RULE_CONFLICT = "rule_conflict"
    NO_RULE = "no_rule"
    REFERRAL_SHARE = "referral_share"
    DISCOUNT_OVER_POLICY = "discount_over_policy"
    APPROVAL_REQUIRED = "approval_required"
    CURRENCY_MISMATCH = "currency_mismatch"
    UNBALANCED = "unbalanced"
    NOT_MIRRORED = "not_mirrored"
    PERIOD_CLOSED = "period_closed"

    @property
    def rank(self) -> int:
        """The place in the order of precedence, 0 first."""
        return list(RefusalCode).index(self)


class Refusal(Exception):  # noqa: N818  (a refusal is an answer, not a defect)
    """The ledger says no: `code` for programs, `message` for the person, `facts` for both.

    `message` is one or two sentences for whoever gave the command; `facts` holds the plain values
    that it speaks of (strings and whole numbers).
    """

    def __init__(self, code: RefusalCode, message: str, **facts: str | int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts: Mapping[str, str | int] = facts

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def first_refusal(refusals: Iterable[Refusal]) -> Refusal | None:
    """Return the refusal that wins by precedence (the earlier one of equal codes), or None."""
    return min(refusals, key=lambda refusal: refusal.code.rank, default=None)
