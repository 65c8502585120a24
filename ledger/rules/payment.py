"""How patients pay."""

PAYMENT_METHODS = {
    "cash": "Cash",
    "card": "Card",
    "bank_transfer": "Bank transfer",
    "mobile": "Mobile payment",
    "cheque": "Cheque",
}
