"""What a rule is, in all files that are checked."""

from dataclasses import dataclass

from publisher.errors import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    #: Clause with {} for what the rule was broken by.
    message: str
    #: Clause that says what to do, perhaps with {} for what would be right.
    cure: str
    severity: Severity = Severity.ERROR
