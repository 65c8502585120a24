"""Files of organizations: one that was imported, and one whose dry run waits for its mistakes to be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actors import UserActor
from orgs.actions.import_file import run_import, send_import, start_import
from orgs.queries.import_file import imports_for

if TYPE_CHECKING:
    from orgs.models import Organization

HEADER = "code,name,kind,parent_code,city,legal_basis,contract_starts_on\n"
CAMPS = (
    HEADER
    + "CAMP1,Lonavala Outreach Camp,sub,SAH,Lonavala,,\nCAMP2,Khandala Outreach Camp,sub,SAH,Khandala,,\n"
)
ROLLOUT = (
    HEADER
    + "".join(f"COL{n},Collection Point {n},sub,SAH,Pune,,\n" for n in range(1, 9))
    + "COL3,Collection Point 3,sub,SAH,Pune,,\n"
    + "LOOPA,Kothrud Desk,sub,LOOPB,Pune,,\nLOOPB,Karve Desk,sub,LOOPA,Pune,,\n"
    + "STRAY,Wakad Desk,sub,WAKAD,Pune,,\n"
    + "TWICE,Baner Desk,sub,SAH,Pune,,\nTWICE,Baner Desk,sub,PUN,Pune,,\n"
    + "NEWLAB,Aundh Pathology,third_party,SAH,Pune,Services agreement,2026-04-01\n"
)


def build_imports(administrator: UserActor, root: Organization) -> None:
    camps = send_import(administrator, root, file_name="camps.csv", content=CAMPS.encode(), per_branch=False)
    start_import(administrator, camps, shown=camps.fingerprint)
    run_import(imports_for(administrator).get(pk=camps.pk))
    send_import(administrator, root, file_name="rollout.csv", content=ROLLOUT.encode(), per_branch=False)
