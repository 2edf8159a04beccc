"""
The table of strategies.

A strategy is one row. Other packages add rows through the entry-point group ``alps.strategies``, whose entries name a
`Strategy`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from alps.base.errors import AlpsError
from alps.strategies.strategy import Strategy

DEFAULT_STRATEGY = "stratified"  # docs/results says why

_PAPER = "Yuan, Lin & Boyd-Graber, EMNLP 2020"
_MASKED_LANGUAGE_MODEL = frozenset({"masked language model"})
_ENCODER = frozenset({"encoder"})
_CLASSIFIER = frozenset({"classifier"})
_PROMPT = frozenset({"masked language model", "encoder", "label words"})
_FINE_TUNED = frozenset({"classifier", "fine-tuned encoder"})

_ROWS = (
    Strategy(
        name="alps",
        summary="The paper's method: texts that surprise a language model, long ones more often.",
        representation="surprisal",
        selector="kmeans",
        needs=_MASKED_LANGUAGE_MODEL,
        cost="O(t k n l)",
        source=f"{_PAPER}, Algorithm 1 and section 4.2",
    ),
    Strategy(
        name="alps-kmeans++",
        summary="ALPS with k-means++ sampling: spreads out more, also away from what is labelled.",
        representation="surprisal",
        selector="kmeans_plus_plus",
        needs=_MASKED_LANGUAGE_MODEL,
        uses_labelled=True,
        cost="O(k n l)",
        source=f"{_PAPER}, appendix A.3",
    ),
    Strategy(
        name="alps-masked",
        summary="ALPS with masked input: the evaluated tokens are hidden from the language model.",
        representation="surprisal",
        selector="kmeans",
        needs=_MASKED_LANGUAGE_MODEL,
        cost="O(t k n l)",
        source=f"{_PAPER}, appendix A.3",
        representation_options={"masked": True},
    ),
    Strategy(
        name="alps-tokens",
        summary="ALPS with every token evaluated: for short texts, where 15 % of the tokens are often none.",
        representation="surprisal",
        selector="kmeans",
        needs=_MASKED_LANGUAGE_MODEL,
        cost="O(t k n l)",
        source=f"{_PAPER}, appendix A.3",
        representation_defaults={"evaluated_fraction": 1.0},
    ),
    Strategy(
        name="alps-single",
        summary="ALPS with the texts of all rounds chosen at once, in an order whose beginnings are good batches.",
        representation="surprisal",
        selector="kmeans",
        needs=_MASKED_LANGUAGE_MODEL,
        schedule="all at once",
        cost="O(t k n l), once for all rounds",
        source=f"{_PAPER}, appendix A.3, where every number of labels has a batch of its own",
    ),
    Strategy(
        name="alps-encoder",
        summary="Surprisal and encoder embeddings joined: what is strange about texts and what they mean.",
        representation="joined",
        selector="kmeans",
        needs=_MASKED_LANGUAGE_MODEL | _ENCODER,
        cost="O(t k n (l + d))",
        source="alps; a sum of the two squared distances",
    ),
    Strategy(
        name="bert-km",
        summary="Cluster what texts mean: a good first batch for a probe, above all where the classes are topics.",
        representation="encoding",
        selector="kmeans",
        needs=_ENCODER,
        cost="O(t k n d)",
        source=f"{_PAPER}, section 5.2",
    ),
    Strategy(
        name="bert-km-weighted",
        summary="BERT-KM whose texts count in training by the sizes of their clusters: the pool's mix of classes back.",
        representation="encoding",
        selector="kmeans",
        needs=_ENCODER,
        gives_weights=True,
        cost="O(t k n d)",
        source="alps; BERT-KM with importance weights",
    ),
    Strategy(
        name="ft-bert-km",
        summary="Cluster what texts mean to the classifier that was fine-tuned on the labels so far.",
        representation="encoding",
        selector="kmeans",
        needs=_FINE_TUNED,
        first_batch="bert-km",
        cost="O(t k n d)",
        source=f"{_PAPER}, section 5.2",
    ),
    Strategy(
        name="stratified",
        summary="About one random text from each of k equal-size clusters: Random's mix of classes, less variance.",
        representation="encoding",
        selector="stratified",
        needs=_ENCODER,
        keeps_order=True,
        cost="O(t n d log k)",
        source="Cochran, Sampling Techniques, 1977, chapter 5; Deville & Tille, Biometrika 1998",
    ),
    Strategy(
        name="stratified-surprisal",
        summary="The same on surprisal embeddings.",
        representation="surprisal",
        selector="stratified",
        needs=_MASKED_LANGUAGE_MODEL,
        keeps_order=True,
        cost="O(t n l log k)",
        source="as stratified",
    ),
    Strategy(
        name="stratified-joined",
        summary="The same on surprisal and encoder embeddings joined.",
        representation="joined",
        selector="stratified",
        needs=_MASKED_LANGUAGE_MODEL | _ENCODER,
        keeps_order=True,
        cost="O(t n (l + d) log k)",
        source="as stratified",
    ),
    Strategy(
        name="stratified-systematic",
        summary="A systematic sample over clusters of any size: quicker where k is large.",
        representation="encoding",
        selector="stratified",
        needs=_ENCODER,
        keeps_order=True,
        cost="O(t n d)",
        source="Madow, Annals of Mathematical Statistics 1949",
        selector_options={"strata": "free"},
    ),
    Strategy(
        name="coreset",
        summary="The farthest text first: covers the pool, outliers included.",
        representation="encoding",
        selector="k_center",
        needs=_ENCODER,
        uses_labelled=True,
        keeps_order=True,
        cost="O(k n d)",
        source="Sener & Savarese, ICLR 2018, algorithm 1",
    ),
    Strategy(
        name="coreset-finetuned",
        summary="The same on the embeddings of the fine-tuned classifier; scaled to norm 1, which theirs are not.",
        representation="encoding",
        selector="k_center",
        needs=_FINE_TUNED,
        uses_labelled=True,
        keeps_order=True,
        cost="O(k n d)",
        source="Sener & Savarese, ICLR 2018, algorithm 1",
    ),
    Strategy(
        name="typiclust",
        summary="The most typical text of each cluster: for few labels per class.",
        representation="encoding",
        selector="typiclust",
        needs=_ENCODER,
        uses_labelled=True,
        keeps_order=True,
        cost="O(t k n d + n^2 d / k)",
        source="Hacohen, Dekel & Weinshall, ICML 2022",
    ),
    Strategy(
        name="maxherding",
        summary="Covers the pool under a smooth kernel, the densest parts first.",
        representation="encoding",
        selector="maxherding",
        needs=_ENCODER,
        uses_labelled=True,
        keeps_order=True,
        cost="O(n m d), m at most 4,096",
        source="Bae, Noh & Sutherland, ECCV 2024",
    ),
    Strategy(
        name="probcover",
        summary="Covers as many texts as possible with balls of one radius: for few labels per class.",
        representation="encoding",
        selector="prob_cover",
        needs=_ENCODER,
        uses_labelled=True,
        keeps_order=True,
        cost="O(n m d), m at most 32,768",
        source="Yehuda, Dekel, Hacohen & Weinshall, NeurIPS 2022",
    ),
    Strategy(
        name="usl",
        summary="One dense text of each cluster, away from those of the others.",
        representation="encoding",
        selector="usl",
        needs=_ENCODER,
        uses_labelled=True,
        cost="O(t k n d + n m d), m at most 32,768",
        source="Wang, Lian & Yu, ECCV 2022",
    ),
    Strategy(
        name="patron",
        summary="Texts whose class a language model is unsure of, one of each cluster: where words name the classes.",
        representation="prompting",
        selector="patron",
        needs=_PROMPT,
        cost="O(t k n d + n m d), m at most 32,768",
        source="Yu et al., ACL 2023",
        multi_label=False,
    ),
    Strategy(
        name="patron-released",
        summary="PATRON as its authors' code has it: not calibrated, and drawn to where clusters are far apart.",
        representation="prompting",
        selector="patron",
        needs=_PROMPT,
        cost="O(t k n d + n m d), m at most 32,768",
        source="the released code of Yu et al., ACL 2023",
        selector_options={"form": "released"},
        multi_label=False,
    ),
    Strategy(
        name="entropy",
        summary="The texts whose predicted class is least certain: not where many texts fit no class well.",
        representation="prediction",
        selector="top_k",
        needs=_CLASSIFIER,
        keeps_order=True,
        cost="O(n C)",
        source="Lewis & Gale, SIGIR 1994",
    ),
    Strategy(
        name="least-confidence",
        summary="The texts whose likeliest class is least likely.",
        representation="prediction",
        selector="top_k",
        needs=_CLASSIFIER,
        keeps_order=True,
        cost="O(n C)",
        source="Lewis & Gale, SIGIR 1994",
        selector_options={"score": "least-confidence"},
    ),
    Strategy(
        name="margin",
        summary="The texts with the closest race between two classes: a good first choice once there are labels.",
        representation="prediction",
        selector="top_k",
        needs=_CLASSIFIER,
        keeps_order=True,
        cost="O(n C)",
        source="Scheffer, Decomain & Wrobel, IDA 2001",
        selector_options={"score": "margin"},
    ),
    Strategy(
        name="bald",
        summary="The texts whose label would tell most about the classifier: for small batches, for it repeats itself.",
        representation="prediction",
        selector="top_k",
        needs=_CLASSIFIER,
        keeps_order=True,
        cost="O(n C draws)",
        source="Houlsby et al., arXiv 1112.5745; draws: bootstrap with probe, dropout at the last layer with finetune",
        representation_options={"samples": True},
        selector_options={"score": "bald"},
    ),
    Strategy(
        name="batchbald",
        summary="The texts whose labels together would tell most about the classifier: BALD without repetition.",
        representation="prediction",
        selector="batch_bald",
        needs=_CLASSIFIER,
        keeps_order=True,
        cost="O(k C draws) for 1,000 texts and 10,000 configurations",
        source="Kirsch, van Amersfoort & Gal, NeurIPS 2019; draws as for bald",
        representation_options={"samples": True},
        multi_label=False,
    ),
    Strategy(
        name="egl",
        summary="The texts that would change the classifier most.",
        representation="prediction",
        selector="top_k",
        needs=_CLASSIFIER,
        keeps_order=True,
        cost="O(n C)",
        source="Settles, Craven & Ray, NeurIPS 2007, for the last layer",
        selector_options={"score": "egl"},
        multi_label=False,
    ),
    Strategy(
        name="badge",
        summary="Uncertain and different texts: k-means++ on gradients of the last layer.",
        representation="gradient",
        selector="kmeans_plus_plus",
        needs=_CLASSIFIER,
        keeps_order=True,
        cost="O(k n (C + d))",
        source="Ash et al., ICLR 2020",
        selector_options={"conditioned": False},
    ),
    Strategy(
        name="badge-normalised",
        summary="BADGE as the ALPS paper's authors ran it: gradients of length 1, so that uncertainty is lost.",
        representation="gradient",
        selector="kmeans_plus_plus",
        needs=_CLASSIFIER,
        keeps_order=True,
        cost="O(k n (C + d))",
        source="the released code of Yuan, Lin & Boyd-Graber, EMNLP 2020",
        representation_options={"normalised": True},
        selector_options={"conditioned": False},
    ),
    Strategy(
        name="cal",
        summary="Texts predicted otherwise than their nearest labelled texts.",
        representation="prediction",
        representation_options={"normalised": True},
        selector="cal",
        needs=_CLASSIFIER,
        keeps_order=True,
        cost="O(n m d) for m labelled texts",
        source="Margatina et al., EMNLP 2021",
        uses_labelled=True,
        needs_labels=True,
    ),
    Strategy(
        name="random",
        summary="The baseline that every other strategy must beat; needs no model.",
        representation=None,
        selector="random",
        keeps_order=True,
        cost="O(n)",
        source=f"{_PAPER}, section 5.2",
    ),
)


def strategies() -> dict[str, Strategy]:
    """Every strategy by name: ours, then those of other packages."""
    return dict(_strategies(tuple(sys.path)))


@cache
def _strategies(_: tuple[str, ...]) -> Mapping[str, Strategy]:
    """The same, looked for once for each path on which packages are found."""
    rows = {row.name: row for row in _ROWS}
    for entry in entry_points(group="alps.strategies"):
        try:
            row = entry.load()
        except (ImportError, AttributeError) as error:
            raise AlpsError(f"The entry point {entry.value} cannot be loaded ({error}); mend that package.") from error
        if not isinstance(row, Strategy) or row.name in rows:
            raise AlpsError(
                f"The entry point {entry.value} is not a strategy with a name of its own; mend that package."
            )
        rows[row.name] = row
    return rows


def find_strategy(name: str) -> Strategy:
    """
    The strategy of a name.

    Raises
    ------
    AlpsError
        When there is none; names the nearest one, or lists those there are.

    """
    table = strategies()
    if name not in table:
        from difflib import get_close_matches  # not at every start

        near = get_close_matches(name, table, 1, cutoff=0.75)
        advice = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(table)}."
        raise AlpsError(f"There is no strategy {name!r}; {advice}")
    return table[name]
