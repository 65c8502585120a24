"""Every command with arguments and files that make no sense: a clear sentence, the right exit status, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from network.isolation.exports import commands
from tests.input.world import World

#: Commands of ours that take nothing from whoever calls them, and those that start what this test can't.
TRIED_ELSEWHERE = {"run": "tests/services/test_supervisor.py", "migrate": "Django's own, as the migrator"}
WITHOUT_ARGUMENTS = ("database_roles",)
BAD = {
    "verify_tree": (["--network", "zq"], ["--network"], ["--network", "1.5"], ["--network", "0"], ["--network", "-1"], ["--network", "9" * 30], ["--network", "99999"], ["--network", ""], ["--network", "a\0b"], ["--network", "9" * 6000], ["zq"]),
    "rebuild_tree": (["--network", "zq"], ["--network", "0"], ["--network", "-1"], ["--network", "9" * 30], ["--network", "99999"]),
    "acknowledge_items": (["--network", "zq"], ["--network", "0"], ["--network", "9" * 30], ["--network", "99999", "--json"], ["zq"]),
    "export_seals": ([], ["/no/such/folder/x"], ["a\0b"], ["."], ["-", "--network", "zq"], ["-", "--network", "99999"]),
    "make_seals": (["zq"], ["--network", "zq"], ["--network", "0"], ["--network", "99999"]),
    "verify_audit": (["zq"], ["--network", "zq"], ["--network", "99999", "--json"], ["--seals"], ["--network", "1", "--seals", "/no/such/file"], ["--network", "1", "--seals", "manage.py"], ["--network", "1", "--seals", "."], ["--network", "1", "--seals", "a\0b"]),
    "verify_ledger": (["--network", "1", "--seals", "/no/such/file"], ["--network", "1", "--seals", "manage.py"], ["--network", "zq"], ["--network", "0"], ["--network", "9" * 30], ["--network", "99999", "--json"]),
    "demo": (["--organizations", "zq"], ["--organizations", "-1"], ["--organizations", "2001"], ["zq"]),
    "export_content": ([], ["--network", "zq"], ["--network", "99999"], ["--network", "1", "--parts", "zq"], ["--network", "1", "--out", "/no/such/folder/x"]),
    "import_content": ([], ["zq"], ["/no/such/file", "--network", "1"], ["/", "--network", "1"], ["manage.py", "--network", "1"], ["requirements.in", "--network", "99999"]),
    "modules": ([], ["zq"], ["get"], ["get", "S"], ["get", "ZQ", "--network", "1"], ["get", "S", "zq", "--network", "1"], ["explain", "S", "zq", "--network", "1"], ["set", "S", "packages", "--network", "1"], ["set", "S", "packages", "sideways", "--network", "1"], ["set", "S", "packages", "off", "--network", "1"], ["set", "S", "packages", "on", "--network", "1"], ["set", "S", "zq", "off", "--reason", "x", "--network", "1"], ["get", "S", "--network", "zq"]),
    "hostnames": ([], ["zq"], ["list", "--network", "zq"], ["list", "--network", "99999"], ["confirm"], ["confirm", "care.harbor.example"], ["confirm", "zq.harbor.example", "--network", "1"], ["confirm", "127.0.0.1", "--network", "1"], ["confirm", "a\0b", "--network", "1"], ["confirm", "care.harbor.example", "--network", "99999"], ["withdraw", "zq.harbor.example", "--network", "1"]),
    "settings": ([], ["zq"], ["get"], ["get", "S"], ["get", "ZQ", "--network", "1"], ["get", "S", "zq.zq", "--network", "1"], ["get", "S", "--network", "zq"], ["explain", "S", "--network", "1"], ["set", "P", "billing.discount_cap", "--network", "1"], ["set", "P", "billing.discount_cap", "zq", "--network", "1"], ["set", "P", "billing.discount_cap", "5", "--inherit", "--network", "1"], ["set", "P", "billing.discount_cap", "5", "--mode", "zq", "--network", "1"], ["set", "P", "billing.discount_cap", "5", "--from", "tomorrow", "--network", "1"], ["set", "P", "billing.discount_cap", "5", "--until", "2020-01-01", "--network", "1"], ["set", "P", "billing.discount_cap", "5", "--mode", "enforced", "--network", "1"], ["diff", "P", "ZQ", "--network", "1"]),
    "import_organizations": ([], ["zq.csv"], ["zq.csv", "--network", "zq"], ["zq.csv", "--network", "1"], [".", "--network", "1"], ["a\0b", "--network", "1"], ["zq.csv", "--network", "1", "--format", "zq"], ["zq.csv", "--network", "99999"]),
    "leave_network": ([], ["zq"], ["--network", "zq"], ["--network", "1"], ["--network", "1", "--organization", "ZQ", "--reason", "x"], ["--network", "99999", "--organization", "Q", "--reason", "x"], ["--network", "1", "--organization", "a\0b", "--reason", "x"], ["--network", "1", "--organization", "S", "--reason", "x"], ["--network", "1", "--organization", "Q"], ["--network", "1", "--organization", "Q", "--reason", "x", "--last-day", "tomorrow"], ["--network", "1", "--organization", "Q", "--reason", "x", "--last-day", "2999-01-01"]),
    "expire_entitlements": (["zq"], ["--network", "zq"], ["--network", "99999"], ["--on", "tomorrow"]),
    "remind_of_expiry": (["zq"], ["--network", "zq"], ["--network", "99999"], ["--on", "tomorrow"]),
    "breakage": ([], ["--on", "zq"], ["--on", "2026-06-30", "--network", "zq"]),
    "import_redemptions": ([], ["zq.csv"], ["zq.csv", "--network", "zq"], ["zq.csv", "--network", "1"], [".", "--network", "1"], ["a\0b", "--network", "1"], ["manage.py", "--network", "99999"], ["manage.py", "--network", "1", "--json"]),
    "import_rates": ([], ["zq.csv"], ["zq.csv", "--network", "zq"], ["zq.csv", "--network", "1"], [".", "--network", "1"], ["a\0b", "--network", "1"], ["manage.py", "--network", "99999"], ["manage.py", "--network", "1", "--json"]),
    "revalue": ([], ["zq"], ["--network", "1"], ["--network", "zq", "--on", "2026-01-31"], ["--network", "99999", "--on", "2026-01-31"], ["--network", "1", "--on", "2026-02-30"], ["--network", "1", "--on", "0001-01-01"], ["--network", "1", "--on", "2026-01-31", "--organization", "ZQ"], ["--network", "1", "--on", "2026-01-31", "--organization", "a\0b"]),
    "close_period": ([], ["zq"], ["--network", "1"], ["--network", "zq", "--organization", "P", "--month", "2026-01"], ["--network", "99999", "--organization", "P", "--month", "2026-01"], ["--network", "1", "--organization", "ZQ", "--month", "2026-01"], ["--network", "1", "--organization", "P", "--month", "2026-13"], ["--network", "1", "--organization", "X", "--month", "2026-01"], ["--network", "1", "--organization", "a\0b", "--month", "2026-01"]),
    "export_journal": ([], ["zq"], ["--network", "zq", "--since", "2026-01-01", "--until", "2026-01-31"], ["--network", "1", "--since", "zq", "--until", "2026-01-31"], ["--network", "1", "--since", "2026-02-01", "--until", "2026-01-31"], ["--network", "1", "--since", "2026-01-01", "--until", "2026-01-31", "--organization", "ZQ"], ["--network", "1", "--since", "2026-01-01", "--until", "2026-01-31", "--organization", "X"], ["--network", "1", "--since", "2026-01-01", "--until", "2026-01-31", "--out", "/no/such/folder/x"]),
    "post_journal": ([], ["zq"], ["--network", "1"], ["--network", "zq", "--organization", "Q", "--reason", "x", "--key", "k"], ["--network", "99999", "--organization", "Q", "--reason", "x", "--key", "k", "--line", "Q cash 1"], ["--network", "1", "--organization", "ZQ", "--reason", "x", "--key", "k", "--line", "Q cash 1"], ["--network", "1", "--organization", "Q", "--reason", "x", "--key", "k"], ["--network", "1", "--organization", "Q", "--reason", "x", "--key", "k", "--line", "zq"], ["--network", "1", "--organization", "Q", "--reason", "x", "--key", "k", "--line", "Q zq 1"], ["--network", "1", "--organization", "Q", "--reason", "x", "--key", "k", "--line", "Q cash NaN"], ["--network", "1", "--organization", "Q", "--reason", "x", "--key", "k", "--line", "ZQ cash 1"], ["--network", "1", "--organization", "Q", "--reason", "x", "--key", "k", "--line", "Q due_to 1 ZQ"], ["--network", "1", "--organization", "Q", "--reason", "x", "--key", "k", "--on", "zq", "--line", "Q cash 1"], ["--network", "1", "--organization", "Q", "--reason", "x", "--key", "k", "--line", "Q cash 1.00", "--line", "Q equity -2.00"]),
    "export_organizations": ([], ["--network", "zq"], ["--network", "0"], ["--network", "9" * 30], ["--network", "1", "--format", "zq"]),
    "load_benchmark": (["--organizations", "19"], ["--organizations", "NaN"], ["--lines", "0"], ["--patients", "-1"], ["--network-code", ""], ["--network-code", "A B"], ["--network-code", "\u00c4"], ["--network-code", "x" * 21], ["--network-code", "P;--"]),
    "bench_ledger": (["--lines", "0"], ["--lines", "-5"], ["--lines", "1e6"], ["--lines", "10000"]),
    "bench_statements": (["--lines", "0"], ["--lines", "1e6"], ["--organizations", "1"]),
    "bench_reconciliation": (["--lines", "0"], ["--lines", "1e6"], ["--lines", "100001"]),
    "bench_pages": (["--rounds", "0"], ["--rounds", "x"], ["--lines", "0"], ["--organizations", "1"], ["--database", "caretree"], ["--database", "postgres"], ["--database", ""], ["--database", 'caretree_bench_pages"; --']),
    "shots": (["--out", str(Path(__file__))], ["--only", "no-such-page"], ["--only"], ["--fold", "zq"]),
    "run_settlement": (["zq"], ["--network", "zq"], ["--network", "0"], ["--network", "99999"], ["--until", "tomorrow"], ["--until", "2026-02-30", "--network", "1"], ["--until", ""], ["--method", "zq"], ["--network", "1", "--until", "a\0b"]),
    "scenario": ([],),
    "verify_isolation": (["zq"], ["--output"], ["--output", "manage.py"], ["--output", "."], ["--output", "/no/such/folder/x"], ["--output", "a\0b"], ["--json", "--output", "x" * 300 + "/y"]),
}  # fmt: skip
DEEP = "steps: " + "[" * 900
FILES = {
    "nothing": b"",
    "blank": b" \n\t\n",
    "nul": b"name: a\0b\n",
    "no UTF-8": b"name: \xff\xfe\n",
    "UTF-16": "name: x\n".encode("utf-16"),
    "binary": bytes(range(256)),
    "a list": b"- name: x\n",
    "a word": b"zq\n",
    "two documents": b"name: x\n---\nname: y\n",
    "a tag": b"name: !!python/object/apply:os.system ['true']\n",
    "aliases": b"a: &a [x, x]\nb: &b [*a, *a, *a]\nname: *b\n",
    "deep": DEEP.encode(),
    "unknown key": b"name: x\ncurrency: USD\nzq: 1\n",
    "doubled key": b"name: x\nname: y\ncurrency: USD\n",
    "unknown currency": b"name: x\ncurrency: ZQX\n",
    "unknown step": b"name: x\ncurrency: USD\nsteps:\n  - zq: {id: A}\n",
    "no such day": b"name: x\ncurrency: USD\nsteps:\n  - close: {month: 2026-13}\n",
    "a float": b"name: x\ncurrency: USD\nsteps:\n  - split: {id: A, amount: 1.5, weights: {a: 1}}\n",
    "nan": b'name: x\ncurrency: USD\nsteps:\n  - split: {id: A, amount: "NaN", weights: {a: 1}}\n',
    "huge": b'name: x\ncurrency: USD\nsteps:\n  - split: {id: A, amount: "'
    + b"9" * 40
    + b'", weights: {a: 1}}\n',
    "no weight": b'name: x\ncurrency: USD\nsteps:\n  - split: {id: A, amount: "1.00", weights: {a: 0}}\n',
    "too large": b"name: x\n#" + b"x" * 5_000_000,
    "not yet": b"name: x\ncurrency: USD\norganizations: [{code: P, kind: parent}]\nsteps:\n  - expire: {on: 2026-01-01}\n",
}
P_AND_SALE = """\
name: x
currency: USD
organizations: [{code: P, kind: parent}]
services: [{code: A, list_price: "1.00"}]
packages: [{code: K, price: "PRICE", holder: P, lines: [{service: A, quantity: UNITS}]}]
steps:
  - sale: {id: S1, on: DAY, package: K, patient: Asha, at: P}
