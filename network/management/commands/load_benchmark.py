"""Fills a network of a realistic size, for measuring and for trying pages by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.ids import random_code
from network.bench.load import AlreadyLoadedError, Size, email_of, load, told_on
from people.queries.user import user_by_email


class Command(BaseCommand):
    help = (
        "Fill a network with organizations, patients and journal lines, in bulk, and say how to sign in. Takes some "
        "minutes. A network that is there is left alone. Example: manage.py load_benchmark --organizations 1000"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        usual = Size()
        parser.add_argument("--organizations", type=int, default=usual.organizations)
        parser.add_argument("--lines", type=int, default=usual.lines, help="journal lines")
        parser.add_argument("--patients", type=int, default=usual.patients)
        parser.add_argument("--network-code", default="BENCH", help="code of the new network")

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["network_code"]
        size = Size(options["organizations"], options["lines"], options["patients"])
        if not code.isalnum() or not code.isascii() or len(code) > 20:
            raise CommandError(f"--network-code {code!r}: give at most 20 letters and digits.")
        size.check()
        try:
            load(code, size, told_on(self.stderr.write))
        except AlreadyLoadedError as error:
            raise CommandError(f"{error} Nothing was changed. Choose another --network-code.") from error
        password = self._give_password(email_of(code))
        self.stdout.write(f"Network {code} is loaded. Sign in as {email_of(code)} with {password}")

    def _give_password(self, email: str) -> str:
        """A password of its own for every loaded network, told once."""
        user = user_by_email(email)
        assert user is not None
        password = random_code()
        user.set_password(password)
        user.save(update_fields=["password"])
        return password
