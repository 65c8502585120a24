"""Runs everything on this machine, from an empty folder to a page that answers."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from network import env
from network.services import ServiceError
from network.services.layout import PROJECT, Layout
from network.services.progress import Progress, sign_ins_table
from network.services.supervisor import AskedToStop, Part, Supervisor, beat, web, worker


class Command(BaseCommand):
    help = (
        "Run the console with all it needs: PostgreSQL and Redis (unless DATABASE_URL and REDIS_URL name others), "
        "web, worker and beat, until Ctrl-C. Migrates first; in embedded mode the first start loads the demo network. "
        "Example: PORT=8001 manage.py run"
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self._layout = Layout.default()
        self._progress = Progress(sys.stdout)
        try:
            with Supervisor(self._layout, env.port(), env.embedded_services(), self._progress) as supervisor:
                self._run(supervisor)
        except AskedToStop:
            return
        except (ServiceError, ImproperlyConfigured, DatabaseError) as error:
            raise CommandError(str(error)) from error

    def _run(self, supervisor: Supervisor) -> None:
        supervisor.start_services()
        connections["default"].ensure_connection()  # which refuses a login that sees every network
        self._migrate()
        connections.close_all()
        self._progress.say("Starting web")
        supervisor.start(web(env.port()))
        supervisor.wait_for_first_page()
        self._progress.say(f"Serving {env.base_url()}/")
        supervisor.start(worker())
        supervisor.start(beat(self._layout))
        self._progress.show(
            f"\n{self._sign_ins(supervisor)}\n\nCaretree is at {env.base_url()}/ (Ctrl-C stops it)\n"
        )
        supervisor.watch()

    def _migrate(self) -> None:
        missing = connections["migrator"].settings_dict.get("MISSING")
        executor = MigrationExecutor(connections["default" if missing else "migrator"])
        steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing and steps:
            raise CommandError(f"{steps} migrations are not applied. {missing}")
        if missing:
            return
        self._progress.say(
            f"Migrating the database ({steps} steps)" if steps else "The database is up to date"
        )
        call_command("migrate", database="migrator", interactive=False, verbosity=0)

    def _sign_ins(self, supervisor: Supervisor) -> str:
        """The demo's sign-ins, loading it before the first time; a database of one's own is left alone."""
        if not env.is_embedded() or "demo" not in get_commands():
            return ""
        told = self._layout.data("postgres") / "demo.json"
        if not told.exists() and not self._load_demo(supervisor, told):
            return ""
        return f"\n{sign_ins_table(_rows(told.read_text()))}"

    def _load_demo(self, supervisor: Supervisor, told: Path) -> bool:
        self._progress.say("Loading the demo network (first start only); the console can be opened already")
        demo = Part("demo", [sys.executable, PROJECT / "manage.py", "demo", "--json"], signal.SIGKILL)
        unfinished = told.with_suffix(".unfinished")
        done = supervisor.run_once(demo, unfinished, "Still loading the demo network")
        if done:
            unfinished.replace(told)
            self._progress.say("Loaded the demo network")
        return done


def _rows(told: str) -> list[dict[str, str]]:
    """The sign-ins in what `manage.py demo --json` prints: a list, alone or under "sign_ins"."""
    found = json.loads(told)
    return list(found["sign_ins"] if isinstance(found, dict) else found)
