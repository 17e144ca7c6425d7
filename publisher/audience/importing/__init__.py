"""Subscribers from files: our own, and the exports of other programs."""

from publisher.audience.importing.inputs import FileRefused
from publisher.audience.importing.judging import Judge
from publisher.audience.importing.reading import NAMES
from publisher.audience.importing.report import Example, FileRead, ImportReport
from publisher.audience.importing.taking import ChangedMeanwhile, Talk, import_files

__all__ = [
    "NAMES",
    "ChangedMeanwhile",
    "Example",
    "FileRead",
    "FileRefused",
    "ImportReport",
    "Judge",
    "Talk",
    "import_files",
]
