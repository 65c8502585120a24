"""Recording netting agreements, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core import locale
from core.actions import Act, action
from core.errors import Stale
from core.money import Money
from settlement.actions.parts import check_may_at, refused
from settlement.models import AgreementParty, NettingAgreement
from settlement.permissions import NETTING_SIGN

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Signed:
    """What was agreed, and by whom. `parties` are bound themselves, `groups` with their perimeters."""

    name: str
    method: str
    legal_basis: str
    minimum: Money
    signed_on: date
    signed_by: str
    starts_on: date
    parties: Sequence[Organization] = ()
    groups: Sequence[Organization] = ()
    payment_days: int = 0
    ends_on: date | None = None


@action(NETTING_SIGN, audit="netting.agreed")
def sign_agreement(act: Act, organization: Organization, *, signed: Signed) -> NettingAgreement:
    """Put a netting agreement on record, kept at `organization`.

    Who may: `netting:sign` there and at every party. Refusals: `not_permitted` (fewer than two parties and no group,
    a third party, an end before the beginning, nothing said where something must be). Audit: `netting.agreed`.
    """
    groups = {one.pk: one for one in signed.groups}
    parties = {one.pk: one for one in signed.parties if one.pk not in groups}
    check_may_at(act.actor, NETTING_SIGN, [*parties, *groups])
    outside = next((one for one in [*parties.values(), *groups.values()] if not one.keeps_books), None)
    if outside is not None:
        raise refused(f"{outside.name} is a third party and keeps no books to net.", field="parties")
    if not groups and len(parties) < 2:
        raise refused(
            "An agreement has at least two parties, or one with everything of its own.", field="parties"
        )
    if signed.ends_on is not None and signed.ends_on < signed.starts_on:
        raise refused(f"It starts on {locale.day(signed.starts_on)}; it can't end before.", field="ends_on")
    if signed.minimum.minor < 0:
        raise refused("The smallest payment is not negative.", field="minimum")
    agreement = NettingAgreement.objects.create(
        organization=organization,
        name=_said(signed.name, "name", 120),
        method=signed.method,
        legal_basis=_said(signed.legal_basis, "legal_basis", 300),
        currency=signed.minimum.currency,
        minimum_minor=signed.minimum.minor,
        payment_days=signed.payment_days,
        signed_on=signed.signed_on,
        signed_by=_said(signed.signed_by, "signed_by", 200),
        starts_on=signed.starts_on,
        ends_on=signed.ends_on,
    )
    AgreementParty.objects.bulk_create(
        AgreementParty(agreement=agreement, organization=one, with_perimeter=one.pk in groups)
        for one in [*parties.values(), *groups.values()]
    )
    act.about(agreement)
    act.changed(
        {}, {"name": agreement.name, "legal_basis": agreement.legal_basis, "starts_on": agreement.starts_on}
    )
    return agreement


@action(NETTING_SIGN, audit="netting.ended")
def end_agreement(act: Act, agreement: NettingAgreement, *, ends_on: date, seen: int) -> NettingAgreement:
    """End an agreement after a day; runs with a later cut-off no longer net under it.

    Refusals: `not_permitted` (a day before it starts, or after the end it has), a stale form. Audit: `netting.ended`.
    """
    current = NettingAgreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    if current.version != seen:
        raise Stale("netting agreement")
    if ends_on < current.starts_on:
        raise refused(f"It starts on {locale.day(current.starts_on)}; it can't end before.", field="ends_on")
    if current.ends_on is not None and ends_on > current.ends_on:
        raise refused(
            f"It ends on {locale.day(current.ends_on)}; sign another one for longer.", field="ends_on"
        )
    act.changed({"ends_on": current.ends_on}, {"ends_on": ends_on})
    current.ends_on = ends_on
    current.version += 1
    current.save(update_fields=["ends_on", "version"])
    return current


def _said(text: str, field: str, longest: int) -> str:
    said = " ".join(text.split())
    if not said or len(said) > longest or "\0" in said:
        raise refused(f"Write 1 to {locale.number(longest)} characters.", field=field)
    return said
