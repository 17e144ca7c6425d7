"""What an answer means at each stage: the one table of SMTP's outcomes, as pure functions.

| stage | 4xx | 5xx | connection lost, deadline passed, no reply |
|---|---|---|---|
| connect, banner | deferred; try later | 554, 521: stop the run; others deferred | deferred |
| EHLO | deferred | stop the run | deferred |
| STARTTLS | stop the run: nothing is ever sent in the clear | as 4xx | as 4xx |
| AUTH | deferred | stop the run | deferred |
| MAIL | deferred | deferred, pause the issue: its sender is refused; 503: deferred; 530, 538: stop the run | deferred |
| RCPT | deferred; 450, 451: not before 5 minutes | failed; 552, 503, 5.7.x: deferred; 530, 538: stop the run | deferred |
| DATA | deferred | failed; 503, 5.7.x: deferred | deferred |
| body | deferred | deferred: the reply came too early | deferred, certain: its dot has not left |
| final dot | deferred, certain | failed; 5.7.x: deferred | **uncertain**, also for every 2xx but 250, 3xx and garbage |

421 means that the relay closes (RFC 5321, section 3.8): deferred, and no attempt used up but behind the final dot. 552 at
RCPT counts as 452 (section 4.5.3.1.10). 503 says that relay and we are out of step, which is no reader's fault. Neither is a policy
(5.7.x, RFC 3463, section 3.8): it may refuse everybody, so it is tried again, and a series of them pauses the issue.
"""

from datetime import timedelta

from publisher.delivery.smtp.replies import Reply
from publisher.delivery.transport import Outcome, Scope, Stage, Verdict

#: Greylisting takes a mail the second time, some minutes later (RFC 6647, section 2.1).
GREYLISTED = timedelta(minutes=5)

_CLOSING = 421
_OUT_OF_STEP = 503
_UNKNOWN_TO_THE_RELAY = (530, 538)
_GOES_ON = {
    Stage.BANNER: range(220, 221),
    Stage.HELLO: range(250, 251),
    Stage.TLS: range(220, 221),
    Stage.AUTH: range(235, 236),
    Stage.MAIL: range(250, 260),
    Stage.RCPT: range(250, 260),
    Stage.DATA: range(354, 355),
}


def judge(stage: Stage, reply: Reply) -> Outcome | None:
    """Return what a reply means for the mail (or, up to AUTH, for the connection); None where the conversation goes on."""
    if stage is Stage.DOT:
        return _behind_the_dot(reply)
    if reply.code in _GOES_ON[stage]:
        return None
    if reply.code == _CLOSING and stage is not Stage.TLS:
        return Outcome(Verdict.DEFERRED, stage, reply.words, counted=False)
    refused = reply.code >= 500
    return (_PERMANENT if refused else _PASSING).get(stage, _deferred)(stage, reply)


def broken(stage: Stage, words: str, *, counted: bool = True) -> Outcome:
    """Return what a connection means that ended without a reply.

    Args:
        stage: DOT where the kernel took the last byte of the final dot, an earlier one where it certainly did not.
        words: how it ended.
        counted: whether an attempt is used up.
    """
    verdict = Verdict.UNCERTAIN if stage is Stage.DOT else Verdict.DEFERRED
    scope = Scope.RUN if stage is Stage.TLS else Scope.RECIPIENT
    return Outcome(verdict, stage, words, scope, counted)


def _behind_the_dot(reply: Reply) -> Outcome:
    if reply.code == 250:
        verdict = Verdict.SENT
    elif reply.code >= 500 and not reply.is_policy:
        verdict = Verdict.FAILED
    elif reply.code >= 400:
        verdict = Verdict.DEFERRED
    else:
        verdict = Verdict.UNCERTAIN
    return Outcome(verdict, Stage.DOT, reply.words)


def _deferred(stage: Stage, reply: Reply) -> Outcome:
    return Outcome(Verdict.DEFERRED, stage, reply.words)


def _stop(stage: Stage, reply: Reply) -> Outcome:
    return Outcome(Verdict.DEFERRED, stage, reply.words, Scope.RUN, counted=False)


def _greylisted(stage: Stage, reply: Reply) -> Outcome:
    wait = GREYLISTED if reply.code in (450, 451) else timedelta(0)
    return Outcome(Verdict.DEFERRED, stage, reply.words, not_before=wait)


def _banner_refused(stage: Stage, reply: Reply) -> Outcome:
    return (_stop if reply.code in (521, 554) else _deferred)(stage, reply)


def _sender_refused(stage: Stage, reply: Reply) -> Outcome:
    if reply.code in _UNKNOWN_TO_THE_RELAY:
        return _stop(stage, reply)
    if reply.code == _OUT_OF_STEP:
        return _deferred(stage, reply)
    return Outcome(Verdict.DEFERRED, stage, reply.words, Scope.ISSUE, counted=False)


def _reader_refused(stage: Stage, reply: Reply) -> Outcome:
    if reply.code in _UNKNOWN_TO_THE_RELAY:
        return _stop(stage, reply)
    if reply.code in (552, _OUT_OF_STEP) or reply.is_policy:
        return _deferred(stage, reply)
    return Outcome(Verdict.FAILED, stage, reply.words)


def _message_refused(stage: Stage, reply: Reply) -> Outcome:
    if reply.code == _OUT_OF_STEP or reply.is_policy:
        return _deferred(stage, reply)
    return Outcome(Verdict.FAILED, stage, reply.words)


_PASSING = {Stage.TLS: _stop, Stage.RCPT: _greylisted}
_PERMANENT = {
    Stage.BANNER: _banner_refused,
    Stage.HELLO: _stop,
    Stage.TLS: _stop,
    Stage.AUTH: _stop,
    Stage.MAIL: _sender_refused,
    Stage.RCPT: _reader_refused,
    Stage.DATA: _message_refused,
}
