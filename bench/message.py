"""Measures what one more recipient of an issue costs: our spliced mail beside what others do for each recipient.

Processor time alone, interleaved rounds, ratios. See README.md beside this file.
"""

import argparse
import importlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path
from statistics import median

import css_inline
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jinja2 import Environment

from bench import sites
from bench.corpus import posts
from bench.programs import CACHE, Missing, Program
from publisher.newsletter.mail import Reader, Skeleton
from publisher.newsletter.mail.dkim import Signer
from publisher.newsletter.slots import ADDRESS, NAME, PREFERENCES, UNSUBSCRIBE

JUICE = Program("juice", "12.2.0", "npm", ("juice@12.2.0",))
#: dkimpy asks it for Ed25519.
PYNACL = Program("pynacl", "1.6.2", "pip", ("pynacl==1.6.2",))
#: Articles of the issue, so that its mail has about 30,000 bytes.
ARTICLES = 8
#: Microseconds of processor time that one more recipient may cost without a signature.
BOUND = 60
#: The same with a signature by RSA of 2048 bits.
SIGNED_BOUND = 400
OURS = "splice"
SIGNED = "rsa"
DOMAIN, SELECTOR = "notes.example", "w"
#: Seconds that a contender works in each round, about.
TURN = 0.3

#: Makes what one recipient gets, or does the part of it that the contender is named after.
Make = Callable[[Reader], str | bytes]
#: Does its work so many times, and tells the seconds of processor time it took.
Turn = Callable[[int], float]


class Idle(Exception):
    """A contender did not do its work."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An issue, in the forms that contenders start from."""

    eml: bytes
    text: str
    #: The HTML part, styles inlined, with slots.
    html: str
    #: The same without style attributes, and a sheet that holds them.
    plain: str


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to make one more recipient's mail, or a part of that work."""

    name: str
    what: str
    #: Gives what it does for a recipient; what can be done once an issue is done here.
    prepare: Callable[[Sample, Path], Turn]


def recipient(number: int) -> Reader:
    """Return one of the recipients."""
    token = f"{number:06}.dGhpcyBpcyBubyByZWFsIHRva2VuLCBidXQgYXMgbG9uZyBhcyBvbmU"
    return Reader(
        address=f"reader-{number}@reader.example",
        name=f"Reader {number}",
        unsubscribe=f"https://notes.example/letters/leave/{token}",
        preferences=f"https://notes.example/letters/mine/{token}",
    )


def in_python(make: Make) -> Turn:
    """Return turns of a function of ours, after a look at whether it works."""
    reader = recipient(7)
    made = make(reader)
    octets = made.encode() if isinstance(made, str) else made
    if octets.replace(b"=\r\n", b"").count(reader.unsubscribe.encode()) < 2:
        raise Idle("the recipient's own address is not in the result")

    def turn(count: int) -> float:
        readers = [recipient(number) for number in range(count)]
        start = time.process_time()
        for one in readers:
            make(one)
        return time.process_time() - start

    return turn


def spliced(sample: Sample, _: Path) -> Turn:
    """Our own: values between encoded segments."""
    return in_python(Skeleton.read(sample.eml).message)


def standard_library(sample: Sample, _: Path) -> Turn:
    """Return turns of `email.message.EmailMessage`, one for each recipient; both parts as they are, its quickest way."""

    def make(reader: Reader) -> bytes:
        values = {UNSUBSCRIBE: reader.unsubscribe, PREFERENCES: reader.preferences, ADDRESS: reader.address, NAME: ""}
        mail = EmailMessage(policy=SMTP)
        mail["From"] = "Field Notes <letters@notes.example>"
        mail["To"] = f"{reader.name} <{reader.address}>"
        mail["Subject"] = "Field Notes Weekly #1"
        mail["Message-ID"] = "<1.mail@notes.example>"
        mail["List-Unsubscribe"] = f"<{reader.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(_filled(sample.text, values, str), cte="8bit")
        mail.add_alternative(_filled(sample.html, values, escape), subtype="html", cte="8bit")
        return mail.as_bytes()

    return in_python(make)


def _filled(content: str, values: Mapping[str, str], write: Callable[[str], str]) -> str:
    for token, value in values.items():
        content = content.replace(token, write(value))
    return content


