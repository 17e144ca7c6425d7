"""What a check found: a problem and the rule that found it."""

from dataclasses import dataclass

from publisher.errors import Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule in one place."""

    #: Name of the rule, such as `atom.id.missing`; it never changes its meaning.
    rule: str
    problem: Problem
    #: Title of the article whose part of a mail it is; empty for what stands around the articles, and for other files.
    article: str = ""
    #: Names of the mail programs that it concerns; empty where it concerns all.
    clients: tuple[str, ...] = ()
