"""How patients pay."""

PAYMENT_METHODS = {
    "cash": "Cash",
    "card": "Card",
    "bank_transfer": "Bank transfer",
    "mobile": "Mobile payment",
    "cheque": "Cheque",
}
#: What stands among the payments of a sale for which an entitlement was given; nobody chooses it.
GIVEN = "given"


def payment_label(method: str) -> str:
    """How something was paid, in words."""
    return "What was left of another entitlement" if method == GIVEN else PAYMENT_METHODS.get(method, method)
