"""The only place that writes organizations and their contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models.functions import Now
from django.urls import reverse

from core import locale
from core.access import require
from core.actions import Act, action
from core.actors import Actor
from core.errors import Refused, Stale
from core.ports import AuditRecord, socket
from core.registries import Blocker, archive_blockers
from core.validators import refuse_unseen
from orgs.actions.setting_days import follow_time_zone
from orgs.models import Affiliation, Departure, Organization
from orgs.permissions import ORGANIZATION_ADD, ORGANIZATION_EDIT, ORGANIZATION_MOVE, ORGANIZATION_SUSPEND
from orgs.queries import tree
from orgs.queries.access import is_allowed
from orgs.queries.setting import lock_settings
from orgs.rules.settings import MAX_SUB_DEPTH
from orgs.rules.structure import PARTNER, THIRD_PARTY, check_placement


@dataclass(frozen=True)
class Contract:
    """The terms of an affiliation; required for a partner and a third party."""

    legal_basis: str
    starts_on: date
    ends_on: date | None = None
    contract_number: str = ""
    role_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """What can be edited of an organization. Kind, currency and network never change."""

    name: str
    code: str
    time_zone: str
    phone: str = ""
    email: str = ""
    address: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@action(ORGANIZATION_ADD, audit="organization.added")
def add_organization(
    act: Act,
    under: Organization,
    *,
    kind: str,
    details: Details,
    contract: Contract | None = None,
    currency: str = "",
) -> Organization:
    """Add a sub, partner or third party under an organization.

    Who may: `organization:add` at the organization above. Refusals: structure rules, an archived place,
    a taken code, unseen characters, a partner or third party without a contract. Audit: `organization.added`.
    """
    _check_texts(details)
    tree.lock_tree()
    under.refresh_from_db()
    _refuse_archived(under)
    _check_place(kind, under, below=[])
    if kind in (PARTNER, THIRD_PARTY) and contract is None:
        raise Refused(
            "contract_missing",
            "A partner or third party needs a contract: legal basis and first day.",
            field="legal_basis",
        )
    organization = Organization(
        parent=under, kind=kind, currency=currency or under.currency, **asdict(details)
    )
    tree.insert_leaf(organization)
    if contract is not None and kind in (PARTNER, THIRD_PARTY):
        _write_contract(organization, contract)
    act.about(organization)
    act.organization_id = organization.pk
    act.changed({}, {"name": organization.name, "code": organization.code, "kind": kind, "under": under.name})
    return organization


@action(ORGANIZATION_EDIT, audit="organization.edited")
def edit_organization(
    act: Act, organization: Organization, *, details: Details, version: int
) -> Organization:
    """Change an organization's details; where another time zone makes it an earlier day, what is in force stays so.

    Refusals: stale version, taken code, unseen characters. Audit: old and new.
    """
    _check_texts(details)
    if details.time_zone != organization.time_zone:
        lock_settings()
    current = _locked(organization, version)
    old = {field.name: getattr(current, field.name) for field in fields(Details)}
    new = asdict(details)
    for name, value in new.items():
        setattr(current, name, value)
    _save(current)
    follow_time_zone(current, old["time_zone"])
    act.changed(old, new)
    return current


@action(ORGANIZATION_EDIT, audit="organization.contract_changed")
def edit_contract(act: Act, affiliation: Affiliation, *, contract: Contract, version: int) -> Affiliation:
    """Change the terms of a contract. Refusals: stale version, an end before the beginning."""
    current = Affiliation.objects.select_for_update().get(pk=affiliation.pk)
    if current.version != version:
        raise Stale("contract")
    _check_contract(contract)
    old = {field.name: getattr(current, field.name) for field in fields(Contract)}
    for name, value in asdict(contract).items():
        setattr(current, name, list(value) if name == "role_codes" else value)
    current.version += 1
    current.save()
    act.changed(old, asdict(contract))
    return current


@action(ORGANIZATION_MOVE, audit="organization.moved")
def move_organization(
    act: Act, organization: Organization, *, to: Organization, reason: str, version: int
) -> Organization:
    """Move an organization with everything below it under another, from its today on.

    Who may: `organization:move` at the organization and at the new place. Refusals: no reason, the root, a place
    inside itself, structure rules, an archived place, a stale version. Audit: old and new place, and the reason,
    which its placement keeps, too.
    """
    tree.lock_tree()
    current = _locked(organization, version)
    target = _target(act, to)
    _check_reason(reason)
    _check_move(current, target)
    old = _move(act, current, target, reason)
    act.changed({"under": old}, {"under": target.name, "reason": reason.strip()})
    return current


@action(ORGANIZATION_MOVE, audit="organization.moved_many")
def move_organizations(
    act: Act, to: Organization, *, organizations: Sequence[Organization], reason: str
) -> list[Organization]:
    """Move several organizations, each with everything below it, under another: all of them or none.

    Who may: `organization:move` at every organization and at the new place. Refusals: those of one move, naming the
    organization; one that lies inside another of them; a stale version. Audit: `organization.moved` of each, and one
    line of all.
    """
    tree.lock_tree()
    target = _target(act, to)
    _check_reason(reason)
    if not organizations:
        raise Refused("invalid", "Choose the organizations to move.", field="organizations")
    chosen = [_locked(one, one.version) for one in organizations]
    inside = tree.first_inside_another(chosen)
    if inside is not None:
        raise Refused(
            "structure",
            f"{inside[0].name} lies inside {inside[1].name} and moves with it. Choose one of the two.",
            field="organizations",
        )
    for one in chosen:
        require(act.actor, ORGANIZATION_MOVE, one)
        one.refresh_from_db()
        _check_move(one, target)
        old = _move(act, one, target, reason)
        new = {"under": target.name, "reason": reason.strip()}
        socket.audit.append(
            AuditRecord(
                act.actor, "organization.moved", "orgs.organization", one.pk, one.pk, {"under": old}, new
            )
        )
    act.changed(
        {},
        {"under": target.name, "moved": [one.code for one in chosen], "reason": reason.strip()},
    )
    return chosen


def check_move(actor: Actor, organization: Organization, to: Organization) -> None:
    """Raise `Refused` where moving an organization would be; for pages that say so beforehand."""
    if not is_allowed(actor, ORGANIZATION_MOVE, to.pk):
        raise Refused("not_permitted", f"You may not move organizations to {to.name}.", field="parent")
    _check_move(organization, to)


@action(ORGANIZATION_SUSPEND, audit="organization.suspended")
def suspend_organization(act: Act, organization: Organization, *, reason: str, version: int) -> Organization:
    """Suspend: nothing is sold, redeemed or ordered there until it is reactivated. Needs a reason."""
    return _set_status(act, organization, Organization.Status.SUSPENDED, reason, version)


@action(ORGANIZATION_SUSPEND, audit="organization.reactivated")
def reactivate_organization(
    act: Act, organization: Organization, *, reason: str, version: int
) -> Organization:
    """Make a suspended or archived organization active again. Needs a reason. Refused below an archived one.

    One that left the network has come back by it; what ended then stays ended.
    """
    tree.lock_tree()
    archived = Organization.objects.filter(status=Organization.Status.ARCHIVED)
    above = archived.filter(children=organization.pk).first()
    if above is not None:
        raise Refused(
            "structure", f"{above.name} is archived; reactivate it first, or move {organization.name}."
        )
    current = _set_status(act, organization, Organization.Status.ACTIVE, reason, version)
    Departure.objects.filter(organization=current, returned_at=None).update(returned_at=Now())
    return current


@action(ORGANIZATION_SUSPEND, audit="organization.archived")
def archive_organization(act: Act, organization: Organization, *, reason: str, version: int) -> Organization:
    """Archive: it stays in the books and the trail and leaves the lists. Refused while something blocks it."""
    tree.lock_tree()
    blockers = blockers_of(_locked(organization, version))  # whoever does business there was waited for
    if blockers:
        listed = "; ".join(blocker.text for blocker in blockers)
        raise Refused("blocked", f"{organization.name} can't be archived yet: {listed}.")
    return _set_status(act, organization, Organization.Status.ARCHIVED, reason, version)


def blockers_of(organization: Organization) -> list[Blocker]:
    """What stands in the way of archiving: what other apps say, and active organizations below."""
    found = [blocker for ask in archive_blockers for blocker in ask(organization)]
    below = tree.below(organization).exclude(status=Organization.Status.ARCHIVED).count()
    if below:
        url = reverse("organization-list") + "?" + urlencode({"under": organization.code})
        found.insert(0, Blocker(f"{below} organization{'s' if below > 1 else ''} below it", url))
    if organization.parent_id is None:
        found.insert(0, Blocker("it is the network's parent organization"))
    return found


def _target(act: Act, to: Organization) -> Organization:
    target = Organization.objects.get(pk=to.pk)
    if not is_allowed(act.actor, ORGANIZATION_MOVE, target.pk):
        raise Refused("not_permitted", f"You may not move organizations to {target.name}.", field="parent")
    return target


def _check_move(current: Organization, target: Organization) -> None:
    if current.parent_id is None:
        raise Refused(
            "structure",
            "The parent organization is the root of its network and can't be moved.",
            field="parent",
        )
    if current.lft <= target.lft <= current.rght:
        raise Refused(
            "structure",
            f"{target.name} lies inside {current.name}. Choose a place outside it.",
            field="parent",
        )
    if current.parent_id == target.pk:
        raise Refused("structure", f"{current.name} is already directly under {target.name}.", field="parent")
    _refuse_archived(target)
    _check_place(current.kind, target, below=tree.kinds_below(current))


def _move(act: Act, current: Organization, target: Organization, reason: str) -> str:
    """Move one that was checked; returns the name of where it stood."""
    assert current.parent_id is not None  # a root is refused before
    old = Organization.objects.values_list("name", flat=True).get(pk=current.parent_id)
    tree.move(current, target, reason=reason.strip(), by=act.actor.label)
    current.version += 1
    Organization.objects.filter(pk=current.pk).update(version=current.version)
    return old


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("reason_missing", "Say why: the reason is kept in the audit trail.", field="reason")


def _set_status(act: Act, organization: Organization, status: str, reason: str, version: int) -> Organization:
    _check_reason(reason)
    current = _locked(organization, version)
    if current.status == status:
        raise Refused("not_permitted", f"{current.name} is already {status}.")
    if status == Organization.Status.SUSPENDED and current.status == Organization.Status.ARCHIVED:
        raise Refused("not_permitted", f"{current.name} is archived; reactivate it first.")
    old = {"status": current.status}
    current.status = status
    _save(current)
    act.changed(old, {"status": status, "reason": reason.strip()})
    return current


def _locked(organization: Organization, version: int) -> Organization:
    current = Organization.objects.select_for_update().get(pk=organization.pk)
    if current.version != version:
        raise Stale("organization")
    return current


def _save(organization: Organization) -> None:
    """Write everything but the tree's columns, which only `queries.tree` writes."""
    organization.version += 1
    tree_columns = {"lft", "rght", "tree_id", "level", "parent", "id", "network"}
    organization.save(
        update_fields=[f.name for f in Organization._meta.concrete_fields if f.name not in tree_columns]
    )


