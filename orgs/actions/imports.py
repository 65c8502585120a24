"""Writing what a file says of organizations: all of it at once, in a few statements."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Q

from core.actions import Act, action
from core.errors import Refused
from core.ports import AuditRecord, socket
from core.progress import Progress, between, silent
from orgs.actions.setting_days import follow_time_zone
from orgs.imports.plan import Change, Plan, counted, plan
from orgs.imports.progress import ADDED, COMPARED, RECORDED
from orgs.imports.row import CONTRACT, TEXTS, Read, Row
from orgs.models import Affiliation, Organization
from orgs.permissions import ORGANIZATION_IMPORT
from orgs.queries import tree
from orgs.queries.imports import contracts_by_participant, day, known_organizations
from orgs.queries.setting import lock_settings

CHUNK = 2000


class Changed(Refused):
    """The file would do something else than what was shown."""

    def __init__(self) -> None:
        super().__init__(
            "changed",
            "The organizations changed since the dry run, so nothing was imported. This is what the file would do now.",
        )


@action(ORGANIZATION_IMPORT, audit="organization.imported")
def import_organizations(
    act: Act,
    root: Organization,
    *,
    read: Read,
    per_branch: bool = False,
    shown: str = "",
    progress: Progress = silent,
) -> Plan:
    """Write the organizations of a file below the network's parent organization.

    Who may: `organization:import` at the parent organization. Everything is compared again under the tree's lock, while
    nobody can edit what the file names.
    Refusals: any error, or (`per_branch`) nothing that could be written without one; `Changed` when it would do
    something else than the plan with the fingerprint `shown`. Nothing new or changed writes nothing. `progress` is
    told the percentage. Audit: one line with the counts, and one of every organization that was added or edited.
    """
    tree.lock_tree()
    lock_settings()  # before rows are held: whoever changes settings holds it, and then waits for them
    progress(1)
    _hold(root, [row.code for row in read.rows])
    known = known_organizations()
    made = plan(read, known, per_branch=per_branch)
    progress(COMPARED)
    if shown and made.fingerprint != shown:
        raise Changed
    if made.errors and not per_branch:
        raise Refused(
            "invalid", f"Nothing was imported: {counted(made)}. Correct the file and send it again."
        )
    if not made.new and not made.changed:
        act.nothing_happened()
        return made
    _plan_anew()
    ids = {one.code: one.id for one in known.values()}
    if made.changed:
        _change(made.changed)
    if made.new:
        added = _add(root, made, ids, progress)
        _contracts(root, [row for row in made.new if row.contract], {**ids, **added})
        ids |= added
    progress(ADDED)
    _audit(act, made, ids, progress)
    act.changed({}, {"new": len(made.new), "changed": len(made.changed), "left_out": len(made.withheld)})
    return made


def _hold(root: Organization, codes: Sequence[str]) -> None:
    """Lock what a file names, and its contracts: what is edited from now on waits, what was before is compared with.

    Not against being referred to: business goes on meanwhile.
    """
    rows = (
        Organization.objects.filter(Q(code__in=codes) | Q(pk=root.pk))
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    ids = [row.pk for row in rows.only("pk")]
    contracts = Affiliation.objects.filter(participant__in=ids).order_by("pk").select_for_update()
    len(contracts.only("pk"))


def _plan_anew() -> None:
    """Until the transaction ends, every check of a row is planned for the tables as they have become.

    A plan that was kept from when they were small reads all of a network to find one organization.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")


def _add(root: Organization, made: Plan, ids: dict[str, int], progress: Progress) -> dict[str, int]:
    """Insert the new organizations, numbered once, level by level; returns ids by code."""
    renamed = {one.fields["code"][0]: one.row.code for one in made.changed if "code" in one.fields}
    ids |= {new: ids[old] for old, new in renamed.items()}
    rows = [
        Organization(
            code=row.code,
            kind=row.kind,
            currency=row.currency,
            **{name: row.values.get(name, "") for name in TEXTS if name not in ("time_zone", "country")},
            time_zone=row.values.get("time_zone") or root.time_zone,
            country=row.values.get("country", "").upper(),
        )
        for row in made.new
    ]
    parents = {row.code: row.parent for row in made.new if row.parent is not None}
    tree.insert_many(rows, parents, ids, told=between(progress, COMPARED, ADDED))
    return {row.code: row.pk for row in rows}


