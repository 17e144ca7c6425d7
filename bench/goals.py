"""What we want to be true of the figures, and whether it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from bench.process import Cost

#: Costs by contender and build, one a round, in the order of the rounds.
Costs = Mapping[tuple[str, str], Sequence[Cost]]


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for the ratio of two builds' costs."""

    number: int
    what: str
    over: tuple[str, str]
    under: tuple[str, str]
    bound: float
    sense: Literal["at most", "at least"] = "at most"
    measure: Literal["wall", "memory"] = "wall"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal beside what was measured."""

    goal: Goal
    #: Ratio of the medians of all rounds.
    of_medians: float
    #: Median of the ratios within each round: what slows down one round as a whole does not show here.
    of_pairs: float
    #: Ratio of the medians of processor time: a contender that keeps several cores busy pays more of it than of time.
    of_cpu: float

    @property
    def holds(self) -> bool:
        """Return whether both ratios keep within the bound."""
        ratios = (self.of_medians, self.of_pairs)
        if self.goal.sense == "at most":
            return max(ratios) <= self.goal.bound
        return min(ratios) >= self.goal.bound


PUBLISHER, ARCHIVES, HUGO = "publisher", "archives", "hugo"
GOALS = (
    Goal(1, "cold: publisher ÷ Hugo", (PUBLISHER, "cold"), (HUGO, "cold"), 0.8),
    Goal(2, "cold: Pelican ÷ publisher", ("pelican", "cold"), (PUBLISHER, "cold"), 15, "at least"),
    Goal(2, "cold: Eleventy ÷ publisher", ("eleventy", "cold"), (PUBLISHER, "cold"), 5, "at least"),
    Goal(3, "unchanged: publisher ÷ Hugo", (PUBLISHER, "unchanged"), (HUGO, "unchanged"), 0.1),
    Goal(4, "changed: publisher ÷ Hugo", (PUBLISHER, "changed"), (HUGO, "changed"), 0.2),
    Goal(5, "cold: publisher with archives ÷ Hugo", (ARCHIVES, "cold"), (HUGO, "cold"), 2),
    Goal(6, "memory: publisher ÷ Hugo", (PUBLISHER, "cold"), (HUGO, "cold"), 0.3, measure="memory"),
    Goal(
        6, "memory, unchanged: publisher ÷ Hugo", (PUBLISHER, "unchanged"), (HUGO, "unchanged"), 0.3, measure="memory"
    ),
    Goal(6, "memory: with archives ÷ Hugo", (ARCHIVES, "cold"), (HUGO, "cold"), 0.3, measure="memory"),
    Goal(6, "memory: twice the posts ÷ once", (PUBLISHER, "twice"), (PUBLISHER, "cold"), 1.3, measure="memory"),
    Goal(6, "memory: the same with archives", (ARCHIVES, "twice"), (ARCHIVES, "cold"), 1.3, measure="memory"),
)


def judge(goal: Goal, costs: Costs) -> Verdict | None:
    """Compare a goal with what was measured; None where one side was not."""
    if goal.over not in costs or goal.under not in costs:
        return None
    over, under = costs[goal.over], costs[goal.under]
    ours, theirs = ([float(getattr(cost, goal.measure)) for cost in side] for side in (over, under))
    return Verdict(
        goal,
        median(ours) / median(theirs),
        median(one / other for one, other in zip(ours, theirs, strict=True)),
        median(cost.cpu for cost in over) / median(cost.cpu for cost in under),
    )