def templated(sample: Sample, _: Path) -> Turn:
    """Return turns of Jinja2: both parts as templates, compiled once, whose only variables are the recipient's."""
    names = {UNSUBSCRIBE: "unsubscribe", PREFERENCES: "preferences", ADDRESS: "address", NAME: "name"}
    text, html = (
        Environment(autoescape=markup).from_string(_filled(content, names, "{{{{ reader.{} }}}}".format))  # noqa: S701
        for content, markup in ((sample.text, False), (sample.html, True))
    )
    return in_python(lambda reader: text.render(reader=reader) + html.render(reader=reader))


def inlined(sample: Sample, _: Path) -> Turn:
    """Return turns of css-inline, written in Rust: the HTML part alone, its values put in before."""
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    return in_python(
        lambda reader: inliner.inline(sample.plain.replace(UNSUBSCRIBE, reader.unsubscribe)) + reader.unsubscribe
    )


def juiced(sample: Sample, cache: Path) -> Turn:
    """Return turns of juice, written in JavaScript: the HTML part alone; starting Node.js is not counted."""
    folder = JUICE.fetch(cache)
    script = """
        import("juice").then(({ default: juice }) => {
            const html = require("fs").readFileSync(0, "utf8"), count = +process.argv[1];
            const styles = juice(html).split('style="').length;
            const before = process.cpuUsage();
            for (let i = 0; i < count; i++) juice(html);
            const { user, system } = process.cpuUsage(before);
            console.log(JSON.stringify({ seconds: (user + system) / 1e6, styles }));
        });
    """

    def turn(count: int) -> float:
        command = ["node", "-e", script, str(count)]
        done = subprocess.run(
            command, input=sample.plain, cwd=folder, capture_output=True, check=False, text=True, encoding="utf-8"
        )
        if done.returncode:
            raise Missing(f"it ended with status {done.returncode}: {done.stderr[-300:]}")
        told = json.loads(done.stdout)
        if told["styles"] < 20:
            raise Idle("no styles were inlined")
        return float(told["seconds"])

    turn(1)
    return turn


def signed_by_rsa(sample: Sample, _: Path) -> Turn:
    """Our own, with a signature by RSA."""
    return _signed(sample, _rsa_pem())


