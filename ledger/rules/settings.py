"""The settings that this app declares."""

from core.settings import declare

DISCOUNT_CAP = declare(
    "billing.discount_cap", int, 100, "The largest discount on a sale, in percent of its price.", unit="%"
)
