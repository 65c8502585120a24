"""Who can be a vendor and who can order. Pure functions."""

from core.errors import Refused

VENDOR_KINDS = ("third_party", "partner")


def refuse_no_vendor(kind: str, name: str) -> None:
    """A vendor is a third party or a partner."""
    if kind not in VENDOR_KINDS:
        raise Refused(
            "not_permitted", f"{name} is neither a third party nor a partner, so it can't be a vendor."
        )
