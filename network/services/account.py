"""Whom the services run as: PostgreSQL refuses to run as root, so root lends them an account without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from network.services.errors import ServiceError

NAME = "caretree-services"
FALLBACK = "nobody"


class Switch(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that switch the user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    @classmethod
    def choose(cls) -> Account:
        """This user, or as root the services' own account, made on first use."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        entry = _entry(NAME) or _create() or _entry(FALLBACK)
        if entry is None:
            raise ServiceError(
                f"PostgreSQL can't run as root, and there is neither a user {NAME} nor {FALLBACK} to run it as. "
                "Create one, or run this as an ordinary user."
            )
        return cls(entry.pw_uid, entry.pw_gid)

    @property
    def switch(self) -> Switch:
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def assert_reaches(self, path: Path) -> None:
        """Refuse, naming the folder in the way and the way out, when this account can't get to the path."""
        if not self.switch:
            return
        for folder in reversed(path.resolve().parents):
            if not self._may_pass(folder):
                raise ServiceError(
                    f"As root, the database runs as user {pwd.getpwuid(self.uid).pw_name}, who can't enter {folder} "
                    f"and so can't reach {path}. Move the project to a folder that everybody can enter "
                    f"(/srv, /opt), or allow it with: chmod o+x {folder}, or run this as an ordinary user."
                )

    def _may_pass(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & 0o100)
        if found.st_gid == self.gid:
            return bool(found.st_mode & 0o010)
        return bool(found.st_mode & 0o001)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd | None:
    command = shutil.which("useradd")
    if command is None:
        return None
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run(
        [command, *options, "--shell", "/usr/sbin/nologin", NAME], check=False, capture_output=True, text=True
    )
    # Two keepers may try at the same moment: the one that the lock on /etc/passwd turned away looks again.
    for _ in range(50):
        if entry := _entry(NAME):
            return entry
        time.sleep(0.1)
    return None
