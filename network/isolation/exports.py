"""What the commands write out, bound to one network, searched like the pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command, get_commands

from network.isolation.canaries import canaries_in
from network.isolation.stage import Stage
from network.isolation.walk import Finding

#: Command -> what it is asked for in the main network; {other} is the code of a foreign organization.
EXPORTS = {
    "export_organizations": (("--format", "csv"), ("--format", "csv-path"), ("--format", "fhir")),
    "export_content": ((),),
    "settings": (
        ("get", "P", "--json"),
        ("get", "{other}", "--json"),
        ("explain", "P", "billing.discount_cap", "--json"),
        ("diff", "P", "S", "--json"),
        ("diff", "P", "{other}", "--json"),
    ),
    "modules": (("get", "P", "--json"), ("get", "{other}", "--json"), ("explain", "P", "dental", "--json")),
    "leave_network": (
        ("--organization", "Q", "--dry-run", "--json"),
        ("--organization", "{other}", "--dry-run", "--json"),
    ),
    "close_period": (
        ("--organization", "S", "--month", "2026-01", "--dry-run", "--json"),
        ("--organization", "{other}", "--month", "2026-01", "--dry-run", "--json"),
    ),
    "revalue": (
        ("--on", "2026-12-31", "--dry-run", "--json"),
        ("--on", "2026-12-31", "--organization", "{other}", "--dry-run", "--json"),
    ),
    "export_journal": (
        ("--since", "2020-01-01", "--until", "2030-12-31"),
        ("--since", "2020-01-01", "--until", "2030-12-31", "--organization", "{other}"),
    ),
    "acknowledge_items": (("--dry-run", "--json"),),
    "run_settlement": (("--until", "2026-12-31", "--dry-run", "--json"),),
    "export_seals": (("-",),),
    "verify_audit": (("--json",),),
    "verify_ledger": (("--json",),),
    "verify_tree": ((),),
}
#: Commands that write nothing out of a network.
SILENT = {
    "bench_ledger": "times postings in a database of its own",
    "bench_pages": "times pages in a database of its own",
    "bench_reconciliation": "matches statements in a database of its own",
    "bench_statements": "reads statements in a database of its own",
    "database_roles": "prints the script of the roles",
    "demo": "makes the demo network",
    "hostnames": "an operator's list of what every network asked for",
    "import_content": "reads a package in",
    "breakage": "books breakage, and says how much by codes of packages",
    "expire_entitlements": "lets entitlements expire, and says how many",
    "remind_of_expiry": "mails patients what is theirs, and says how many",
    "import_rates": "reads a file in, and says what each line does",
    "import_redemptions": "reads a file in, and says which lines are refused and why",
    "import_organizations": "reads a file in",
    "load_benchmark": "makes a network to measure",
    "make_seals": "seals rows, and says how many",
    "migrate": "changes the schema",
    "post_journal": "posts an entry, and says its number",
    "rebuild_tree": "repairs the tree, and says how many places it changed",
    "run": "starts the services",
    "scenario": "works out examples in a network of its own that is rolled back",
    "shots": "takes pictures of the demo network",
    "verify_isolation": "walks in a database of its own",
}


def commands() -> set[str]:
    """Names of the project's own commands."""
    return {name for name, app in get_commands().items() if (Path(settings.BASE_DIR) / str(app)).is_dir()}


def forgotten() -> list[Finding]:
    """Commands that no list here names."""
    return [
        Finding(
            "route", "", f"manage.py {name}", "no line in network/isolation/exports.py: nobody searched it"
        )
        for name in sorted(commands() - EXPORTS.keys() - SILENT.keys())
    ]


def export_everything(stage: Stage) -> Iterator[tuple[str, list[Finding]]]:
    """Each export as it is typed, with what is wrong about it."""
    other = stage.cast.organizations["C1B"].code
    for name, asked in EXPORTS.items():
        for arguments in asked:
            typed = [one.format(other=other) for one in arguments]
            typed += ["--network", str(stage.cast.network.pk)]
            yield (
                f"manage.py {name} {' '.join(typed)}",
                list(_export(name, typed, foreign="{other}" in arguments)),
            )


def _export(name: str, typed: list[str], *, foreign: bool) -> Iterator[Finding]:
    request, out = f"manage.py {name} {' '.join(typed)}", io.StringIO()
    try:
        with redirect_stdout(out):
            call_command(name, *typed, stdout=out, stderr=out)
    except CommandError as error:
        out.write(str(error))
        if not foreign:
            yield Finding("answer", "operator", request, f"was refused: {error}")
    else:
        if foreign:
            yield Finding("reached", "operator", request, "a foreign organization was answered")
    for canary in canaries_in(out.getvalue().replace(typed[1] if foreign else "\0", "")):
        yield Finding("leak", "operator", request, "writes it out", canary, "output")
