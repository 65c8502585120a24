"""Redemptions that took place elsewhere, many at once: the same checks as at a counter, read and posted set by set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from core import locale
from core.actions import Act, action
from core.actors import Actor
from core.errors import Refused
from ledger.actions.command import TWO_POOLS, check_amounts, wait_in_line
from ledger.actions.place import check_day, register_here
from ledger.actions.redemption import Redeemed, check_quantity, check_service, redeemed
from ledger.models import (
    Beneficiary,
    BreakagePool,
    Entitlement,
    EntitlementLine,
    LedgerEvent,
    PackageRedeemer,
    PeriodClose,
    Sale,
    Service,
)
from ledger.permissions import ENTITLEMENT_REDEEM
from ledger.posting import Record, lock_entitlements, post_many
from ledger.queries.answer import RememberedRulings
from ledger.queries.redeemable import Redeeming, check_redeemable, why_not_here
from ledger.queries.tax import Rates, rates_of
from ledger.queries.volume import VolumeKey
from ledger.rules.redemption_file import AskedLine
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.terms import Event
from orgs.queries.access import organizations_for
from orgs.queries.organization import hold_standing, ids_by_code, organizations_by_id
from patients.queries.patient import patients_for, patients_identified, registered_among

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient

BATCH = 4_000
_IN_LINE = "redemptions of files"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line: redeemed, or posted by an earlier run; or refused, by its code and in words."""

    line: AskedLine
    code: str = ""
    text: str = ""
    is_repeated: bool = False


@action(ENTITLEMENT_REDEEM, audit="entitlement.redeemed_from_file")
def redeem_batch(act: Act, root: Organization, *, batch: Sequence[AskedLine], file_name: str) -> list[Result]:
    """Redeem some lines of a file, in their order; what is refused keeps no other line from being redeemed.

    Who may: `entitlement:redeem` at the parent organization, and at the organization of each line. Effect and refusals
    of a line: those of `redeem`, in the same order; an unknown organization, entitlement or service is `not_permitted`.
    A line is known by its organization and key: the same again is nothing new, so that a file whose import was broken
    off is sent once more. Audit: how many. One batch at a time in a network.
    """
    wait_in_line(_IN_LINE)
    wait_in_line(TWO_POOLS)
    redemptions = Redemptions(act.actor, posting=True)
    results = redemptions.take(batch)
    post_many(redemptions.records)
    for place, patient in redemptions.newcomers:
        register_here(act.actor, place, patient)
    if not redemptions.records:
        act.nothing_happened()
    refused = sum(bool(one.code) for one in results)
    act.changed({}, {"file": file_name, "redeemed": len(redemptions.records), "refused": refused})
    return results


def key_of(organization_id: int, key: str) -> str:
    """A line's key in the ledger: those of a file are an organization's own."""
    return f"redemption-file:{organization_id}:{key}"


class _Day(RememberedRulings):
    """What answers for the redemptions of one day, with its tax rates."""

    def __init__(
        self, on: date, organization_ids: Iterable[int], volumes: dict[VolumeKey, int], *, posting: bool
    ) -> None:
        super().__init__(Event.REDEMPTION, on, organization_ids, volumes=volumes, posting=posting)
        self.taxes: Rates