def signed_by_ed25519(sample: Sample, _: Path) -> Turn:
    """Our own, with a signature by Ed25519."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return _signed(sample, pem)


def _rsa_pem() -> bytes:
    return generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _signed(sample: Sample, pem: bytes) -> Turn:
    return in_python(Signer(DOMAIN, SELECTOR, pem).compile(Skeleton.read(sample.eml)).message)


def dkimpy_with_rsa(sample: Sample, _: Path) -> Turn:
    """Return turns of dkimpy: our spliced mail, the same fields signed, by RSA."""
    return _with_dkimpy(sample, "rsa-sha256", _rsa_pem())


def dkimpy_with_ed25519(sample: Sample, cache: Path) -> Turn:
    """Return turns of dkimpy and PyNaCl: the same by Ed25519."""
    folder = str(PYNACL.fetch(cache))
    if folder not in sys.path:
        sys.path.append(folder)
    return _with_dkimpy(sample, "ed25519-sha256", b64encode(Ed25519PrivateKey.generate().private_bytes_raw()))


def _with_dkimpy(sample: Sample, algorithm: str, key: bytes) -> Turn:
    # Here, as it looks for PyNaCl once, when it is imported, and that may have been fetched just now.
    dkimpy = importlib.reload(importlib.import_module("dkim"))
    skeleton = Skeleton.read(sample.eml)
    names = [field.partition(b":")[0] for field in skeleton.fields]

    def make(reader: Reader) -> bytes:
        mail = skeleton.message(reader)
        relaxed = (b"relaxed", b"relaxed")
        signature: bytes = dkimpy.sign(
            mail,
            SELECTOR.encode(),
            DOMAIN.encode(),
            key,
            canonicalize=relaxed,
            include_headers=[*names, *names],
            signature_algorithm=algorithm.encode(),
        )
        return signature + mail

    return in_python(make)


CONTENDERS = (
    Contender(OURS, "publisher: the whole mail, values put between encoded segments", spliced),
    Contender(SIGNED, "publisher: the same with a signature by RSA of 2048 bits", signed_by_rsa),
    Contender("ed25519", "publisher: the same with a signature by Ed25519", signed_by_ed25519),
    Contender("dkimpy-rsa", "publisher's mail, signed by dkimpy with RSA of 2048 bits", dkimpy_with_rsa),
    Contender("dkimpy-ed", "publisher's mail, signed by dkimpy and PyNaCl with Ed25519", dkimpy_with_ed25519),
    Contender("jinja2", "templates rendered for each recipient, and no mail made of it", templated),
    Contender("css-inline", "styles inlined for each recipient, and no mail made of it", inlined),
    Contender("email", "email.message.EmailMessage for each recipient: the whole mail", standard_library),
    Contender("juice", "styles inlined for each recipient, and no mail made of it", juiced),
)


def sample_issue(folder: Path) -> Sample:
    """Let publisher make the bundle of an issue of about 30,000 bytes."""
    settings = f'{sites.newest(folder)["publisher.toml"]}\n[[newsletters]]\nname = "weekly"\ncontent = "summary"\n'
    files = {"publisher.toml": settings, **dict(map(sites.dated, posts(ARTICLES)))}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "publisher", "--quiet", "--as-of", sites.CLOCK, "issue", "weekly"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (bundle,) = (folder / "issues" / "weekly").iterdir()
    html = (bundle / "issue.html").read_text(encoding="utf-8")
    return Sample(
        (bundle / "issue.eml").read_bytes(), (bundle / "issue.txt").read_text(encoding="utf-8"), html, _outlined(html)
    )


def _outlined(html: str) -> str:
    """Take the styles out of the attributes and put them into a sheet, one class for each."""
    classes: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        return f' class="{classes.setdefault(found[1], f"s{len(classes)}")}"'

    plain = re.sub(r' style="([^"]*)"', named, re.sub(r' class="[^"]*"', "", html))
    sheet = "\n".join(f".{name} {{ {style} }}" for style, name in classes.items())
    return plain.replace("</head>", f"<style>{sheet}</style></head>", 1)


def measure(turns: Mapping[str, Turn], rounds: int) -> dict[str, list[float]]:
    """Return the microseconds of each contender, one a round; every second round goes through them backwards."""
    counts = {name: max(5, int(TURN / max(turn(5) / 5, 1e-6))) for name, turn in turns.items()}
    costs: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(rounds):
        for name in list(turns)[:: -1 if number % 2 else 1]:
            costs[name].append(turns[name](counts[name]) / counts[name] * 1e6)
    return costs


def table(costs: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """Give the medians and the medians of the ratios within each round, one line a contender."""
    yield f"{'contender':<12} {'cpu µs':>9} {'÷ ours':>8}"
    for name, some in costs.items():
        ratio = median(one / ours for one, ours in zip(some, costs[OURS], strict=True))
        yield f"{name:<12} {median(some):>9.1f} {ratio:>8.1f}"


def start(chosen: Sequence[Contender], sample: Sample, cache: Path) -> dict[str, Turn]:
    """Prepare the contenders; one that cannot be had is named and left out, unless it is ours."""
    turns: dict[str, Turn] = {}
    for contender in chosen:
        try:
            turns[contender.name] = contender.prepare(sample, cache)
        except (Missing, OSError) as problem:
            print(f"LEFT OUT: {contender.name}. {problem}", file=sys.stderr)
    return turns


def main(arguments: Sequence[str] | None = None) -> None:
    """Make an issue, measure, tell."""
    who = "\n".join(f"  {contender.name:<10} {contender.what}" for contender in CONTENDERS)
    parser = argparse.ArgumentParser(
        prog="python -m bench.message",
        description=__doc__,
        epilog=f"contenders:\n{who}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [contender.name for contender in CONTENDERS]
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds (default: 5)")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help="these, and ours")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where fetched programs are kept (default: {CACHE})")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        sample = sample_issue(Path(folder))
    chosen = [one for one in CONTENDERS if one.name in {OURS, *options.only}]
    costs = measure(start(chosen, sample, options.cache), options.rounds)
    size = len(Skeleton.read(sample.eml).message(recipient(1)))
    if options.json:
        print(json.dumps({"bytes": size, "bound": BOUND, "microseconds": costs}, indent=2))
        return
    print(
        f"a mail of {size} bytes, {options.rounds} rounds, Python {platform.python_version()}, {os.cpu_count()} cores\n"
    )
    print("\n".join(table(costs)))
    print()
    if SIGNED in costs:
        print(f"the same, signed by RSA: at most {SIGNED_BOUND} µs  {kept(costs[SIGNED], SIGNED_BOUND)}")
    print(f"one more recipient: at most {BOUND} µs  {kept(costs[OURS], BOUND)}")


def kept(costs: Sequence[float], bound: float) -> str:
    """Say whether the median keeps to a bound."""
    return "yes" if median(costs) <= bound else "NO"


if __name__ == "__main__":
    main()
