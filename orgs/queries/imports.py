"""What an import compares a file with, and what an export writes: the bound network's organizations as rows."""

from __future__ import annotations

from datetime import date

from core.clock import now
from orgs.imports.plan import Known
from orgs.imports.row import TEXTS, Row
from orgs.models import Affiliation, Organization
from orgs.queries.setting import lines_of
from orgs.rules.cascade import resolver
from orgs.rules.settings import MAX_SUB_DEPTH


def known_organizations() -> dict[str, Known]:
    """Every organization of the network by code; constant queries."""
    rows = list(Organization.objects.order_by("lft"))
    codes = {row.pk: row.code for row in rows}
    contracts = contracts_by_participant()
    limits = _depths(rows)
    return {
        row.code: Known(
            row.pk,
            row.code,
            row.kind,
            codes[row.parent_id] if row.parent_id else None,
            row.status,
            row.currency,
            _values(row, contracts.get(row.pk)),
            limits.get(row.pk, MAX_SUB_DEPTH.default),
        )
        for row in rows
    }


def exported_rows() -> list[Row]:
    """Every organization that isn't archived, from the top, as an import reads it; constant queries."""
    rows = list(Organization.objects.exclude(status=Organization.Status.ARCHIVED).order_by("lft"))
    codes = {row.pk: row.code for row in rows}
    contracts = contracts_by_participant()
    return [
        Row(
            "",
            row.code,
            row.kind,
            (codes[row.parent_id],) if row.parent_id else (),
            _values(row, contracts.get(row.pk)),
            row.currency,
        )
        for row in rows
    ]


def contracts_by_participant() -> dict[int, Affiliation]:
    """The newest contract of every partner and third party."""
    rows = Affiliation.objects.order_by("participant_id", "-starts_on", "-pk").distinct("participant_id")
    return {row.participant_id: row for row in rows}


def _values(row: Organization, contract: Affiliation | None) -> dict[str, str]:
    values = {name: str(getattr(row, name)) for name in TEXTS}
    if contract is not None:
        values |= {
            "legal_basis": contract.legal_basis,
            "contract_number": contract.contract_number,
            "role_codes": " ".join(contract.role_codes),
            "contract_starts_on": contract.starts_on.isoformat(),
            "contract_ends_on": contract.ends_on.isoformat() if contract.ends_on else "",
        }
    return values


def _depths(rows: list[Organization]) -> dict[int, int]:
    """The policy in force at each of all organizations, in tree order; paths come from the rows themselves."""
    lines = lines_of(MAX_SUB_DEPTH.key)
    if not lines:
        return {}
    paths: dict[int | None, tuple[int, ...]] = {None: ()}
    found: dict[int, int] = {}
    resolved = resolver(lines, now())
    for row in rows:
        paths[row.pk] = (*paths[row.parent_id], row.pk)
        line = resolved(paths[row.pk]).line
        found[row.pk] = MAX_SUB_DEPTH.type.read(line.value) if line else MAX_SUB_DEPTH.default
    return found


def day(text: str) -> date | None:
    """The day that a checked value says; '' is none."""
    return date.fromisoformat(text) if text else None
