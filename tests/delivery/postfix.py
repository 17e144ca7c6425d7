"""A Postfix of the tests' own on loopback: its own settings, queue and Maildir; it ends with the test."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: How long Postfix may take to start, to deliver, or to stop, in seconds.
_PATIENCE = 60.0
_MAIN = """
compatibility_level = 3.6
command_directory = /usr/sbin
daemon_directory = {daemons}
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/postfix.log
maillog_file_prefixes = {folder}/log
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydomain = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = readers.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_mailbox_limit = 0
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_recipient_restrictions = check_recipient_access regexp:{folder}/access, permit_mynetworks, reject
default_transport = discard:
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
smtputf8_enable = yes
# A refused recipient is not to be punished by waiting: tests are in a hurry.
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 10000
smtpd_soft_error_limit = 10000
"""
_SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
local     unix  - n n - - local
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running Postfix."""

    port: int
    folder: Path

    def answer(self, answers: Mapping[str, str]) -> None:
        """Say what it answers to recipients from now on, such as `{"anna@readers.example": "550 5.1.1 unknown"}`."""
        lines = [f"/^{address.replace('.', '[.]')}$/ {said}\n" for address, said in answers.items()]
        (self.folder / "access").write_text("".join(lines), encoding="utf-8")
        subprocess.run(["postfix", "-c", self.folder, "reload"], check=True, capture_output=True)

    def delivered(self, count: int) -> list[Path]:
        """Wait until so many mails lie in the Maildir, and return all of them."""
        deadline = time.monotonic() + _PATIENCE
        while len(found := sorted((self.folder / "mail").glob("all/new/*"))) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} mails were delivered\n{self.log()[-3000:]}"
            time.sleep(0.05)
        return found

    def log(self) -> str:
        """Return what it wrote down."""
        return (self.folder / "log" / "postfix.log").read_text(encoding="utf-8")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _lay_down(folder: Path, port: int) -> None:
    owner = pwd.getpwnam("nobody")
    daemons = "/usr/lib/postfix/sbin" if Path("/usr/lib/postfix/sbin").is_dir() else "/usr/libexec/postfix"
    values = {"folder": folder, "daemons": daemons, "uid": owner.pw_uid, "gid": owner.pw_gid, "port": port}
    folder.chmod(0o755)
    for name in ("queue", "data", "log", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", "nobody")
    (folder / "main.cf").write_text(_MAIN.format_map(values), encoding="utf-8")
    (folder / "master.cf").write_text(_SERVICES.format_map(values), encoding="utf-8")
    (folder / "access").write_text("", encoding="utf-8")


def _await_banner(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        assert process.poll() is None, "Postfix ended"
        assert time.monotonic() < deadline, "Postfix does not answer"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                assert connection.recv(100).startswith(b"220 relay.example")
                return
        except ConnectionRefusedError:
            time.sleep(0.05)


@contextmanager
def postfix() -> Iterator[Postfix]:
    """Run a Postfix that takes mail for `readers.example` into one Maildir; needs root, as Postfix does."""
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    try:
        port = _free_port()
        _lay_down(folder, port)
        process = subprocess.Popen(
            ["postfix", "-c", folder, "start-fg"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "LC_ALL": "C"},
        )
        try:
            _await_banner(port, process)
            yield Postfix(port, folder)
        finally:
            subprocess.run(["postfix", "-c", folder, "stop"], check=False, capture_output=True)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    finally:
        shutil.rmtree(folder)
