"""The house's directions hold, and every contract is seen to bite."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import APPS, ROOT

CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]

#: contract -> (module, what somebody adds to it by mistake)
VIOLATIONS = {
    "The floors of the house": ("core/clock.py", "from orgs.queries import tree"),
    "The direction inside an app": ("orgs/queries/organization.py", "from orgs.views import parts"),
    "Rules import only the kernel": ("orgs/rules/structure.py", "from orgs.queries import tree"),
    "The rules of one app are its own": ("ledger/rules/split.py", "from orgs.rules import structure"),
    "The models of people are private": ("orgs/middleware.py", "from people.models import User"),
    "The models of audit and work are private": ("patients/nav.py", "from audit.models import AuditEvent"),
    "The models of orgs are private": ("patients/search.py", "from orgs.models import Organization"),
    "The models of content are private": (
        "patients/queries/listed.py",
        "from content.models import ContentItem",
    ),
    "The models of patients are private": ("network/overview.py", "from patients.models import Patient"),
    "The models of ledger, settlement and vendors are private": (
        "network/context.py",
        "from ledger.models import Sale",
    ),
    "The models of ledger are private": ("vendors/nav.py", "from ledger.models import Sale"),
}


def lint(tree: Path) -> dict[str, str]:
    """The verdict on every contract over a tree: KEPT or BROKEN."""
    command = [
        Path(sys.executable).parent / "lint-imports",
        "--no-cache",
        "--config",
        tree / "pyproject.toml",
    ]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    output = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    ).stdout
    verdicts = dict(re.findall(r"^(.*) (KEPT|BROKEN)(?: \(.*\))?$", output, re.MULTILINE))
    assert verdicts, output
    return verdicts | {"output": output}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The apps' Python files and the contracts, elsewhere."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", tree)
    for app in APPS:
        shutil.copytree(
            ROOT / app,
            tree / app,
            ignore=lambda folder, names: [
                name for name in names if Path(folder, name).is_file() and not name.endswith(".py")
            ],
        )
    return tree


def test_every_contract_is_kept(copied):
    verdicts = lint(copied)
    output = verdicts.pop("output")
    assert verdicts == dict.fromkeys(CONTRACTS, "KEPT"), output[output.find("Broken contracts") :]


def test_every_contract_bites(copied):
    assert list(VIOLATIONS) == CONTRACTS
    for file, statement in VIOLATIONS.values():
        path = copied / file
        path.write_text(f"{path.read_text()}\n{statement}\n")
    verdicts = lint(copied)
    output = verdicts.pop("output")
    assert verdicts == dict.fromkeys(CONTRACTS, "BROKEN")
    for file, statement in VIOLATIONS.values():
        source = file.removesuffix(".py").replace("/", ".")
        target = re.sub(r"from (\S+) import .*", r"\1", statement)
        assert re.search(rf"{re.escape(source)} -> {re.escape(target)}", output), (source, target)
