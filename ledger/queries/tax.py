"""Reads of tax codes and their rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import OuterRef, Q, QuerySet, Subquery

from core import locale
from core.access import allowed
from core.actors import Actor
from ledger.models import Service, TaxCode, TaxRate
from ledger.permissions import CATALOG_VIEW
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.tax import Method, Rate


def tax_codes_for(actor: Actor) -> QuerySet[TaxCode]:
    """The network's tax codes, for whoever may see the catalog anywhere in the network."""
    if not allowed(actor, CATALOG_VIEW):
        return TaxCode.objects.none()
    return TaxCode.objects.order_by("name", "pk")


def tax_codes_to_choose(actor: Actor, chosen_id: int | None = None) -> QuerySet[TaxCode]:
    """The tax codes that a service may take: those in use, and the one that it has."""
    return tax_codes_for(actor).filter(Q(status=TaxCode.Status.ACTIVE) | Q(pk=chosen_id))


def with_rate(codes: QuerySet[TaxCode], on: date) -> QuerySet[TaxCode]:
    """Tax codes with the rate in force on a day as `percent`; None where none is."""
    in_force = TaxRate.objects.filter(tax_code=OuterRef("pk"), starts_on__lte=on).order_by("-starts_on")
    return codes.annotate(percent=Subquery(in_force.values("percent")[:1]))


@dataclass(frozen=True)
class Rates:
    """The tax rates of some services on a day; a service without a code has none."""

    on: date
    codes: dict[int, TaxCode]

    def of(self, service_id: int | None) -> Rate | None:
        """Raises Refusal `not_permitted` where the tax code of the service has no rate on that day yet."""
        code = self.codes.get(service_id or 0)
        if code is None:
            return None
        percent = 0 if code.method == TaxCode.Method.EXEMPT else code.percent  # type: ignore[attr-defined]
        if percent is None:
            raise Refusal(
                RefusalCode.NOT_PERMITTED,
                f"{code.name} has no rate on {locale.day(self.on)}. Add one that begins on that day or before it.",
            )
        return Rate(code.pk, code.code, Method(code.method), Fraction(percent))


def rates_of(services: Iterable[Service | None], on: date) -> Rates:
    """The tax rates of services; nothing is read where none has a code."""
    by_code: dict[int, list[int]] = {}
    for one in services:
        if one is not None and one.tax_code_id:
            by_code.setdefault(one.tax_code_id, []).append(one.pk)
    found = with_rate(TaxCode.objects.filter(pk__in=by_code), on) if by_code else ()
    return Rates(on, {service_id: code for code in found for service_id in by_code[code.pk]})
