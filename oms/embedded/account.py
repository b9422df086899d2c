"""Which user runs the server: PostgreSQL refuses root, so root lends it an unprivileged user."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oms.embedded.errors import EmbeddedPostgresError

CANDIDATES = ("postgres", "nobody")
FALLBACK_ID = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """A user to run the server as; `lent` when it is another than our own."""

    uid: int
    gid: int
    lent: bool

    def popen_options(self) -> dict[str, Any]:
        """The arguments that make subprocess start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.lent else {}

    def own(self, path: Path) -> None:
        """Give a file or folder that we made to this user."""
        if self.lent:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user reaches the folder: the kernel is asked, since modes, mounts and ACLs all have a say."""
        command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
        return self._succeeds(command)

    def can_run(self, program: Path) -> bool:
        return self._succeeds([str(program), "--version"])

    def _succeeds(self, command: list[str]) -> bool:
        try:
            done = subprocess.run(  # noqa: S603 - the command is built from our own constants and paths
                command, capture_output=True, check=False, cwd="/", **self.popen_options()
            )
        except OSError:
            return False
        return done.returncode == 0


def account_for(cluster: Path) -> Account:
    """Our own user, or, for root, the owner of the existing cluster or the first unprivileged user there is."""
    owner = cluster.stat().st_uid if cluster.exists() else None
    uid = os.geteuid()
    if uid != 0:
        if owner not in (None, uid):
            remedy = "Run the hub as that user, or choose another OMS_HOME."
            raise EmbeddedPostgresError(f"The database in {cluster} belongs to user id {owner}.", remedy)
        return Account(uid, os.getegid(), lent=False)
    if owner:
        return Account(owner, cluster.stat().st_gid, lent=True)
    return _first_unprivileged()


def _first_unprivileged() -> Account:
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, lent=True)
    return Account(FALLBACK_ID, FALLBACK_ID, lent=True)
