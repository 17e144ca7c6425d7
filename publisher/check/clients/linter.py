"""What the chosen mail programs do not show of a mail: one finding a feature, however often it is used."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from lxml import etree

from publisher.check.clients.features import seen
from publisher.check.clients.html import Use, uses
from publisher.check.clients.judgement import TRAPS, Weight, advice_on, feature_of, weight_of
from publisher.check.clients.support import Client, chosen, spoken, table
from publisher.errors import Severity


@dataclass(frozen=True, slots=True)
class ClientHit:
    """One feature that some of the chosen mail programs do not show, with all places where the mail uses it."""

    #: `client.` and the feature, sometimes with the way in which it is used: `client.css-margin.auto`.
    rule: str
    severity: Severity
    #: The use in words, such as `the property gap`.
    feature: str
    #: Who does not show it, as readers call them: `Gmail`, `Outlook (Windows)`.
    clients: tuple[str, ...]
    #: `n` where they do not know the feature, `a` where they know it but not this use of it.
    degree: str
    #: What readers see instead, in one clause.
    consequence: str
    #: What to do about it, in one clause; empty for what nobody misses.
    cure: str
    #: Line of the first use, from 1; 0 where it is unknown.
    line: int
    #: How often it is used.
    count: int
    #: The first element that uses it; for kept CSS its style element.
    element: etree._Element

    @property
    def message(self) -> str:
        """What is wrong, in one clause without a full stop."""
        names = self.clients
        listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.feature}{times} does not work in {listed}: {self.consequence}"


def hits(root: etree._Element, families: Sequence[str] = ()) -> Iterator[ClientHit]:
    """Yield what a mail uses and some mail programs do not show, errors first, each feature once.

    An error is what breaks the reading there, a note what only looks different. Refinements that nobody misses are
    told by `degradations`. What a program knows in part counts where the use is one that it is known to fail at.

    Args:
        root: the `html` element of the finished HTML, styles inlined.
        families: names of mail programs, as in `known_clients`; those that most readers use where there are none.

    Raises:
        UnknownClient: nothing is known of one of them.
    """
    found = _gathered(root, chosen(families))
    yield from (hit for weight in (Weight.BREAKS, Weight.CHANGES) for hit in _told(found, weight, chosen(families)))


def degradations(root: etree._Element, families: Sequence[str] = ()) -> Iterator[ClientHit]:
    """Yield the refinements of a mail that some mail programs do not show and that its readers need not miss, as notes.

    Args and errors are those of `hits`.
    """
    yield from _told(_gathered(root, chosen(families)), Weight.HARMLESS, chosen(families))


def rules() -> frozenset[str]:
    """Return the names of all rules that `hits` and `degradations` know."""
    return frozenset(f"client.{name}" for name in (*seen(), *TRAPS))


@dataclass(slots=True)
class _Places:
    """All uses of one feature that weigh the same."""

    first: Use
    count: int
    clients: set[Client]


def _gathered(root: etree._Element, among: tuple[Client, ...]) -> dict[tuple[str, Weight], _Places]:
    found: dict[tuple[str, Weight], _Places] = {}
    for use in uses(root):
        rule = use.found.rule
        clients = _failing(rule, among, kept=use.kept, unseen_by_word=use.unseen_by_word)
        if not clients:
            continue
        weight = use.found.weight or weight_of(rule)
        places = found.setdefault((rule, weight), _Places(use, 0, set()))
        places.count += 1
        places.clients |= clients
        if 0 < use.line < places.first.line:
            places.first = use
    return found


def _told(found: dict[tuple[str, Weight], _Places], weight: Weight, among: tuple[Client, ...]) -> Iterator[ClientHit]:
    severity = Severity.ERROR if weight is Weight.BREAKS else Severity.NOTE
    for (rule, own), places in sorted(found.items(), key=lambda item: item[0][0]):
        if own is not weight:
            continue
        consequence, cure = advice_on(rule, weight)
        affected = sorted(places.clients, key=lambda one: one.column)
        # Who drops kept styles is not reached by the feature in them, and spoils no family's name.
        spared = _dropping(among) & _failing(rule, among, kept=False, unseen_by_word=False)
        names = spoken(affected, among, _row(rule), spared)
        use, degree = places.first, "a" if rule in TRAPS else "n"
        yield ClientHit(
            rule=f"client.{rule}",
            severity=severity,
            feature=use.found.shown,
            clients=names,
            degree=degree,
            consequence=consequence,
            cure=cure,
            line=use.line,
            count=places.count,
            element=use.element,
        )


def _row(rule: str) -> str:
    return table().features[feature_of(rule)]


@cache
def _failing(rule: str, among: tuple[Client, ...], *, kept: bool, unseen_by_word: bool) -> frozenset[Client]:
    """Return the clients in which a use of a feature fails.

    Args:
        kept: whether it stands in a style element: who drops these is never reached by it.
        unseen_by_word: whether Outlook for Windows does not see it.
    """
    row, dropping = _row(rule), _dropping(among)
    return frozenset(
        one
        for one in _asked(rule, among)
        if row[one.column] in ("an" if rule in TRAPS else "n")
        and not (kept and one in dropping)
        and not (unseen_by_word and one.key.startswith("outlook/windows"))
    )


@cache
def _dropping(among: tuple[Client, ...]) -> frozenset[Client]:
    """Return the clients that drop every style element."""
    row = _row("html-style")
    return frozenset(one for one in among if row[one.column] == "n")


def _asked(rule: str, among: tuple[Client, ...]) -> Iterable[Client]:
    """Return the clients that a rule is about."""
    trap = TRAPS.get(rule)
    return among if trap is None or not trap.clients else [one for one in among if one.key.startswith(trap.clients)]
