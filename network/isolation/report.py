"""The report: what was walked, what was found, and the words and numbers that an auditor keeps."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from core.clock import now
from network.isolation.cast import PEOPLE
from network.isolation.routes import PERSONAS
from network.isolation.walk import MEANT, Finding, Walked
from network.isolation.walls import ROLES

#: Kinds of findings in their order, with what each says.
KINDS = {
    "leak": "shows what belongs to another network",
    "reached": "reaches a record of another network",
    "sql": "a database role reaches across networks",
    "wall": "the installation's database differs from the one walked",
    "rule": "the installation's database breaks a rule of its catalogue",
    "answer": "answers otherwise than expected",
    "route": "nothing walked it",
    "table": "nothing was proven about it",
    "blind": "the search does not find what is there",
}
WHO = {
    "stranger": "not signed in",
    "suspended": "network administrator, suspended",
    "contact": "a vendor's portal contact",
    "rival": "another vendor's portal contact",
    "foreigner": "network administrator of another network",
    "ended": "was network administrator",
    "owner": "owner of the enterprise, in no network",
    "guest": "front desk at S, and network administrator in another network; bound to this one",
}
#: Kinds of requests: those of a route's own kind, and those that try to get out.
REQUESTS = ("console", "portal", "public", "foreign", "export", "chosen")
LONGEST = 400


@dataclass
class Proof:
    """What was done and found, filled step by step."""

    live: str
    begun: datetime = field(default_factory=now)
    server: str = ""
    networks: list[str] = field(default_factory=list)
    canaries: dict[str, int] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    walked: Walked = field(default_factory=Walked)
    commands: list[str] = field(default_factory=list)
    definitions: dict[str, set[str]] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)
    rules: int = 0
    routes: int = 0
    leaked: dict[str, list[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, *findings: Finding) -> None:
        self.findings.extend(findings)

    @property
    def holds(self) -> bool:
        return not self.findings


def content_of(proof: Proof) -> dict[str, Any]:
    """The report as plain data; the text is made of this and nothing else."""
    walked = proof.walked
    return {
        "title": "Isolation between networks",
        "holds": proof.holds,
        "findings_by_kind": dict(Counter(finding.kind for finding in proof.findings)),
        "begun_at": proof.begun.isoformat(timespec="seconds"),
        "seconds": round((now() - proof.begun).total_seconds()),
        "version": _version(),
        "commit": _commit(),
        "server": f"PostgreSQL {proof.server}",
        "database": proof.live,
        "networks": proof.networks,
        "canaries": proof.canaries,
        "personas": {persona: _who(persona) for persona in PERSONAS},
        "meant": {persona: why for persona, (_, why) in MEANT.items()},
        "routes": proof.routes,
        "requests": sum(walked.requests.values()),
        "requests_by_persona": {
            persona: {kind: walked.by(persona, kind) for kind in REQUESTS} for persona in PERSONAS
        },
        "findings_by_persona": {
            persona: dict(Counter(one.asked for one in walked.findings if one.persona == persona))
            for persona in PERSONAS
        },
        "exports": dict(walked.exports),
        "commands": proof.commands,
        "roles": list(ROLES),
        "tables": len(proof.tables),
        "compared": proof.compared,
        "rules": proof.rules,
        "findings": [_detail(proof, finding) for finding in _in_order(proof.findings)],
    }


def as_json(content: dict[str, Any]) -> str:
    """The content with the hash of its canonical form: keys sorted, no blanks."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return json.dumps({"report": content, "sha256": _hash(canonical)}, indent=2, ensure_ascii=False) + "\n"


def as_text(content: dict[str, Any]) -> str:
    """The report to read; its last line is the hash of all lines before it."""
    lines = [*_summary(content), "", *_table(content), "", *_findings(content), ""]
    text = "\n".join(lines) + "\n"
    return f"{text}SHA-256 of everything above: {_hash(text)}\n"


