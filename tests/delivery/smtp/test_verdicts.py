"""The table of stage and result, cell by cell."""

from datetime import timedelta

import pytest

from publisher.delivery.smtp.replies import Reply
from publisher.delivery.smtp.verdicts import GREYLISTED, broken, judge
from publisher.delivery.transport import Outcome, Scope, Stage, Verdict

_SHORT = {"D": Verdict.DEFERRED, "F": Verdict.FAILED, "S": Verdict.SENT, "U": Verdict.UNCERTAIN}
_SCOPES = {"": Scope.RECIPIENT, "issue": Scope.ISSUE, "run": Scope.RUN}

#: Stage, then codes and what each means: verdict, scope, "free" where no attempt is used up, "wait"; "-" goes on.
TABLE = """
banner 220:- 250:D 421:D,free 450:D 500:D 521:D,run,free 550:D 554:D,run,free
hello  250:- 220:D 421:D,free 451:D 500:D,run,free 550:D,run,free 554:D,run,free
tls    220:- 250:D,odd 421:D,run,free 454:D,run,free 501:D,run,free 554:D,run,free
auth   235:- 250:D 334:D 421:D,free 454:D 500:D,run,free 530:D,run,free 535:D,run,free 538:D,run,free
mail   250:- 251:- 220:D 354:D 421:D,free 450:D 451:D 452:D 503:D 530:D,run,free 538:D,run,free 550:D,issue,free 552:D,issue,free
rcpt   250:- 251:- 252:- 354:D 421:D,free 450:D,wait 451:D,wait 452:D 503:D 530:D,run,free 538:D,run,free 550:F 551:F 552:D 553:F 554:F
data   354:- 250:D 421:D,free 450:D 451:D 452:D 503:D 550:F 552:F 554:F
dot    250:S 200:U 251:U 252:U 299:U 220:U 354:U 334:U 421:D 450:D 451:D 452:D 500:F 503:F 550:F 552:F 554:F
"""
CELLS = [(line.split()[0], *cell.split(":")) for line in TABLE.strip().splitlines() for cell in line.split()[1:]]


@pytest.mark.parametrize(("stage", "code", "meaning"), CELLS, ids=[f"{cell[0]}-{cell[1]}" for cell in CELLS])
def test_each_reply_means_what_the_table_says(stage: str, code: str, meaning: str) -> None:
    outcome = judge(Stage(stage), Reply(int(code), (b"words",)))
    if meaning == "-":
        assert outcome is None
        return
    verdict, *more = meaning.split(",")
    if "odd" in more:  # a reply that is no answer to STARTTLS: the caller closes, and never goes on in the clear
        assert outcome is not None
        return
    scope = next((word for word in more if word in _SCOPES), "")
    wait = GREYLISTED if "wait" in more else timedelta(0)
    assert outcome == Outcome(_SHORT[verdict], Stage(stage), f"{code} words", _SCOPES[scope], "free" not in more, wait)


@pytest.mark.parametrize("stage", Stage)
def test_a_connection_that_ends_is_uncertain_behind_the_dot_alone(stage: Stage) -> None:
    outcome = broken(stage, "connection lost")
    assert outcome.verdict is (Verdict.UNCERTAIN if stage is Stage.DOT else Verdict.DEFERRED)
    assert outcome.scope is (Scope.RUN if stage is Stage.TLS else Scope.RECIPIENT)


def test_nothing_but_250_behind_the_dot_is_sent() -> None:
    sent = [code for code in range(200, 600) if _behind_the_dot(code) is Verdict.SENT]
    assert sent == [250]


def test_no_other_code_lets_a_conversation_go_on() -> None:
    expected: dict[Stage, range | tuple[int, ...]] = {
        Stage.BANNER: (220,),
        Stage.HELLO: (250,),
        Stage.TLS: (220,),
        Stage.AUTH: (235,),
        Stage.MAIL: range(250, 260),
        Stage.RCPT: range(250, 260),
        Stage.DATA: (354,),
        Stage.DOT: (),
    }
    for stage, codes in expected.items():
        assert [code for code in range(200, 600) if judge(stage, Reply(code, (b"",))) is None] == list(codes), stage


def test_behind_the_dot_a_refusal_for_now_or_for_good_is_certain_and_all_else_is_not() -> None:
    for verdict, codes in ((Verdict.DEFERRED, range(400, 500)), (Verdict.FAILED, range(500, 600))):
        assert [code for code in range(200, 600) if _behind_the_dot(code) is verdict] == list(codes)


def _behind_the_dot(code: int) -> Verdict:
    outcome = judge(Stage.DOT, Reply(code, (b"",)))
    assert outcome is not None
    return outcome.verdict