"""


def test_every_command_is_tried():
    assert commands() == {*BAD, *WITHOUT_ARGUMENTS, *TRIED_ELSEWHERE}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [(name, arguments) for name, all_bad in BAD.items() for arguments in all_bad]
    + [(name, ["--zq"]) for name in (*BAD, *WITHOUT_ARGUMENTS)]
    + [(name, ["zq"]) for name in WITHOUT_ARGUMENTS],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:30] or "nothing",
)
def test_bad_arguments(name: str, arguments: list[str], world: World):
    """A CommandError is printed as its sentence, with exit status 1 or, for what the parser says, 2."""
    before = {
        table: world.digest(table) for table in ("orgs_organization", "ledger_journalline", "core_network")
    }
    with pytest.raises(CommandError) as refusal:
        call_command(name, *arguments)
    assert len(str(refusal.value)) > 10
    assert before == {table: world.digest(table) for table in before}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_is_no_scenario(what: str, world: World, tmp_path: Path, capsys: Any):
    """Exit status 2, and a line that says what is wrong in which file."""
    path = tmp_path / "bad.yaml"
    path.write_bytes(FILES[what])
    with pytest.raises(SystemExit) as end:
        call_command("scenario", str(path))
    said = capsys.readouterr()
    assert end.value.code == 2, said.out
    assert "bad.yaml" in said.out + said.err
    assert "Traceback" not in said.out + said.err


@pytest.mark.parametrize("path", ["missing.yaml", ".", "/dev/null", "x" * 300])
def test_a_file_that_is_none(path: str, world: World, tmp_path: Path, monkeypatch: Any, capsys: Any):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        call_command("scenario", path, "--json")
    assert end.value.code == 2
    assert "Traceback" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("day", "price", "units"),
    [
        ("0001-01-01", "1.00", "1"),
        ("9999-12-31", "1.00", "1"),
        ("2026-01-05", "92233720368547758.07", "1"),
        ("2026-01-05", "1.00", "9223372036854775807"),
        ("2026-01-05", "1.00", "2147483648"),
        ("2026-01-05", "0.00", "1"),
        ("2026-01-05", "1.00", "0"),
        ("2026-01-05", "-1.00", "1"),
        ("2026-01-05", "0.001", "1"),
    ],
)  # fmt: skip
def test_a_scenario_at_the_ends_of_what_numbers_hold(
    day, price, units, world: World, tmp_path: Path, capsys: Any
):
    """It runs, or is refused in words."""
    path = tmp_path / "far.yaml"
    path.write_text(P_AND_SALE.replace("DAY", day).replace("PRICE", price).replace("UNITS", units))
    with pytest.raises(SystemExit) as end:
        call_command("scenario", str(path))
    assert end.value.code in (0, 1, 2)
    assert "Traceback" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [("PORT", "eighty", "PORT='eighty'"), ("DATABASE_URL", "postgresql://u:hush@[::zq/db", "DATABASE_URL: is not an address")],
)  # fmt: skip
def test_a_setting_that_makes_no_sense(name: str, value: str, says: str):
    """The sentence alone: no traceback, no secret."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env=os.environ | {name: value},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(says)
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stderr
