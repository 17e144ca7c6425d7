"""The sample publications in tests/samples, each with an issue made at a fixed time, and how their pictures are seen."""

import shutil
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from publisher import Publication
from publisher.publication.issuing import IssueReport
from publisher.publication.showing import filled, own_pictures, with_pictures

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
#: Newsletter of each sample, and when its issue is made: five minutes after it is due.
ISSUES = {
    "digest": ("weekly", "2026-11-23T08:05:00+00:00"),
    "letter": ("letter", "2026-11-24T09:05:00+00:00"),
    "japanese": ("weekly", "2026-11-23T08:05:00+09:00"),
    "arabic": ("weekly", "2026-11-23T08:05:00+03:00"),
}
#: The only picture of another site, a still that the letter's video is known by.
ELSEWHERE = {"https://i.ytimg.com/vi/abcDEF-1234/hqdefault.jpg": SAMPLES / "letter" / "elsewhere" / "still.png"}


@dataclass(frozen=True)
class Sample:
    """A copy of a sample publication, with an issue."""

    publication: Publication
    newsletter: str
    moment: datetime
    report: IssueReport

    @property
    def host(self) -> str:
        return self.publication.settings.host

    @property
    def bundle(self) -> Path:
        return self.publication.folder / self.report.folder

    def text(self, name: str) -> str:
        return (self.bundle / name).read_text(encoding="utf-8")

    def page(self, name: str) -> str:
        """Return HTML of the bundle with all its pictures in it, so that nothing has to be loaded."""
        files = {path.relative_to(self.bundle).as_posix(): path.read_bytes() for path in self.bundle.rglob("*.*")}
        addresses = {url: data_address(own.type, own.data) for url, own in own_pictures(files).items()}
        site = self.publication.settings.publication.url
        static = {f"{site}{path.name}": path for path in self.publication.folder.glob("static/*.*")}
        for url, path in (static | ELSEWHERE).items():
            addresses[url] = data_address(f"image/{path.suffix[1:].replace('jpg', 'jpeg')}", path.read_bytes())
        return with_pictures(filled(self.text(name)), addresses)


def data_address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


@pytest.fixture(scope="session")
def make_sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Sample]:
    """Give a function that copies a sample, changes its articles if asked to, and makes the issue."""

    def make(name: str, change: Callable[[Path], object] = lambda folder: None) -> Sample:
        folder = tmp_path_factory.mktemp("sample") / name
        shutil.copytree(SAMPLES / name, folder)
        change(folder)
        newsletter, moment = ISSUES[name]
        publication = Publication.load(folder)
        now = datetime.fromisoformat(moment)
        return Sample(publication, newsletter, now, publication.issue(newsletter, now))

    return make


@pytest.fixture(scope="session")
def samples(make_sample: Callable[..., Sample]) -> dict[str, Sample]:
    """Make the issue of each sample, once for all tests of a worker."""
    return {name: make_sample(name) for name in ISSUES}
