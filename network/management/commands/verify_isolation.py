"""Proves that no network sees another, and prints a report that an auditor can keep."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from network.isolation import report
from network.isolation.verify import verify

INTERRUPTED = 130


class Command(BaseCommand):
    help = (
        "Walk every route and export as every persona, with canaries in all other networks, lean on the walls with raw "
        "SQL as every database role, compare them with this installation's, and print a report. Works in a database of "
        "its own, which it drops; takes some minutes. Exit status 1 on any leak or difference. "
        "Example: manage.py verify_isolation --output isolation-2026-11.txt"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
        parser.add_argument(
            "--output", type=Path, help="a new file for the report; standard output without it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["output"]:
            check_free(options["output"])
        if settings.DEBUG:
            raise CommandError("Walk the routes of production: unset DEBUG.")
        self.deliver(self._proof(), machine=options["json"], output=options["output"])

    def deliver(self, proof: report.Proof, *, machine: bool, output: Path | None) -> None:
        """Print or keep the report; exit status 1 unless the walls hold."""
        content = report.content_of(proof)
        text = report.as_json(content) if machine else report.as_text(content)
        if output is None:
            self.stdout.write(text, ending="")
        else:
            write_whole(output, text)
            self.stdout.write(f"{report.verdict(content)} The report is in {output}.")
        if not proof.holds:
            raise SystemExit(1)

    def _proof(self) -> report.Proof:
        before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            return verify(lambda said: self.stderr.write(said))
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing was proven.", returncode=INTERRUPTED) from None
        except psycopg.errors.InsufficientPrivilege as error:
            raise CommandError(
                f"The walk needs a database of its own, and the server says: {error}. Let the migrator make one: "
                "ALTER ROLE caretree_migrator CREATEDB (and NOCREATEDB afterwards)."
            ) from error
        except (psycopg.Error, DatabaseError, ImproperlyConfigured) as error:
            raise CommandError(f"The database can't be used: {error}") from error
        finally:
            signal.signal(signal.SIGTERM, before)


def _interrupt(*args: Any) -> None:
    raise KeyboardInterrupt


def check_free(path: Path) -> None:
    """Refuse before minutes of work what could not be written at their end."""
    if "\0" in str(path):
        raise CommandError("--output: a file's name can't have a NUL character.")
    try:
        folder, there = path.parent.is_dir(), False
        there = bool(path.lstat())
    except FileNotFoundError:
        pass
    except OSError as error:
        raise CommandError(f"--output: {error.strerror}. Name another file.") from None
    if there:
        raise CommandError(f"{path} is there already. A report is never overwritten; name another file.")
    if not folder or not os.access(path.parent, os.W_OK):
        raise CommandError(f"No file can be made in {path.parent}. Name a folder that can be written to.")


def write_whole(path: Path, text: str) -> None:
    """The file appears with all of its text or not at all, and never in the place of another."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".isolation-") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        os.chmod(file.name, 0o644)
        try:
            os.link(file.name, path)
        except FileExistsError:
            raise CommandError(f"{path} has appeared meanwhile. A report is never overwritten.") from None
