"""The account of a project in plain words, one line for each thing that is known."""

from __future__ import annotations

from collections.abc import Iterator

from alps.base.text_safety import for_terminal
from alps.labelling.account import (
    FEWEST_FOR_A_SHARE,
    NEXT,
    accuracy,
    audit_counts,
    class_shares,
    expected_gain,
    labels_saved,
    why_labels_saved_stay_unknown,
)
from alps.labelling.project import Project
from alps.labelling.trainings import latest_training, trainings


def told(project: Project) -> Iterator[str]:
    """Lines about the newest model, the classes of the pool, the next labels and those saved."""
    training, known = latest_training(project), accuracy(project)
    failed = [each for each in trainings(project) if training is None or each.number > training.number]
    if failed and failed[-1].state == "failed":
        yield f"the last training failed and will be tried again: {for_terminal(failed[-1].error or '', 200)}"
    if training is None:
        yield "no model has been trained yet"
        return
    about = f"{training.classifier} on {training.n_labels} labels"
    if known is None:
        yield f"model: {about}; how good it is will be known when texts of the audit are labelled"
        return
    if known.n < FEWEST_FOR_A_SHARE:
        yield (
            f"model: {about}, right on {round(known.estimate * known.n)} of {known.n} texts drawn at random; "
            f"how good it is will be known from {FEWEST_FOR_A_SHARE} on"
        )
        return
    yield (
        f"model: {about}, right on {known.estimate:.0%} of texts drawn at random "
        f"({known.low:.0%} to {known.high:.0%} with 95 % confidence, however often one looks; {known.n} texts)"
    )
    shares = [
        f"{for_terminal(name, 40)} {share.estimate:.0%} ({share.low:.0%} to {share.high:.0%})"
        for name, share in class_shares(project).items()
        if share.n
    ]
    yield f"classes of the pool: {', '.join(shares)}"
    gain, saved = expected_gain(project), labels_saved(project)
    if gain is not None:
        yield (
            f"the next {NEXT} labels may bring {100 * gain.estimate:.1f} points of accuracy "
            f"({100 * gain.low:.1f} to {100 * gain.high:.1f}; an extrapolation)"
        )
    counts = audit_counts(project)
    never = why_labels_saved_stay_unknown(project) if saved is None else None
    if never is not None:
        yield f"labels saved against random: cannot be told, because {never}"
        return
    if saved is None:
        yield (
            f"labels saved against random: told from {counts['needed_against_random']} labels of the audit on; "
            f"there are {counts['labelled']}"
        )
        return
    beyond = f"more than {saved.most}"
    high = str(saved.high) if saved.high is not None else beyond
    if not saved.certain:
        yield (
            f"labels saved against random: cannot be told from {saved.n} labels of the audit, "
            f"anything from {saved.low} to {high}; more of them narrow it"
        )
        return
    middle = beyond if saved.estimate is None else f"about {saved.estimate}"
    pool = f"; the pool has only {saved.most} more" if saved.high is None else ""
    yield f"labels saved against random, an extrapolation: {middle} ({saved.low} to {high}{pool})"
