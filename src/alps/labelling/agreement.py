"""How far annotators agree, beyond what chance would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations


def krippendorff_alpha(units: Sequence[Sequence[str]]) -> float | None:
    """
    Krippendorff's alpha for nominal values: 1 is perfect agreement, 0 is chance.

    alpha = 1 - (n - 1) * sum over units of o_u / sum over c != k of n_c n_k, where o_u = (pairs that differ) /
    (m_u - 1): Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, section C.

    Parameters
    ----------
    units
        The values that each unit was given; a unit with fewer than two says nothing.

    Returns
    -------
    float or None
        None where no unit has two values, or all values are the same, so that there is nothing to agree on.

    Examples
    --------
    >>> krippendorff_alpha([["a", "a"], ["b", "b"], ["a", "b"]])
    0.444...
    >>> krippendorff_alpha([["a"], ["b"]]) is None
    True

    """
    paired = [Counter(unit) for unit in units if len(unit) > 1]
    totals = Counter[str]()
    observed = 0.0
    for counts in paired:
        totals.update(counts)
        observed += _differing_pairs(counts) / (counts.total() - 1)
    expected = _differing_pairs(totals)
    return None if expected == 0 else 1 - (totals.total() - 1) * observed / expected


def _differing_pairs(counts: Counter[str]) -> int:
    """Ordered pairs of different values."""
    return counts.total() ** 2 - sum(n * n for n in counts.values())


def mean_cohen_kappa(answers: Mapping[str, Mapping[str, str]]) -> float | None:
    """
    Cohen's kappa of every two annotators, averaged with the number of their common texts as weights.

    Parameters
    ----------
    answers
        Text -> annotator -> value.

    Returns
    -------
    float or None
        None where no two annotators have texts in common on which more than one value was given.

    Examples
    --------
    >>> by_two = [("a", "a"), ("a", "a"), ("b", "b"), ("a", "b")]
    >>> mean_cohen_kappa({str(i): dict(zip(("Ann", "Bo"), pair)) for i, pair in enumerate(by_two)})
    0.5

    """
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for given in answers.values():
        for first, second in combinations(sorted(given), 2):
            pairs.setdefault((first, second), []).append((given[first], given[second]))
    pairs = {names: values for names, values in pairs.items() if len({*sum(values, ())}) > 1}
    if not pairs:
        return None
    from sklearn.metrics import cohen_kappa_score

    kappas = [float(cohen_kappa_score(*zip(*values, strict=True))) for values in pairs.values()]
    weights = [len(values) for values in pairs.values()]
    return sum(k * w for k, w in zip(kappas, weights, strict=True)) / sum(weights)
