"""Divide a corpus as a training asks for: the folds, and the clips under the labels that it learns."""

from detector.ml.config import BadTraining, HeadConfig, Protocol
from detector.ml.labels import permuted
from detector.ml.protocols.folds import make_folds, refuse_one_label
from detector.ml.splits import Fold
from detector.services.corpus import Corpus


def divided(corpus: Corpus, *, protocol: Protocol, seed: int, config: HeadConfig) -> tuple[list[Fold], Corpus]:
    """Return the folds, and the corpus with its own labels, or with permuted ones for a negative control.

    The true labels decide the division, the learned ones everything after it. Raises BadTraining.
    """
    folds = make_folds(protocol, corpus.facts, split_seed=config.split_seed)
    if not config.permute_labels:
        return folds, corpus
    learned = corpus.relabelled(permuted(corpus.is_fake, seed=seed))
    try:
        for fold in folds:
            refuse_one_label(fold, learned.is_fake, protocol)
    except BadTraining:
        raise BadTraining(
            "By chance the permuted labels leave a split with one label only. Take another seed, or a set with more "
            "clips of the rarer label."
        ) from None
    return folds, learned
