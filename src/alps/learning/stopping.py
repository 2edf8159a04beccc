"""
When to stop labelling: rules, each with its source, that combine with and / or.

A rule looks at where the labelling stands and says whether it is met, in a sentence for the person who labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from alps.base.text_safety import for_terminal


@dataclass(frozen=True)
class Standing:
    """
    Where a labelling stands.

    Attributes
    ----------
    n_labelled
        Labelled texts.
    texts_per_class
        Class -> labelled texts, of every class that is known, zero included.
    accuracy_low
        Lower end of an interval of the accuracy on texts drawn at random that holds at all times, such as
        `alps.analysis.confidence_sequence`; None before there is one.
    agreements
        Cohen's kappa between the predictions of each model and the one before it on one fixed set of texts; NaN where
        both name one class only, of which it is not defined.
    scores
        The accuracy after each round, or another score between 0 and 1.

    """

    n_labelled: int = 0
    texts_per_class: Mapping[str, int] = field(default_factory=dict)
    accuracy_low: float | None = None
    agreements: Sequence[float] = ()
    scores: Sequence[float] = ()


class Verdict(NamedTuple):
    """Whether a rule is met, and why, as a sentence without its full stop."""

    met: bool
    reason: str


@dataclass(frozen=True)
class Rule:
    """
    A stopping rule.

    Attributes
    ----------
    judge
        From a standing to a verdict.
    source
        Paper or method.

    """

    judge: Callable[[Standing], Verdict]
    source: str = ""

    def __and__(self, other: Rule) -> Rule:
        """A rule that is met when both are."""
        return _combined(all, self, other, "and")

    def __or__(self, other: Rule) -> Rule:
        """A rule that is met when either is."""
        return _combined(any, self, other, "or")

    def recommendation(self, standing: Standing) -> str:
        """
        What to do, in plain words.

        >>> budget(100).recommendation(Standing(n_labelled=80))
        'Go on: 80 of 100 texts are labelled.'
        """
        met, reason = self.judge(standing)
        return f"{'You may stop' if met else 'Go on'}: {reason}."


def budget(n: int) -> Rule:
    """Met when n texts are labelled."""
    return Rule(lambda now: Verdict(now.n_labelled >= n, f"{now.n_labelled:,} of {n:,} texts are labelled"), "a budget")


def target_accuracy(target: float) -> Rule:
    """Met when the accuracy is at least the target, with the confidence of its interval."""

    def judge(now: Standing) -> Verdict:
        if now.accuracy_low is None:
            return Verdict(False, "the accuracy is not known before random texts are labelled")
        said = f"the accuracy is at least {now.accuracy_low:.1%}"
        return Verdict(now.accuracy_low >= target, f"{said}, and {target:.1%} is the target")

    return Rule(judge, "confidence sequences: Robbins, Annals of Mathematical Statistics 1970")


def stable_predictions(agreement: float = 0.99, rounds: int = 3, *, apart: int | None = None) -> Rule:
    """
    Met when successive models have agreed that well, on the mean of the last rounds.

    Parameters
    ----------
    agreement
        Cohen's kappa.
    rounds
        Comparisons of a model with the one before it.
    apart
        At least so many labels were added between the two; it is told to the person. None: it is not known.

    """
    which = "a model with the one before it" if apart is None else f"two models trained at least {apart} labels apart"

    def judge(now: Standing) -> Verdict:
        if len(now.agreements) < rounds:
            so_far = f"{len(now.agreements)} of {rounds} comparisons of {which}"
            needed = _labels_needed(rounds - len(now.agreements), apart)
            return Verdict(False, f"it is too early to tell whether the predictions still change ({so_far}{needed})")
        mean = sum(now.agreements[-rounds:]) / rounds
        if math.isnan(mean):
            return Verdict(False, "some of the last models name one class only, so that their agreement says nothing")
        word = "hardly change" if mean >= agreement else "still change"
        over = f"over {rounds} comparisons of {which}"
        return Verdict(mean >= agreement, f"the predictions {word} (agreement {mean:.3f} {over})")

    return Rule(judge, "stabilizing predictions: Bloodgood & Vijay-Shanker, CoNLL 2009")


def falling_gain(gain: float = 0.005, rounds: int = 3, *, apart: int | None = None) -> Rule:
    """
    Met when the score has risen by less than this a round, on the mean of the last rounds.

    Parameters
    ----------
    gain
        A difference of scores.
    rounds
        Rounds of which the gain is averaged.
    apart
        At least so many labels were added in each; it is told to the person. None: it is not known.

    """
    which = "rounds" if apart is None else f"models trained at least {apart} labels apart"
    each = "round" if apart is None else f"step of at least {apart} labels"

    def judge(now: Standing) -> Verdict:
        if len(now.scores) <= rounds:
            so_far = f"known for {len(now.scores)} of {rounds + 1} {which}"
            needed = _labels_needed(min(rounds, rounds + 1 - len(now.scores)), apart)
            return Verdict(False, f"it is too early to tell whether the accuracy still rises ({so_far}{needed})")
        mean = (now.scores[-1] - now.scores[-1 - rounds]) / rounds
        told = f"the accuracy changed by {100 * mean:+.1f} points a {each}, over the last {rounds}"
        return Verdict(mean < gain, told)

    return Rule(judge, "the gradient of the score: Laws & Schuetze, COLING 2008")


def _labels_needed(n_rounds: int, apart: int | None) -> str:
    return "" if apart is None else f"; about {n_rounds * apart} more labels are needed"


def classes_seen(texts: int = 1) -> Rule:
    """Met when every class that is known has as many labelled texts."""

    def judge(now: Standing) -> Verdict:
        rare = [name for name, n in now.texts_per_class.items() if n < texts]
        if rare or not now.texts_per_class:
            named = ", ".join(for_terminal(name, 40) for name in rare[:3]) or "every class"
            more = f" and {len(rare) - 3} more" if len(rare) > 3 else ""
            have = "have" if len(rare) > 1 else "has"
            return Verdict(False, f"{named}{more} {have} fewer than {texts} labelled texts")
        return Verdict(True, f"every class has at least {texts} labelled texts")

    return Rule(judge, "coverage of the classes")


def _combined(join: Callable[[Sequence[bool]], bool], one: Rule, other: Rule, word: str) -> Rule:
    def judge(now: Standing) -> Verdict:
        verdicts = [one.judge(now), other.judge(now)]
        met = join([verdict.met for verdict in verdicts])
        # What decided is what the person needs to hear: of an unmet `and` the unmet parts, of a met `or` the met ones.
        deciding = [verdict.reason for verdict in verdicts if verdict.met == met]
        return Verdict(met, ", and ".join(deciding))

    return Rule(judge, f"({one.source}) {word} ({other.source})")
