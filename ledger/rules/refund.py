"""What a refund of unused units pays, by the policy of their package; the rest is modification revenue."""


def after_clawback(open_minor: int, price_minor: int, used_at_list_minor: int) -> int:
    """Return what is paid for all that remains when what was used is charged at the list price of the sale's day.

    `open_minor` is what is open of the sale, `price_minor` its price. Never less than nothing, never more than is open.
    """
    return max(0, min(open_minor, price_minor - used_at_list_minor))


def after_fee(open_minor: int, fee_minor: int) -> int:
    """Return what is paid for units worth `open_minor` when a fee is kept; never less than nothing."""
    return max(0, open_minor - fee_minor)
