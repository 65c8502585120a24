"""What the attacks work with: clients, the pages' own forms, and requests that leave nothing behind."""

from __future__ import annotations

import copy
import re
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from core.tenancy import bound
from tests.browser.stage import Stage
from tests.cast import CANARY

ANSWERS = {200, 204, 302, 400, 401, 403, 404, 405, 409, 410, 413, 422}
REFUSED = {400, 401, 403, 404, 405, 409, 410, 413, 422}

#: Written by looking, by being refused or by being signed in: logs of reads and denials, sessions, wrong passwords.
LOGS = re.compile(r"audit_|django_session|axes_|vendors_portalsession|work_outbox")
SAID = re.compile(r'role="alert"|class="field-error"|Not saved|Nothing was saved|That page was too old')
#: Markup that the attacks type: none of it may come back as markup.
UNESCAPED = re.compile(r"<script>zq|<img src=zq|<zq|\"zq=", re.IGNORECASE)


@dataclass
class Answer:
    """What came back, and what is wrong with it."""

    status: int = 0
    body: str = ""
    location: str = ""
    wrong: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)


@dataclass
class World:
    """The filled network, its records by name, foreign ids by table, and clients of its people."""

    stage: Stage
    records: dict[str, Any]
    foreign: dict[str, int]
    tenant_tables: set[str]
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def network_ids(self) -> list[int]:
        return [self.stage.network_id, *(network.pk for network in self.stage.cast.foreign)]

    def client(self, by: str) -> Client:
        """A client of a persona; "" is a stranger and "vendor" a contact in the portal."""
        if by not in self.clients:
            self.clients[by] = Client() if by in ("", "vendor") else self.stage.cast.client(by)
            if by == "vendor":
                name, value = self.stage.cookie("vendor")
                self.clients[by].cookies[name] = value
        return self.clients[by]

    def path(self, route: str, records: tuple[str, ...] = ()) -> str:
        return reverse(route, args=[self.records[name] for name in records])

    def send(
        self, by: str, method: str, path: str, data: Any = None, *, follow: bool = False, **how: Any
    ) -> Answer:
        """One request, judged and rolled back; on a refusal and after a look nothing but logs may have changed."""
        client, answer = self.client(by), Answer()
        cookies, after = copy.copy(client.cookies), {}
        with transaction.atomic():
            before = writes()
            self._send(answer, client, method, path, data, follow=follow, **how)
            answer.written = {table for table, count in writes().items() if count != before.get(table, 0)}
            if answer.status in REFUSED or method == "get":
                after = {table: self.digest(table) for table in answer.written if not LOGS.match(table)}
            transaction.set_rollback(True)
        client.cookies = cookies
        answer.wrong += [f"changed {table}" for table, rows in after.items() if rows != self.digest(table)]
        return answer

    def _send(
        self, answer: Answer, client: Client, method: str, path: str, data: Any, *, follow: bool, **how: Any
    ) -> None:
        try:
            with transaction.atomic():  # a fault must not make the connection unusable for what comes after
                response = getattr(client, method)(path, **({} if data is None else {"data": data}), **how)
                answer.status = response.status_code
                answer.location = response.headers.get("Location") or response.headers.get("HX-Redirect", "")
                answer.body = text_of(response)
                if follow and answer.status in (204, 302) and answer.location.startswith(("/", "?")):
                    seen = client.get(answer.location)
                    answer.body += text_of(seen)
                    if seen.status_code >= 400:
                        answer.wrong.append(f"afterwards {seen.status_code} at {answer.location}")
        except Exception as error:
            ours = [
                f"{Path(f.filename).name}:{f.lineno}"
                for f in traceback.extract_tb(error.__traceback__)
                if is_ours(f.filename)
            ]
            answer.wrong.append(f"fault: {type(error).__name__}: {error} at {' '.join(ours[-3:])}"[:400])
            return
        if answer.status not in ANSWERS:
            answer.wrong.append(f"answered {answer.status}")
        if CANARY in answer.body:
            answer.wrong.append("a canary: …" + answer.body.partition(CANARY)[0][-80:])
        if found := UNESCAPED.search(answer.body):
            answer.wrong.append("not escaped: " + answer.body[max(0, found.start() - 80) : found.end() + 40])

    def digest(self, table: str) -> list[Any]:
        """The rows of a table as a hash: of every network, where it is a tenant's."""
        statement = f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t'
        if table not in self.tenant_tables:
            return [fetched(statement)]
        found = []
        for network_id in self.network_ids:
            with bound(network_id):
                found.append(fetched(statement))
        return found


def is_ours(file: str) -> bool:
    return file.startswith(str(settings.BASE_DIR)) and ".venv" not in file


def text_of(response: Any) -> str:
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode(
        errors="replace"
    )


def fetched(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def writes() -> dict[str, int]:
    """How often this connection has written to each table, what was rolled back included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return {name: count for name, count in cursor.fetchall() if count}
