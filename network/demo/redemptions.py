"""What outreach camps wrote down on paper: a file that was redeemed, and one whose mistakes are to be mended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.actors import UserActor
from ledger.actions.redemption_import import check_sent, redeem_next, send_redemptions, start_redemptions
from ledger.queries.entitlement import entitlements_for
from ledger.queries.redemption_import import imports_for
from ledger.rules.redemption_file import NEEDED

if TYPE_CHECKING:
    from ledger.models import RedemptionImport
    from orgs.models import Organization


def build_redemptions(administrator: UserActor, root: Organization, today: date) -> None:
    week_ago = today - timedelta(days=7)
    usable = entitlements_for(administrator).filter(
        lines__service__code="PHYSIO",
        lines__left_units__gte=3,
        status="active",
        frozen_on=None,
        starts_on__lte=week_ago,
        expires_on__gt=today,
    )
    codes = list(usable.order_by("pk").values_list("code", flat=True)[:8])
    camp = [
        f"camp-{n},{code},PHYSIO,1,{today - timedelta(days=n)},SAH" for n, code in enumerate(codes[:4], 1)
    ]
    done = _checked(administrator, root, "camp-lonavala.csv", camp)
    start_redemptions(administrator, done)
    redeem_next({"import_id": done.pk})
    desk = [
        *camp[:2],
        *(f"desk-{n},{code},PHYSIO,1,{today},SAH" for n, code in enumerate(codes[4:], 1)),
        f"desk-9,{codes[0]},ECG,1,{today},SAH",
        f"desk-10,{codes[1]},PHYSIO,90,{today},SAH",
        f"desk-11,{codes[2]},PHYSIO,1,{today},WAKAD",
        f"desk-12,{codes[3]},PHYSIO,one,{today},SAH",
        f"desk-13,AAAA-BBBB-CCCC,PHYSIO,1,{today},SAH",
    ]
    _checked(administrator, root, "camp-khandala.csv", desk)


def _checked(administrator: UserActor, root: Organization, name: str, lines: list[str]) -> RedemptionImport:
    content = "\n".join([",".join(NEEDED), *lines, ""]).encode()
    sent = send_redemptions(administrator, root, file_name=name, content=content)
    check_sent({"import_id": sent.pk})
    return imports_for(administrator).get(pk=sent.pk)
