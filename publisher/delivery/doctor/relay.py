"""What a relay shows before the first mail: whether mails could leave, and for how long its certificate is good."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from publisher.delivery.doctor.finding import Finding, error, note, ok, warning
from publisher.delivery.smtp.probe import Probed
from publisher.delivery.transport import Scope, Stage

#: Time in which somebody should notice that a certificate is not renewed.
_SOON = timedelta(days=14)
#: More than mails of this program have, in bytes.
_ROOM = 200_000
_CURES = {
    Stage.CONNECT: "look at [delivery] url, and whether a firewall lets this machine out",
    Stage.BANNER: "ask who runs the relay",
    Stage.HELLO: "set hello in [delivery] to this machine's name",
    Stage.TLS: "have the certificate mended, or name its authority as ca in [delivery]",
    Stage.AUTH: "look at username and password in [delivery]",
}
_NO_CERTIFICATE = (
    "look at [delivery] url: smtp:// with port 587 wants STARTTLS, smtps:// with port 465 is encrypted from the first byte; "
    'on this machine alone, security = "none" goes without'
)


def relay_findings(probed: Probed, now: datetime) -> Iterator[Finding]:
    """Judge a relay.

    Args:
        probed: what it showed.
        now: the clock.
    """
    place, refused = probed.relay, probed.refused
    if refused is not None:
        rule = f"smtp.{refused.stage.value}"
        if refused.stage is Stage.CONNECT and refused.scope is not Scope.RUN:
            yield error(rule, f"{place} cannot be reached: {refused.reply}", _CURES[refused.stage])
        else:
            # Where none was shown, nothing can be wrong with it.
            is_bare = refused.stage is Stage.TLS and "certificate" not in refused.reply
            yield error(
                rule, f"{place}: {refused.reply}", _NO_CERTIFICATE if is_bare else _CURES.get(refused.stage, "")
            )
        return
    yield ok("smtp.connect", f"{place} answers")
    if place.security == "none":
        yield ok("smtp.tls", f"{place} is spoken to without encryption, on this machine")
    if place.username:
        yield ok("smtp.auth", f"{place} takes name and password")
    yield from _certificate(probed, now)
    yield from _abilities(probed)


def _certificate(probed: Probed, now: datetime) -> Iterator[Finding]:
    if probed.certified_until is None:
        return
    left, day = probed.certified_until - now, f"{probed.certified_until:%Y-%m-%d}"
    if left < _SOON:
        what = f"ends on {day}, in {left.days} days" if left > timedelta(0) else f"ended on {day}"
        yield warning(
            "smtp.tls", f"the certificate of {probed.relay} {what}", "have it renewed, or no mail leaves then"
        )
    else:
        yield ok("smtp.tls", f"the certificate of {probed.relay} is good until {day}")


def _abilities(probed: Probed) -> Iterator[Finding]:
    has, place, rule = probed.abilities, probed.relay, "smtp.features"
    if has is None:
        return
    if has.size is not None and has.size < _ROOM:
        yield warning(
            rule, f"{place} takes {has.size:,} bytes a mail, and issues may be larger", "have its limit raised"
        )
    if not has.eight_bit:
        yield note(rule, f"{place} takes ASCII alone (no 8BITMIME)")
    if not has.pipelining:
        yield note(rule, f"{place} wants one command at a time (no PIPELINING), so sending takes several times as long")
    if not has.smtputf8:
        yield note(rule, f"{place} takes no addresses beyond ASCII (no SMTPUTF8); readers who have one are left out")
    if not has.dsn:
        yield ok(rule, f"{place} has no DSN: bounces name the reader by their address alone")
    if has.pipelining and has.eight_bit:
        yield ok(rule, f"{place} has PIPELINING and 8BITMIME")
