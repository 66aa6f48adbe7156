"""Encoders as this installation has them: their recipes with the hash of the weights that are really here."""

from dataclasses import replace

from detector.ml.embeddings.registry import encoder_spec
from detector.ml.embeddings.spec import EncoderSpec
from detector.models import Weights


def known_encoder(name: str) -> EncoderSpec:
    """Return the spec of that name; where no full hash of its weights is published, with the one recorded here.

    Raises NotFound for an unknown name. Without a published or recorded hash the spec has no fingerprint yet, and
    asking for it raises EncoderNotReady.
    """
    spec = encoder_spec(name)
    if spec.weights.kind != "download" or spec.weights.sha256:
        return spec
    row = Weights.objects.filter(name=spec.weights.name).first()
    return spec if row is None else replace(spec, weights=replace(spec.weights, sha256=row.source_sha256))
