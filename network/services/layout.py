"""Where the embedded services keep their data, locks, logs and sockets."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from network.services.errors import ServiceError

PROJECT = Path(__file__).resolve().parents[2]

# A socket's path has to fit in `sun_path`: 108 bytes on Linux and 104 elsewhere, the closing zero included.
LONGEST_SOCKET = 103
LONGEST_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Layout:
    """The folders below one `var`, by purpose."""

    var: Path

    @classmethod
    def default(cls) -> Layout:
        """The checkout's own `var/`, or the folder that CARETREE_VAR names."""
        chosen = os.environ.get("CARETREE_VAR")
        return cls(Path(chosen).resolve() if chosen else PROJECT / "var")

    def data(self, service: str) -> Path:
        return self.var / service

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def keeping(self, service: str) -> Path:
        """The folder of a service's locks and state."""
        return self.var / "services" / service

    def sockets(self, service: str) -> Path:
        """The folder of a service's socket: below `var`, or a short private one when that path is too long."""
        return self._runtime / service

    @property
    def _runtime(self) -> Path:
        near = self.var / "run"
        longest = os.fsencode(near / "postgres" / LONGEST_NAME)
        return near if len(longest) <= LONGEST_SOCKET else self._short

    @property
    def _short(self) -> Path:
        # Computed, not drawn at random and not from TMPDIR: every process of this user must find the same one.
        digest = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        return Path("/tmp") / f"caretree-{os.geteuid()}-{digest}"  # noqa: S108 - checked by _own_runtime

    def prepare(self, service: str) -> None:
        """Make every folder that keeping this service needs, except the data's own."""
        try:
            for folder in (self.var, self.var / "log", self.keeping(service), self.data(service)):
                folder.mkdir(parents=True, exist_ok=True)
        except PermissionError as error:
            raise ServiceError(
                f"{self.var} can't be written by user {os.geteuid()} ({error.strerror}): it was made by another "
                "user. Run as that user, or delete the folder."
            ) from error

    def prepare_sockets(self, service: str) -> Path:
        """Make the socket folder, refusing one that somebody else could have planted or could enter."""
        self._own_runtime(self._runtime)
        folder = self.sockets(service)
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    @staticmethod
    def _own_runtime(folder: Path) -> None:
        # Root's services run as another user, who has to pass through this folder to the one below, its own.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        folder.mkdir(mode=mode, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise ServiceError(
                f"{folder} belongs to somebody else, so the services' sockets can't be put there. Delete it."
            )
        folder.chmod(mode)
