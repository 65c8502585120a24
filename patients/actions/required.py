"""What an organization asks of the patients whose home it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.errors import Refused
from core.settings import why
from patients.actions.identifier import NewIdentifier
from patients.rules.settings import IDENTIFIER_REQUIRED, PHONE_REQUIRED

if TYPE_CHECKING:
    from orgs.models import Organization


def refuse_missing(
    home: Organization, *, phone: str | None = None, identifiers: Sequence[NewIdentifier] | None = None
) -> None:
    """Refuse an empty phone and a lack of identifiers where the home organization asks for them; None: not in question."""
    if phone == "" and PHONE_REQUIRED.at(home):
        raise Refused(
            "invalid", f"The phone number is missing. Enter one. {why(PHONE_REQUIRED, home)}", field="phone"
        )
    if identifiers is not None and not identifiers and IDENTIFIER_REQUIRED.at(home):
        raise Refused(
            "invalid",
            f"At least one identifier is missing. Enter one of those below. {why(IDENTIFIER_REQUIRED, home)}",
            field="national_id",
        )
