"""Organizations as a FHIR R4 Bundle: Organization with partOf, and OrganizationAffiliation for contracts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from core import locale
from orgs.imports.row import ERROR, MOST_ROWS, WARNING, Problem, Read, Row, Unreadable, check_bytes

KIND = "urn:caretree:organization-kind"
CODE = "urn:caretree:organization-code"
CURRENCY = "urn:caretree:currency"
ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
_ADDRESS = {"city": "city", "state": "state", "postalCode": "postal_code", "country": "country"}


def read_fhir(content: bytes) -> Read:
    """Rows of a Bundle; raises `Unreadable` for what is no Bundle of at most 50,000 resources."""
    try:
        bundle = json.loads(check_bytes(content))
    except RecursionError:
        raise Unreadable("The file is nested too deeply for a FHIR Bundle.") from None
    except ValueError as error:
        raise Unreadable(f"The file is no JSON: {str(error)[:200]}.") from None
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    if not isinstance(entries, list) or bundle.get("resourceType") != "Bundle":
        raise Unreadable("The file is no FHIR Bundle: it needs resourceType Bundle and a list called entry.")
    if len(entries) > MOST_ROWS:
        raise Unreadable(f"The Bundle has more than {locale.number(MOST_ROWS)} entries. Split it.")
    found = Read()
    organizations: list[tuple[str, str, dict[str, Any]]] = []
    contracts: list[tuple[str, dict[str, Any]]] = []
    codes: dict[str, str] = {}
    for number, entry in enumerate(entries, start=1):
        entry = entry if isinstance(entry, dict) else {}
        resource = entry.get("resource")
        resource = resource if isinstance(resource, dict) else {}
        kind = _text(resource, "resourceType")
        where = f"entry {number} ({kind}/{_text(resource, 'id')})" if kind else f"entry {number}"
        if kind == "Organization":
            code = _identifier(resource)
            organizations.append((where, code, resource))
            if _text(resource, "id"):
                codes[f"Organization/{_text(resource, 'id')}"] = code
            if _text(entry, "fullUrl"):
                codes[_text(entry, "fullUrl")] = code
        elif kind == "OrganizationAffiliation":
            contracts.append((where, resource))
        else:
            found.problems.append(
                Problem(
                    WARNING,
                    where,
                    "",
                    "Neither an Organization nor an OrganizationAffiliation; left out.",
                    "unread",
                )
            )
    terms = _terms(found, contracts, codes)
    for where, code, resource in organizations:
        found.rows.append(_row(found, where, code, resource, codes, terms))
    if not organizations:
        raise Unreadable("The Bundle has no Organization.")
    return found


def _terms(
    found: Read, contracts: list[tuple[str, dict[str, Any]]], codes: dict[str, str]
) -> dict[str, tuple[str, dict[str, str]]]:
    """By code of the participant: the code of the other side, and the terms."""
    terms: dict[str, tuple[str, dict[str, str]]] = {}
    for where, resource in contracts:
        participant = _referred(resource, "participatingOrganization", codes)
        if not participant:
            found.problems.append(
                Problem(
                    ERROR,
                    where,
                    "",
                    "participatingOrganization names no Organization of this Bundle.",
                    "orphan",
                )
            )
            continue
        period = _dict(resource, "period")
        roles = [code for concept in _list(resource, "code") for code in [_code(concept)] if code]
        identifiers = _list(resource, "identifier")
        terms[participant] = (
            _referred(resource, "organization", codes),
            {
                "legal_basis": _basis(resource),
                "contract_number": _text(identifiers[0], "value") if identifiers else "",
                "role_codes": " ".join(roles),
                "contract_starts_on": _text(period, "start")[:10],
                "contract_ends_on": _text(period, "end")[:10],
            },
        )
    return terms


def _row(
    found: Read,
    where: str,
    code: str,
    resource: dict[str, Any],
    codes: dict[str, str],
    terms: dict[str, tuple[str, dict[str, str]]],
) -> Row:
    other, contract = terms.get(code, ("", {}))
    kind = next((_code(one, KIND) for one in _list(resource, "type") if _code(one, KIND)), "")
    above = _referred(resource, "partOf", codes) or other
    if "partOf" in resource and not _referred(resource, "partOf", codes):
        # Not among the resources: a code of the network's own, or an orphan, which the plan will say.
        above = _text(_dict(_dict(resource, "partOf"), "identifier"), "value").upper() or _text(
            _dict(resource, "partOf"), "reference"
        )
    if resource.get("active") is False:
        found.problems.append(
            Problem(WARNING, where, code, "It is not active in the file.", "status", "active: false")
        )
    values = {"name": _text(resource, "name")}
    for telecom in _list(resource, "telecom"):
        system = _text(telecom, "system")
        if system in ("phone", "email"):
            values.setdefault(system, _text(telecom, "value"))
    addresses = _list(resource, "address")
    if addresses:
        lines = [line for line in _list(addresses[0], "line") if isinstance(line, str)]
        values["address"] = ", ".join(lines)
        values |= {ours: _text(addresses[0], theirs) for theirs, ours in _ADDRESS.items()}
    zone = _extension(resource, ZONE)
    if zone:
        values["time_zone"] = zone
    default = "partner" if contract and not kind else ""
    return Row(
        where,
        code,
        kind or default,
        (above,) if above else (),
        values | contract,
        _extension(resource, CURRENCY),
    )


def write_fhir(rows: Iterable[Row]) -> str:
    """A Bundle of type collection; ids are numbers in the order of the rows."""
    entries: list[dict[str, Any]] = []
    contracts: list[dict[str, Any]] = []
    ids: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        ids[row.code] = f"o{number}"
        entries.append({"fullUrl": f"urn:caretree:o{number}", "resource": _resource(row, ids)})
        if row.contract:
            contracts.append(_affiliation(row, ids, next(iter(ids.values()))))
    entries += [{"fullUrl": f"urn:caretree:{one['id']}", "resource": one} for one in contracts]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"


def _resource(row: Row, ids: dict[str, str]) -> dict[str, Any]:
    said = row.values
    made: dict[str, Any] = {
        "resourceType": "Organization",
        "id": ids[row.code],
        "extension": [
            {"url": ZONE, "valueCode": said["time_zone"]},
            {"url": CURRENCY, "valueCode": row.currency},
        ],
        "identifier": [{"system": CODE, "value": row.code}],
        "active": True,
        "type": [{"coding": [{"system": KIND, "code": row.kind}]}],
        "name": said["name"],
    }
    telecom = [{"system": name, "value": said[name]} for name in ("phone", "email") if said.get(name)]
    address: dict[str, Any] = {theirs: said[ours] for theirs, ours in _ADDRESS.items() if said.get(ours)}
    if said.get("address"):
        address = {"line": [said["address"]]} | address
    made |= {"telecom": telecom} if telecom else {}
    made |= {"address": [address]} if address else {}
    made |= {"partOf": {"reference": f"Organization/{ids[row.parent]}"}} if row.parent else {}
    return made


def _affiliation(row: Row, ids: dict[str, str], root: str) -> dict[str, Any]:
    terms = row.contract
    period = {"start": terms.get("contract_starts_on"), "end": terms.get("contract_ends_on")}
    made: dict[str, Any] = {
        "resourceType": "OrganizationAffiliation",
        "id": f"a{ids[row.code][1:]}",
        "extension": [{"url": "urn:caretree:legal-basis", "valueString": terms.get("legal_basis", "")}],
        "period": {name: day for name, day in period.items() if day},
        "organization": {"reference": f"Organization/{root}"},
        "participatingOrganization": {"reference": f"Organization/{ids[row.code]}"},
    }
    roles = terms.get("role_codes", "").split()
    made |= {"code": [{"coding": [{"code": role}]} for role in roles]} if roles else {}
    number = terms.get("contract_number")
    return made | ({"identifier": [{"value": number}]} if number else {})


def _basis(resource: dict[str, Any]) -> str:
    return _extension(resource, "urn:caretree:legal-basis")


def _extension(resource: dict[str, Any], url: str) -> str:
    for one in _list(resource, "extension"):
        if _text(one, "url") == url:
            return _text(one, "valueCode") or _text(one, "valueString")
    return ""


def _identifier(resource: dict[str, Any]) -> str:
    found = [one for one in _list(resource, "identifier") if _text(one, "value")]
    own = [one for one in found if _text(one, "system") == CODE]
    return _text((own or found or [{}])[0], "value").upper()


def _referred(resource: dict[str, Any], name: str, codes: dict[str, str]) -> str:
    return codes.get(_text(_dict(resource, name), "reference"), "")


def _code(concept: Any, system: str = "") -> str:
    for coding in _list(concept, "coding"):
        if not system or _text(coding, "system") == system:
            return _text(coding, "code")
    return ""


def _text(of: Any, name: str) -> str:
    value = of.get(name) if isinstance(of, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _dict(of: Any, name: str) -> dict[str, Any]:
    value = of.get(name) if isinstance(of, dict) else None
    return value if isinstance(value, dict) else {}


def _list(of: Any, name: str) -> list[Any]:
    value = of.get(name) if isinstance(of, dict) else None
    return value if isinstance(value, list) else []
