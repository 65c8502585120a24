"""Telling the formats apart by what a file begins with, and an example of each."""

from __future__ import annotations

from orgs.imports.csv_file import ADJACENCY, PATH, read_csv, write_csv
from orgs.imports.fhir import read_fhir, write_fhir
from orgs.imports.row import Read, Row
from orgs.rules.structure import PARTNER, SUB, THIRD_PARTY

FHIR = "fhir"
FORMS = {
    ADJACENCY: "CSV with parents",
    PATH: "CSV with paths",
    FHIR: "FHIR Bundle",
}


def recognized(content: bytes) -> tuple[str, Read]:
    """The form of a file, of FORMS, and its rows; raises `Unreadable` for what is none of them."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return FHIR, read_fhir(content)
    read = read_csv(content)
    header = start.split(b"\n", 1)[0].lower().replace(b";", b",")
    names = {name.strip(b' "\r') for name in header.split(b",")}
    return PATH if PATH.encode() in names else ADJACENCY, read


def example(form: str, root: Row) -> str:
    """A small file of a form that can be imported below an organization."""
    contract = {"legal_basis": "Services agreement", "contract_number": "SA-1", "role_codes": "provider"}
    contract |= {"contract_starts_on": "2026-04-01"}

    def row(code: str, name: str, kind: str, above: str, **values: str) -> Row:
        shared = {"time_zone": root.values["time_zone"], "country": root.values["country"]}
        return Row("", code, kind, (above,), {"name": name} | shared | values, root.currency)

    rows = [
        root,
        row("EX-NORTH", "Example North Clinic", SUB, root.code, city="Northfield"),
        row("EX-PARTNER", "Example Partner Hospital", PARTNER, root.code, city="Easton", **contract),
        row("EX-WARD", "Example Day Ward", SUB, "EX-PARTNER", city="Easton"),
        row(
            "EX-LAB",
            "Example Laboratory",
            THIRD_PARTY,
            root.code,
            **contract | {"contract_number": "SA-2", "role_codes": "laboratory"},
        ),
    ]
    return write_fhir(rows) if form == FHIR else "".join(write_csv(rows, form=form))
