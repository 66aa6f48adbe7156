"""The weights of encoders: which files there are, which of them are here, and what to do about those that are not."""

from dataclasses import dataclass

from detector.ml.embeddings.registry import all_encoders, all_sources
from detector.ml.embeddings.spec import EncoderSpec, WeightsSource, packaged_weights
from detector.models import Weights
from studyapp.errors import NotFound

INSTALL = "pip install --no-deps -r requirements-nodeps.txt"


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """Where weights come from, and whether they are here (their hash is checked when they are used).

    kept: the row of a converted download. command: what to type to get them; empty when they are here.
    """

    source: WeightsSource
    kept: Weights | None
    is_ready: bool
    command: str

    @property
    def known_by(self) -> str:
        """What the file is recognised by, in words; empty where there is no file."""
        return known_by(self.source)

    @property
    def sha256(self) -> str:
        """The published file's full SHA-256, hex; empty where none is published or recorded."""
        return self.source.sha256 or (self.kept.source_sha256 if self.kept else "")

    @property
    def sha256_words(self) -> str:
        """The full SHA-256, and whether it was published or recorded here."""
        if not self.sha256:
            return "no full SHA-256 is published; it is recorded at first use"
        return f"SHA-256 {self.sha256}{'' if self.source.sha256 else ', recorded here at first use'}"


@dataclass(frozen=True, kw_only=True)
class EncoderRow:
    """An encoder and the state of its weights."""

    spec: EncoderSpec
    weights: SourceRow

    @property
    def is_ready(self) -> bool:
        return self.weights.is_ready

    @property
    def is_control(self) -> bool:
        """Whether it is a negative control: the network with values that were never trained."""
        return self.spec.weights.kind == "random"


def known_by(source: WeightsSource) -> str:
    """Return in words what a file of the source is recognised by; empty where there is no file."""
    if source.kind in ("random", "none"):
        return ""
    if source.sha256:
        return "SHA-256"
    if source.sha256_prefix:
        return f"size and {len(source.sha256_prefix)} digits of the SHA-256"
    return "size and MD5"


def weights_source(name: str) -> WeightsSource:
    """Return the source of that name. Raises NotFound, with the names that exist."""
    sources = all_sources()
    if name not in sources:
        raise NotFound(f"There are no weights named {name!r}. There are: {', '.join(sources)}.")
    return sources[name]


def users_of(source: WeightsSource) -> list[str]:
    """Return the names of the encoders that need the weights."""
    return [spec.name for spec in all_encoders().values() if spec.weights.name == source.name]


def source_rows() -> list[SourceRow]:
    """Return every source of weights that has a file; one query."""
    return [row for row in _rows().values() if row.known_by]


def encoder_rows() -> list[EncoderRow]:
    """Return every encoder, each followed by its variants; loads none, in one query."""
    sources = _rows()
    specs = all_encoders()
    places = {name: place for place, name in enumerate(specs)}

    def order(spec: EncoderSpec) -> tuple[int, bool, int]:
        return places.get(spec.variant_of, places[spec.name]), bool(spec.variant_of), places[spec.name]

    ordered = sorted(specs.values(), key=order)
    return [EncoderRow(spec=spec, weights=sources[spec.weights.name]) for spec in ordered]


def problem_with_weights(source: WeightsSource) -> str:
    """Return "" when the weights are here, else what is wrong and what to do; one query at most, no hashing."""
    kept = Weights.objects.filter(name=source.name).first() if source.kind == "download" else None
    if _row(source, kept).is_ready:
        return ""
    if kept is not None:
        return f"The weights {source.name} here are of another file than the recipe's. {how_to_get(source)}"
    return f"The weights {source.name} are missing. {how_to_get(source)}"


def how_to_get(source: WeightsSource) -> str:
    """Return what to do to get the weights, in a sentence."""
    if source.kind == "download":
        return (
            f"Run `manage.py weights fetch {source.name}`; or download {source.file} from {source.url} and run "
            f"`manage.py weights add {source.name} FILE`."
        )
    if source.kind == "package":
        return f"They are inside the package {source.package}: {INSTALL}"
    return "It has no file of weights; nothing is to be done."


def _rows() -> dict[str, SourceRow]:
    kept = {row.name: row for row in Weights.objects.all()}
    return {name: _row(source, kept.get(name)) for name, source in all_sources().items()}


def _row(source: WeightsSource, kept: Weights | None) -> SourceRow:
    command = ""
    is_ready = True
    if source.kind == "download":
        is_ready = kept is not None and source.sha256 in ("", kept.source_sha256)
        command = f"manage.py weights fetch {source.name}"
    elif source.kind == "package":
        is_ready = packaged_weights(source) is not None
        command = INSTALL
    return SourceRow(source=source, kept=kept, is_ready=is_ready, command="" if is_ready else command)


def encoder_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a form offers: the encoders that are ready, then those without weights; groups of (name, words)."""
    rows = encoder_rows()
    groups = (("Ready", True), ("Weights are missing", False))
    choices = [
        (words, [(row.spec.name, f"{row.spec.title} ({row.spec.name})") for row in rows if row.is_ready is is_ready])
        for words, is_ready in groups
    ]
    return [(words, options) for words, options in choices if options]