def _contracts(root: Organization, rows: Sequence[Row], ids: dict[str, int]) -> None:
    Affiliation.objects.bulk_create(
        [
            Affiliation(organization_id=root.pk, participant_id=ids[row.code], **_terms(row.contract))
            for row in rows
        ],
        batch_size=CHUNK,
    )


def _terms(said: dict[str, str]) -> dict[str, object]:
    return {
        "legal_basis": said["legal_basis"],
        "contract_number": said.get("contract_number", ""),
        "role_codes": said.get("role_codes", "").split(),
        "starts_on": day(said["contract_starts_on"]),
        "ends_on": day(said.get("contract_ends_on", "")),
    }


def _change(changes: Sequence[Change]) -> None:
    """Write what changed, in one statement for details and one for contracts."""
    rezoned = {one.id: one.fields["time_zone"][0] for one in changes if "time_zone" in one.fields}
    rows = Organization.objects.in_bulk([one.id for one in changes])
    names = [*TEXTS]
    if any("code" in one.fields for one in changes):
        names.append("code")  # else not among what is set: rows would be locked against being referred to
    contracts = contracts_by_participant()
    edited = []
    for one in changes:
        row = rows[one.id]
        for name in one.fields.keys() & set(names):
            setattr(row, name, one.fields[name][1])
        row.fill_search_key()
        contract = contracts.get(one.id)
        if contract is not None and one.fields.keys() & set(CONTRACT):
            held = {
                "legal_basis": contract.legal_basis,
                "contract_number": contract.contract_number,
                "role_codes": " ".join(contract.role_codes),
                "contract_starts_on": contract.starts_on.isoformat(),
                "contract_ends_on": contract.ends_on.isoformat() if contract.ends_on else "",
            }
            for name, value in _terms(held | one.row.contract).items():
                setattr(contract, name, value)
            contract.version += 1
            edited.append(contract)
    _write_details(list(rows.values()), [*names, "search_key"])
    for pk, before in rezoned.items():
        follow_time_zone(rows[pk], before)
    Affiliation.objects.bulk_update(
        edited,
        ["legal_basis", "contract_number", "role_codes", "starts_on", "ends_on", "version"],
        batch_size=CHUNK,
    )


def _write_details(rows: Sequence[Organization], names: Sequence[str]) -> None:
    """One UPDATE of many rows; bulk_update takes minutes for ten thousand of them."""
    arrays = ", ".join(["%s::bigint[]", *["%s::text[]" for _ in names]])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE orgs_organization o SET {', '.join(f'{name} = v.{name}' for name in names)},"
            f" version = o.version + 1 FROM unnest({arrays}) v(id, {', '.join(names)}) WHERE o.id = v.id",
            [[row.pk for row in rows], *([getattr(row, name) for row in rows] for name in names)],
        )


def _audit(act: Act, made: Plan, ids: dict[str, int], progress: Progress) -> None:
    records = [
        AuditRecord(
            act.actor, "organization.added", "orgs.organization", ids[row.code], ids[row.code],
            new={"name": row.values["name"], "code": row.code, "kind": row.kind, "under": row.parent},
        )
        for row in made.new
    ] + [
        AuditRecord(
            act.actor, "organization.edited", "orgs.organization", one.id, one.id,
            old={name: old for name, (old, _) in one.fields.items()},
            new={name: new for name, (_, new) in one.fields.items()},
        )
        for one in made.changed
    ]  # fmt: skip
    told = between(progress, ADDED, RECORDED)
    for start in range(0, len(records), CHUNK):
        socket.audit.append_many(records[start : start + CHUNK])
        told(min(start + CHUNK, len(records)), len(records))