def _check_place(kind: str, under: Organization, below: list[list[str]]) -> None:
    check_placement(
        kind=kind,
        path_kinds=[node.kind for node in tree.path_to(under)],
        below=below,
        max_sub_depth=MAX_SUB_DEPTH.at(under),
        target_name=under.name,
    )


def _refuse_archived(organization: Organization) -> None:
    if organization.status == Organization.Status.ARCHIVED:
        raise Refused(
            "structure", f"{organization.name} is archived. Choose an active organization.", field="parent"
        )


def _check_texts(details: Details) -> None:
    """Refuse characters that nobody sees, by which one organization's name would read as another's."""
    for name, text in asdict(details).items():
        refuse_unseen(name, text)


def _check_contract(contract: Contract) -> None:
    if contract.ends_on is not None and contract.ends_on < contract.starts_on:
        raise Refused(
            "invalid",
            f"The contract ends on {locale.day(contract.ends_on)} before it starts on {locale.day(contract.starts_on)}.",
            field="ends_on",
        )


def _write_contract(organization: Organization, contract: Contract) -> Affiliation:
    _check_contract(contract)
    values: dict[str, Any] = asdict(contract) | {"role_codes": list(contract.role_codes)}
    return Affiliation.objects.create(organization=tree.root(), participant=organization, **values)