def verdict(content: dict[str, Any]) -> str:
    if content["holds"]:
        return "0 leaks. Every wall that was walked holds."
    found = ", ".join(f"{count} {kind}" for kind, count in content["findings_by_kind"].items())
    return f"NOT ISOLATED, or not proven: {found}."


def _summary(content: dict[str, Any]) -> list[str]:
    facts = {
        "Result": verdict(content),
        "Begun": f"{content['begun_at']}, took {content['seconds']} s",
        "Version": f"{content['version']}, commit {content['commit'] or 'unknown'}",
        "Server": content["server"],
        "Compared with": f"database {content['database']}: {_numbers(content['compared'])}; "
        f"{content['rules']} rules of the catalogue",
        "Networks": f"{len(content['networks'])}: {', '.join(content['networks'])}",
        "Canaries": f"{sum(content['canaries'].values()):,} rows in {len(content['canaries'])} tables",
        "Personas": str(len(content["personas"])),
        "Routes": f"{content['routes']}, {content['requests']:,} requests",
        "Exports": f"{_numbers(content['exports'])}; {len(content['commands'])} by commands",
        "Raw SQL": f"{content['tables']} tables as {len(content['roles'])} roles: {', '.join(content['roles'])}",
    }
    width = max(map(len, facts))
    return [
        content["title"],
        "=" * len(content["title"]),
        *(f"{name:{width}}  {fact}" for name, fact in facts.items()),
    ]


def _table(content: dict[str, Any]) -> list[str]:
    """Requests by persona and kind with their findings, who they are, what is meant to be seen, and the canaries."""
    lines = [f"{'requests by':16}" + "".join(f"{kind:>10}" for kind in REQUESTS) + "  who"]
    for persona, counted in content["requests_by_persona"].items():
        found = content["findings_by_persona"][persona]
        cells = (f"{counted[kind]:,}" + (f" !{found[kind]}" if kind in found else "") for kind in REQUESTS)
        lines.append(
            f"{persona:16}" + "".join(f"{cell:>10}" for cell in cells) + f"  {content['personas'][persona]}"
        )
    lines += ["", "A number after ! counts findings."]
    lines += ["", "Meant to see across the wall:"]
    lines += [f"  {persona}: {why}" for persona, why in content["meant"].items()]
    lines += ["", "Canaries by table:"]
    return lines + [f"  {table:36}{planted:>6,}" for table, planted in content["canaries"].items()]


def _findings(content: dict[str, Any]) -> list[str]:
    if not content["findings"]:
        return ["Findings: none"]
    lines = [f"Findings: {len(content['findings'])}"]
    for number, one in enumerate(content["findings"], start=1):
        said = (
            one["what"] if len(one["what"]) <= LONGEST else one["what"][:LONGEST] + " … (whole with --json)"
        )
        lines.append(
            f"{number}. [{one['kind']}] {' '.join(filter(None, (one['persona'], one['request'])))}: {said}"
        )
        if one["canary"]:
            tables = ", ".join(one["tables"]) or "no table holds these words"
            lines += [f"   canary: {one['canary']} ({tables})", f"   where: {one['where']}"]
    return lines


def _detail(proof: Proof, finding: Finding) -> dict[str, Any]:
    return asdict(finding) | {"tables": proof.leaked.get(finding.canary, [])}


def _in_order(findings: list[Finding]) -> list[Finding]:
    order = list(KINDS)
    return sorted(findings, key=lambda finding: order.index(finding.kind))


def _who(persona: str) -> str:
    if persona in WHO:
        return WHO[persona]
    _, at, role, scope = PEOPLE[persona]
    return f"{role.replace('_', ' ')} at {at}" + (" and below" if scope == "subtree" else "")


def _numbers(counted: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counted.items())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _version() -> str:
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
    return str(project["project"]["version"])


def _commit() -> str:
    """The commit of the code, where it is a checkout."""
    git = ["git", "-C", str(settings.BASE_DIR)]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        changes = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit.stdout.strip() + (" with changes" if changes.stdout.strip() else "")
