"""The files of one embedded server: where they live, how they are made, password, port. Processes: server.py."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oms.embedded.account import Account, account_for
from oms.embedded.binaries import reachable_programs
from oms.embedded.errors import EmbeddedPostgresError

SUPERUSER = "oms"
SYSTEM_FOLDER = Path("/var/lib/order-hub")
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True, slots=True)
class Cluster:
    """A prepared cluster: `root` holds everything, `folder` is what PostgreSQL calls its data directory."""

    root: Path
    account: Account
    programs: Path
    version: int

    @property
    def folder(self) -> Path:
        return self.root / "cluster"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def password(self) -> str:
        return (self.root / "password").read_text("ascii").strip()

    @property
    def port(self) -> int:
        return int((self.root / "port").read_text("ascii"))

    def socket_folder(self) -> Path | None:
        """The cluster itself, unless the operating system's limit on socket paths forbids it."""
        longest = self.folder / ".s.PGSQL.65535"
        return self.folder if len(os.fsencode(longest)) <= LONGEST_SOCKET_PATH else None

    def choose_port(self) -> int:
        """Take a free port and remember it, so that it stays the same over restarts."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        _write_private(self.root / "port", f"{port}\n")
        return port


def root_for(wanted: Path) -> Path:
    """Where the cluster of this data folder really is.

    Root lends the server an unprivileged user. Where that user cannot reach the wanted folder (below a home of
    mode 700, say), the cluster lives in a folder of its own below /var/lib; parents are never opened up.
    """
    elsewhere = wanted / "location"
    return Path(elsewhere.read_text("utf-8").strip()) if elsewhere.exists() else wanted


def has_cluster(wanted: Path) -> bool:
    """Whether a database has been laid out for this data folder before."""
    return (root_for(wanted) / "cluster").exists()


def prepare_cluster(wanted: Path, version: int) -> Cluster:
    """Make the folder, the password and the cluster where they are missing; refuse what cannot be used."""
    _make_root(wanted)
    root = root_for(wanted)
    account = account_for(root / "cluster")
    if account.lent and root == wanted and not account.can_enter(root):
        root = _move_elsewhere(wanted)
    cluster = Cluster(root, account, reachable_programs(version, account, root), version)
    _refuse_other_version(cluster)
    if not cluster.folder.exists():
        _initialise(cluster)
    _require_password(cluster)
    if not (root / "port").exists():
        cluster.choose_port()
    return cluster


@contextlib.contextmanager
def alone(wanted: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two processes never start the same server at once."""
    _make_root(wanted)
    descriptor = os.open(wanted / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make_root(root: Path) -> None:
    """Root's folder may be passed through by the lent user, but not listed."""
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _move_elsewhere(wanted: Path) -> Path:
    name = hashlib.sha256(os.fsencode(wanted.resolve())).hexdigest()[:16]
    root = SYSTEM_FOLDER / name
    SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    _make_root(root)
    _write_private(wanted / "location", f"{root}\n")
    return root


def _refuse_other_version(cluster: Cluster) -> None:
    mark = cluster.folder / "PG_VERSION"
    if not cluster.folder.exists():
        return
    found = mark.read_text("ascii").strip() if mark.exists() else ""
    if not found:
        remedy = "Move the folder away to begin with an empty database, or restore it from a copy."
        raise EmbeddedPostgresError(f"{cluster.folder} is not a PostgreSQL data folder.", remedy)
    if found != str(cluster.version):
        remedy = (
            f"Dump it with pg_dump of version {found}, move the folder away, start again and restore the dump; "
            "docs/deployment.md shows the commands."
        )
        sentence = f"{cluster.folder} was made by PostgreSQL {found}, and this is version {cluster.version}."
        raise EmbeddedPostgresError(sentence, remedy)


def _require_password(cluster: Cluster) -> None:
    if not (cluster.root / "password").exists():
        remedy = "Restore it from your copy of the folder."
        raise EmbeddedPostgresError(f"The password file of {cluster.folder} is gone.", remedy)


def _initialise(cluster: Cluster) -> None:
    """Built in a draft folder and renamed when whole, so that a crash on the way leaves nothing half-made."""
    draft = cluster.root / "cluster.new"
    password = cluster.root / "password.new"
    password.unlink(missing_ok=True)
    _write_private(password, secrets.token_urlsafe(24) + "\n")
    cluster.account.own(password)
    failures: list[str] = []
    for locale in _locale_choices(cluster.version):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        cluster.account.own(draft)
        done = _run_initdb(cluster, draft, password, locale)
        if done.returncode == 0:
            os.chown(password, os.geteuid(), os.getegid())
            password.rename(cluster.root / "password")
            draft.rename(cluster.folder)
            return
        failures.append(done.stderr.strip() or done.stdout.strip())
    sentence = f"PostgreSQL could not lay out a database in {cluster.root}: {_last_line(failures[-1])}"
    raise EmbeddedPostgresError(sentence, "Check free disk space and permissions of that folder.")


def _locale_choices(version: int) -> tuple[tuple[str, ...], ...]:
    """From 17 on PostgreSQL brings C.UTF-8 itself; before, the C library may or may not have it."""
    if version >= 17:
        return (("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),)
    return (("--locale=C.UTF-8",), ("--locale=C",))


def _run_initdb(
    cluster: Cluster, draft: Path, password: Path, locale: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    command = [
        str(cluster.programs / "bin" / "initdb"),
        f"--pgdata={draft}",
        f"--username={SUPERUSER}",
        f"--pwfile={password}",
        "--encoding=UTF8",
        "--auth=scram-sha-256",
        "--no-instructions",
        *locale,
    ]
    return subprocess.run(  # noqa: S603 - our own constants and paths
        command,
        cwd=draft,
        env=server_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
        **cluster.account.popen_options(),
    )


def server_environment() -> dict[str, str]:
    """A server must not read PGPORT, PGDATA or a locale from whoever starts it."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _write_private(path: Path, content: str) -> None:
    """Written aside and renamed: a crash leaves the old content or the new, never a half."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(content)
    draft.rename(path)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
