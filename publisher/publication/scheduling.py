"""When issues are due, and what tells cron or systemd to look every few minutes."""

import re
import shlex
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.config.settings import Settings
from publisher.errors import UsageError
from publisher.newsletter.due import next_firings

#: Minutes between two runs; a run that has nothing to do takes a fraction of a second.
EVERY = 5
_UNPASTABLE = re.compile(r"[\\\x00-\x1f\x7f]")
_PLAIN = re.compile(r"[^a-z0-9]+")
#: Those of the settings that name a folder where mails are put, and the file of the database.
_FILES = re.compile(r"(?:maildir|folder):(.+)")
_DATABASE = re.compile(r"sqlite:///(.+)")

_CRONTAB = """\
# Paste this into what `crontab -e` opens. Cron mails what a run says, and a run says nothing when all is well:
# put MAILTO=you@{host} above it, unless mail to this account is read.
"""
_SECRETS = """\
# Cron knows nothing of your shell's environment: put {names} above it, too.
"""
_SERVICE = """\
# {place}.service
[Unit]
Description=publisher: {title}
Documentation=https://www.freedesktop.org/software/systemd/man/systemd.service.html
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
User={user}
ExecStart={command}
{environment}\
# 3: deliveries wait for their next try.
SuccessExitStatus=3
# Stopping lets mails that are on their way come to an end.
KillSignal=SIGTERM
TimeoutStopSec=15min
UMask=0077
ProtectSystem=strict
ReadWritePaths={writes}
PrivateTmp=true
{hardening}\
"""
_HARDENING = """\
ProtectHome=read-only
NoNewPrivileges=true
PrivateDevices=true
ProtectControlGroups=true
ProtectKernelModules=true
ProtectKernelTunables=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictSUIDSGID=true
LockPersonality=true
"""
_TIMER = """\
# {place}.timer
[Unit]
Description=publisher: {title}, every {every} minutes

[Timer]
OnCalendar=*:0/{every}
RandomizedDelaySec=15
Persistent=true

[Install]
WantedBy=timers.target
"""
_SYSTEMD = """\
# Put the two parts into the files that their first lines name, then: systemctl enable --now {name}.timer
"""


@dataclass(frozen=True, slots=True)
class NextDates:
    """When a newsletter's next issues are due."""

    newsletter: str
    schedule: str
    #: In the publication's zone.
    dates: tuple[datetime, ...]


def next_dates(settings: Settings, now: datetime, count: int) -> tuple[NextDates, ...]:
    """Return the next dates of each newsletter.

    Raises:
        UsageError: a schedule has no dates around that time.
    """
    return tuple(
        NextDates(one.name, one.schedule, next_firings(one.schedule, settings.zone, now, count))
        for one in settings.newsletters
    )


def crontab(folder: Path, settings: Settings, python: str) -> str:
    """Return a line for cron and comments on it; it depends on nothing of cron's environment.

    Args:
        folder: the publication's.
        settings: the publication's.
        python: absolute path of the interpreter that runs this program.

    Raises:
        UsageError: a path cannot stand in a crontab.
    """
    words = shlex.join(_command(folder, python))
    # In a crontab an unescaped % ends the command.
    line = f"*/{EVERY} * * * * {words}".replace("%", r"\%")
    names = [f"{name}=…" for name in _environment(settings)]
    secrets = _SECRETS.format(names=", ".join(names)) if names else ""
    return f"{_CRONTAB.format(host=settings.host)}{secrets}{line}\n"


def systemd(folder: Path, settings: Settings, python: str, user: str) -> str:
    """Return a service and a timer for systemd, each under a comment that names its file.

    Args:
        folder: the publication's.
        settings: the publication's.
        python: absolute path of the interpreter that runs this program.
        user: the account that runs it.

    Raises:
        UsageError: a path cannot stand in a unit.
    """
    name = f"publisher-{_PLAIN.sub('-', settings.host.lower()).strip('-') or 'run'}"
    title = settings.publication.title.replace("%", "%%").replace("\\", "")
    pipes = settings.delivery is not None and settings.delivery.url.startswith("sendmail:")
    names = _environment(settings)
    service = _SERVICE.format(
        place=f"/etc/systemd/system/{name}",
        title=title,
        user=user,
        command=" ".join(map(_quoted, _command(folder, python))),
        environment=f"# It holds a line {', '.join(f'{one}=…' for one in names)} and is yours alone (chmod 600).\n"
        f"EnvironmentFile={str(folder.absolute() / 'publisher.env').replace('%', '%%')}\n"
        if names
        else "",
        writes=" ".join(_quoted(path, sign="") for path in _written(folder, settings)),
        # sendmail hands its queue to another group, which the rest forbids.
        hardening="" if pipes else _HARDENING,
    )
    timer = _TIMER.format(place=f"/etc/systemd/system/{name}", title=title, every=EVERY)
    return f"{_SYSTEMD.format(name=name)}\n{service}\n{timer}"


def _command(folder: Path, python: str) -> list[str]:
    words = [python, "-P", "-m", "publisher", "-q", "-C", str(folder.absolute()), "run"]
    odd = next((word for word in words if _UNPASTABLE.search(word)), None)
    if odd is not None:
        raise UsageError(f"{odd!r} cannot stand in a crontab or unit: rename what has a backslash or line break in it")
    return words


def _quoted(word: str, *, sign: str = "$") -> str:
    """Quote as systemd.syntax(7) and systemd.service(5) read it: % and, in commands, $ stand twice."""
    word = word.replace("%", "%%").replace('"', '\\"')
    return f'"{word.replace(sign, sign * 2) if sign else word}"'


def _written(folder: Path, settings: Settings) -> list[str]:
    """Name the folders that a run writes: the publication's, and those of the settings that lie elsewhere."""
    home, others = folder.absolute(), []
    if settings.delivery and (known := _FILES.fullmatch(settings.delivery.url)):
        others.append(home / known[1])
    if settings.bounces.path:
        others.append(home / settings.bounces.path)
    if known := _DATABASE.fullmatch(settings.state.url):
        others.append((home / known[1]).parent)  # its journal lies beside it
    # systemd takes no path with `..` in it, and binds what links lead to.
    places = dict.fromkeys(place.resolve() for place in others)
    return [str(home), *(str(place) for place in places if not place.is_relative_to(home.resolve()))]


def _environment(settings: Settings) -> list[str]:
    """Name the variables of the environment that hold secrets."""
    delivery = settings.delivery
    secrets = (delivery.password if delivery else None, *(key.key for key in settings.dkim), *_kept(settings))
    return sorted({secret["env"] for secret in secrets if secret and "env" in secret})


def _kept(settings: Settings) -> tuple[dict[str, str] | None, ...]:
    return (settings.state.password, settings.state.keys)