class Redemptions:
    """Lines of files one after the other, each with what those before it left. While `posting`, what they touch is
    locked, and `records` are to be posted; without, nothing is held or written, and what is read may change meanwhile.
    """

    def __init__(self, actor: Actor, *, posting: bool) -> None:
        self.actor, self.posting = actor, posting
        self.records: list[Record] = []
        self.newcomers: list[tuple[Organization, Patient]] = []
        self._places: dict[str, Organization] = {}
        self._allowed: set[int] = set()
        self._lines: dict[str, list[EntitlementLine]] = {}
        self._pools: dict[tuple[int, int], BreakagePool] = {}
        self._sold: dict[int, Sale] = {}
        self._redeemers: dict[int, set[int]] = {}
        self._users: dict[int, dict[int, Patient]] = {}
        self._seen: set[int] = set()
        self._registered: set[tuple[int, int]] = set()
        self._identified: dict[str, set[int]] = {}
        self._posted: dict[str, bytes] = {}
        self._days: dict[date, _Day] = {}
        self._volumes: dict[VolumeKey, int] = {}
        self._services = {one.code: one for one in Service.objects.all()}
        self._closed = dict(PeriodClose.objects.values_list("organization_id", "closed_through"))
        self._why_not: dict[tuple[int, str | None], Refusal | None] = {}

    def take(self, batch: Sequence[AskedLine]) -> list[Result]:
        """What becomes of each line, in their order."""
        self._read(batch)
        return [self._result(asked) for asked in batch]

    def _result(self, asked: AskedLine) -> Result:
        try:
            return Result(asked, is_repeated=not self._redeem(asked))
        except (Refusal, Refused) as refusal:
            return Result(asked, str(refusal.code), refusal.message)

    def _redeem(self, asked: AskedLine) -> bool:
        """Raises what refuses the line; returns whether it is new."""
        place = self._place(asked)
        line = self._line(asked)
        service = self._service(asked)
        command: dict[str, Any] = {"organization": place.pk, "line": line.pk, "quantity": asked.quantity}
        command |= {"on": asked.on.isoformat(), "service": service.pk}
        if asked.patient:
            command["patient"] = asked.patient
        key = key_of(place.pk, asked.key)
        record = Record(key, LedgerEvent.Kind.REDEMPTION, asked.on, place.pk, self.actor, command)
        earlier = self._posted.get(key)
        if earlier is not None:
            if earlier != record.payload_hash:
                raise Refusal(
                    RefusalCode.IDEMPOTENCY_CONFLICT,
                    f"The key {asked.key!r} was used before at {asked.organization}, for something else.",
                )
            return False
        made, user = self._made(asked, place, line, service)
        self._check_open(asked.on, {place.pk, *(one.organization_id for one in made.lines)})
        check_amounts(one.amount_minor for one in made.lines)
        self._count(asked, place, line, made)
        self._posted[key] = record.payload_hash
        self._register(place, user)
        self.records.append(
            Record(
                key, LedgerEvent.Kind.REDEMPTION, asked.on, place.pk, self.actor, command, made.lines,
                [made.movement], made.inputs, made.version_id, booked=made.booked,
            )
        )  # fmt: skip
        return True

    def _made(
        self, asked: AskedLine, place: Organization, line: EntitlementLine, service: Service
    ) -> tuple[Redeemed, Patient]:
        entitlement, day = line.entitlement, self._days[asked.on]
        check_day(place, asked.on)
        check_quantity(place, asked.quantity)
        user = self._user(asked, entitlement)
        sale = self._sold[entitlement.pk]
        redeeming = Redeeming(
            line=line,
            service=service,
            organization=place,
            on=asked.on,
            seller_id=sale.seller_id,
            redeemers=frozenset(self._redeemers.get(entitlement.package_id, ())),
            rulings=day,
            rates=day.taxes,
            taxed_later=sale.tax_point == Sale.TaxPoint.REDEMPTION,
        )
        day.begin()
        check_service(redeeming, service)
        check_redeemable(redeeming, asked.quantity, self._why_not_here)
        pool = self._pools.get((entitlement.holder_id, entitlement.package_id))
        return redeemed(redeeming, user.pk, asked.quantity, pool), user

    def _count(self, asked: AskedLine, place: Organization, line: EntitlementLine, made: Redeemed) -> None:
        """The next line finds what this one leaves."""
        line.left_units += made.movement.units
        line.open_minor += made.movement.amount_minor
        pool = self._pools.get((line.entitlement.holder_id, line.entitlement.package_id))
        if pool is not None:
            pool.open_minor += made.movement.amount_minor
            pool.booked_minor += made.booked.amount_minor if made.booked else 0
        self._days[asked.on].count(place.pk, made.inputs.get("volume"))

    def _register(self, place: Organization, user: Patient) -> None:
        if (user.pk, place.pk) not in self._registered:
            self._registered.add((user.pk, place.pk))
            self.newcomers.append((place, user))

    def _place(self, asked: AskedLine) -> Organization:
        place = self._places.get(asked.organization)
        if place is None:
            raise _unknown(f"There is no organization {asked.organization}.")
        if place.pk not in self._allowed:
            raise _unknown(f"You may not redeem at {place.name}.")
        return place

    def _line(self, asked: AskedLine) -> EntitlementLine:
        """The line of the service, or credit for it."""
        lines = self._lines.get(asked.entitlement)
        if not lines:
            raise _unknown(f"There is no entitlement {asked.entitlement}.")
        service = self._service(asked)
        own = [one for one in lines if one.service_id == service.pk]
        credit = [one for one in lines if one.is_credit and one.category in ("", service.category)]
        if not own and not credit:
            raise _unknown(f"{service.name} is no part of {asked.entitlement}.")
        return (own or credit)[0]

    def _service(self, asked: AskedLine) -> Service:
        service = self._services.get(asked.service)
        if service is None:
            raise _unknown(f"There is no service {asked.service}.")
        return service

    def _user(self, asked: AskedLine, entitlement: Entitlement) -> Patient:
        """Whose it is, or who was named and may use it."""
        users = self._users[entitlement.pk]
        named = users.keys() & self._identified.get(asked.patient, set()) if asked.patient else set()
        if len(named) > 1:
            raise _unknown(
                f"Several people who may use {asked.entitlement} have the identifier {asked.patient}."
            )
        if asked.patient and not named:
            raise _unknown(
                f"Nobody who may use {asked.entitlement} has the identifier {asked.patient}. Add them to the people "
                "who may, or leave the patient out for the one whose it is."
            )
        user = users[named.pop()] if named else entitlement.patient
        if user.pk not in self._seen:
            raise _unknown(f"You don’t see the patient of {asked.entitlement}.")
        return user

    def _why_not_here(self, here: Organization, category: str | None) -> Refusal | None:
        if (here.pk, category) not in self._why_not:
            self._why_not[here.pk, category] = why_not_here(here, category)
        return self._why_not[here.pk, category]

    def _check_open(self, on: date, books: Iterable[int]) -> None:
        closed = [pk for pk in books if pk in self._closed and self._closed[pk] >= on]
        if closed:
            last = max(self._closed[pk] for pk in closed)
            raise Refusal(
                RefusalCode.PERIOD_CLOSED,
                f"Books that it would be posted in are closed through {locale.day(last)}. Choose a later date.",
            )

    def _read(self, batch: Sequence[AskedLine]) -> None:
        """All that the lines of a batch need, in a number of queries that does not depend on how many they are."""
        self._read_places({asked.organization for asked in batch} - self._places.keys())
        self._read_entitlements({asked.entitlement for asked in batch} - self._lines.keys())
        self._identified |= patients_identified({asked.patient for asked in batch} - {""})
        keys = [
            key_of(self._places[asked.organization].pk, asked.key)
            for asked in batch
            if asked.organization in self._places
        ]
        known = LedgerEvent.objects.filter(key__in=keys).values_list("key", "payload_hash")
        self._posted |= {key: bytes(digest) for key, digest in known}
        concerned: dict[date, set[int]] = {}
        for asked in batch:
            ids = concerned.setdefault(asked.on, set())
            if asked.organization in self._places:
                ids.add(self._places[asked.organization].pk)
            for line in self._lines.get(asked.entitlement, ())[:1]:
                ids |= {line.entitlement.holder_id, self._sold[line.entitlement_id].seller_id}
        for on, ids in concerned.items():
            if on not in self._days:
                self._days[on] = _Day(on, ids, self._volumes, posting=self.posting)
                self._days[on].taxes = rates_of(self._services.values(), on)
            self._days[on].know(ids)

    def _read_places(self, codes: Iterable[str]) -> None:
        found = organizations_by_id(ids_by_code(codes).values())
        if self.posting:
            hold_standing(*found)
        self._places |= {place.code: place for place in found}
        allowed = organizations_for(self.actor, ENTITLEMENT_REDEEM).filter(
            pk__in=[place.pk for place in found]
        )
        self._allowed |= set(allowed.values_list("pk", flat=True))

    def _read_entitlements(self, codes: Iterable[str]) -> None:
        ids = list(Entitlement.objects.filter(code__in=list(codes)).values_list("pk", flat=True))
        if self.posting:
            lock_entitlements(ids)
        rows = EntitlementLine.objects.filter(entitlement__in=ids).order_by("pk")
        found: dict[int, Entitlement] = {}
        for line in rows.select_related(
            "service", "entitlement__package", "entitlement__patient", "entitlement__holder"
        ):
            line.entitlement = found.setdefault(line.entitlement_id, line.entitlement)
            self._lines.setdefault(line.entitlement.code, []).append(line)
        self._sold |= {sale.entitlement_id: sale for sale in Sale.objects.filter(entitlement__in=ids)}
        holders = {one.holder_id for one in found.values()}
        packages = {one.package_id for one in found.values()}
        pools = BreakagePool.objects.filter(holder__in=holders, package__in=packages)
        for pool in pools:
            self._pools.setdefault((pool.holder_id, pool.package_id), pool)
        redeemers = PackageRedeemer.objects.filter(package__in=packages)
        for package_id, organization_id in redeemers.values_list("package_id", "organization_id"):
            self._redeemers.setdefault(package_id, set()).add(organization_id)
        for pk, one in found.items():
            self._users[pk] = {one.patient_id: one.patient}
        shared = Beneficiary.objects.filter(entitlement__in=ids, removed_at=None).select_related("patient")
        for beneficiary in shared:
            self._users[beneficiary.entitlement_id][beneficiary.patient_id] = beneficiary.patient
        patients = {patient_id for pk in found for patient_id in self._users[pk]}
        seen = patients_for(self.actor).filter(pk__in=patients)
        self._seen |= set(seen.values_list("pk", flat=True))
        places = [place.pk for place in self._places.values()]
        self._registered |= registered_among(patients, places)


def _unknown(text: str) -> Refusal:
    return Refusal(RefusalCode.NOT_PERMITTED, text)
