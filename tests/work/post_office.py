"""A mail server on the loopback: the real protocol over a real socket, and what it was handed."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass
class PostOffice:
    port: int = 0
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(one, policy=email.policy.default) for one in self.raw]


class _Counter(socketserver.StreamRequestHandler):
    """Enough of RFC 5321 to take a message."""

    server: _Server

    def handle(self) -> None:
        sender, to = "", []
        self._say("220 loopback")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word in (b"MAIL", b"RCPT"):
                address = line.partition(b"<")[2].partition(b">")[0].decode()
                sender, to = (address, []) if word == b"MAIL" else (sender, [*to, address])
            if word == b"QUIT":
                self._say("221 bye")
                return
            if word == b"DATA":
                self._say("354 go on")
                self.server.office.raw.append(self._text())
                self.server.office.envelopes.append((sender, to))
            self._say("250 ok")

    def _text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    office: PostOffice
    daemon_threads = True


@contextmanager
def post_office() -> Iterator[PostOffice]:
    with _Server(("127.0.0.1", 0), _Counter) as server:
        server.office = PostOffice(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.office
        finally:
            server.shutdown()
            thread.join(5)
