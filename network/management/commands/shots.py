"""Takes a picture of every page of the demo network."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from network.demo.build import build_demo
from network.loopback import Loopback
from network.pages import PAGES
from network.shots import Photographer, UnexpectedPageError, read_demo
from work.actions.relay import relay_due_events

MISSING = "Pictures need {what}, which only developers have. `make shots` installs it and takes them."


class Command(BaseCommand):
    help = (
        "Take a picture of every page of the demo network, at 1440 and 390 pixels, light and dark, as "
        "<page>-<width>-<theme>.png. Loads the demo network where it is missing, and serves it on the loopback "
        "meanwhile. Example: manage.py shots --out /tmp/shots --only journal organization-list"
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--out", type=Path, default=settings.VAR_DIR / "shots", help="folder (var/shots)")
        parser.add_argument(
            "--only", nargs="+", metavar="PAGE", help="names of pages, as in network/pages.py"
        )
        parser.add_argument("--url", help="a server that runs on this database already; none starts then")
        parser.add_argument("--fold", action="store_true", help="only what is seen without scrolling")

    def handle(self, *args: Any, **options: Any) -> None:
        pages = [page for page in PAGES if not options["only"] or page.name in options["only"]]
        if unknown := set(options["only"] or ()) - {page.name for page in PAGES}:
            raise CommandError(f"There is no page {', '.join(sorted(unknown))}; see network/pages.py.")
        try:
            options["out"].mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(
                f"--out can't be a folder there: {options['out']} ({error.strerror})."
            ) from error
        try:
            from playwright.sync_api import Error, sync_playwright

            from tests.browser.chromium import chromium_path

            chromium = chromium_path()
        except ModuleNotFoundError as error:
            raise CommandError(MISSING.format(what=error.name)) from error
        except FileNotFoundError as error:
            raise CommandError(MISSING.format(what="a browser")) from error
        demo = self._demo()
        logging.disable(logging.ERROR)  # pages that refuse are looked at as well
        # Playwright runs a loop in this thread; the server's own threads do the database's work.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        with ExitStack() as stack:
            url = options["url"] or stack.enter_context(Loopback()).url
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--no-proxy-server"]
            )
            photographer = Photographer(browser, url, demo, options["out"], whole=not options["fold"])
            try:
                taken = photographer.take(pages, self.stdout.write)
            except (UnexpectedPageError, Error) as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"{taken} pictures in {options['out']}")

    def _demo(self) -> Any:
        call_command("migrate", database="migrator", interactive=False, verbosity=0)
        build_demo(self.stdout.write)
        relay_due_events()  # what the worker would have done by now
        demo = read_demo()
        connections.close_all()
        if demo is None:
            raise CommandError("The demo network is not there. Load it: manage.py demo")
        return demo
