"""Secrets: named in the settings, kept in the environment or in a file of the owner's alone."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from publisher.errors import PublisherError
from publisher.files import read_file

_LARGEST = 65_536


class SecretMissing(PublisherError):
    """A secret that the settings name is not there, or not kept like one."""


def read_secret(secret: Mapping[str, str], folder: Path, key: str) -> str:
    """Return a secret, without the line break at its end.

    Args:
        secret: `{"env": NAME}` or `{"file": PATH}`, as the settings have it.
        folder: the publication's; relative paths start there.
        key: dotted path of the setting, for the message of an error, such as `delivery.password`.

    Raises:
        SecretMissing: there is none, or others may read its file. The secret is in no message.
    """
    if "env" in secret:
        name = secret["env"]
        if not (value := os.environ.get(name, "")):
            raise SecretMissing(f"{key}: the environment has no {name}; set it where publisher runs, cron's lines too")
        return value
    path = folder / secret["file"]
    try:
        mode = path.stat().st_mode
        text = read_file(path, _LARGEST).decode("utf-8")
    except UnicodeDecodeError:
        raise SecretMissing(f"{key}: {path} is no text") from None
    except OSError as error:
        raise SecretMissing(
            f"{key}: {path} cannot be read: {error.strerror}; write the secret there, or name another file"
        ) from None
    if stat.S_IMODE(mode) & 0o077:
        raise SecretMissing(f"{key}: others may read {path}; make it yours alone with: chmod 600 {path}")
    if not (value := text.rstrip("\r\n")):
        raise SecretMissing(f"{key}: {path} is empty")
    return value
