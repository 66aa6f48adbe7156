"""The weights of encoders: which files there are, which of them are here, and what to do about those that are not."""

from dataclasses import dataclass
from difflib import get_close_matches

from detector.ml.embeddings.registry import all_encoders, all_sources
from detector.ml.embeddings.spec import EncoderSpec, WeightsSource, missing_packages, packaged_weights
from detector.models import Weights
from studyapp.errors import NotFound
from studyapp.services import media

INSTALL = "pip install --no-deps -r requirements-nodeps.txt"
INSTALL_NETWORKS = f"pip install -r requirements.txt && {INSTALL}"


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """Where weights come from, and whether their file is here (its hash is checked when it is used).

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
            return "its full SHA-256 is not published, and will be recorded at first use"
        if self.source.sha256 and self.source.md5:
            return f"SHA-256 {self.sha256}, MD5 {self.source.md5}"
        return f"SHA-256 {self.sha256}{'' if self.source.sha256 else ', recorded here at first use'}"

    @property
    def identity_words(self) -> str:
        """What the file is recognised by, with the values, and its full SHA-256."""
        if self.source.sha256:
            return self.sha256_words
        return f"{self.known_by}, {self.source.sha256_prefix or self.source.md5}; {self.sha256_words}"


@dataclass(frozen=True, kw_only=True)
class EncoderRow:
    """An encoder, the state of its weights, and the packages of its network that are not installed."""

    spec: EncoderSpec
    weights: SourceRow
    missing: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        return self.weights.is_ready and not self.missing

    @property
    def command(self) -> str:
        """What to type next to make it ready; empty when it is."""
        return INSTALL_NETWORKS if self.missing else self.weights.command

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
        with_files = [each.name for each in sources.values() if known_by(each)]
        close = f" Did you mean {each[0]}?" if (each := get_close_matches(name, with_files, n=1)) else ""
        raise NotFound(f"There are no weights named {name!r}.{close} There are: {', '.join(with_files)}.")
    return sources[name]


def users_of(source: WeightsSource) -> list[str]:
    """Return the names of the encoders that need the weights."""
    return [spec.name for spec in all_encoders().values() if spec.weights.name == source.name]


def source_rows() -> list[SourceRow]:
    """Return every source of weights but those that are drawn at random; one query."""
    return [row for row in _rows().values() if row.source.kind != "random"]


def encoder_rows() -> list[EncoderRow]:
    """Return every encoder, each followed by its variants; loads none, in one query."""
    sources = _rows()
    specs = all_encoders()
    places = {name: place for place, name in enumerate(specs)}

    def order(spec: EncoderSpec) -> tuple[int, bool, int]:
        return places.get(spec.variant_of, places[spec.name]), bool(spec.variant_of), places[spec.name]

    ordered = sorted(specs.values(), key=order)
    return [
        EncoderRow(spec=spec, weights=sources[spec.weights.name], missing=tuple(missing_packages(spec)))
        for spec in ordered
    ]


def problem_with_encoder(spec: EncoderSpec) -> str:
    """Return "" when it is ready, else what is wrong and what to do; one query at most, no hashing."""
    source = spec.weights
    if missing := missing_packages(spec):
        return f"{spec.name} needs the packages {', '.join(missing)}, which are not installed. Run: {INSTALL_NETWORKS}"
    kept = Weights.objects.filter(name=source.name).first() if source.kind == "download" else None
    if _row(source, kept).is_ready:
        return ""
    if kept is not None and _is_of(kept, source):
        return f"The stored file of the weights {source.name} is missing. {how_to_get(source)}"
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
    return "It needs no file."


def _rows() -> dict[str, SourceRow]:
    kept = {row.name: row for row in Weights.objects.all()}
    return {name: _row(source, kept.get(name)) for name, source in all_sources().items()}


def _row(source: WeightsSource, kept: Weights | None) -> SourceRow:
    command = ""
    is_ready = True
    if source.kind == "download":
        is_ready = kept is not None and _is_of(kept, source) and media.exists(kept.file_name)
        command = f"manage.py weights fetch {source.name}"
    elif source.kind == "package":
        is_ready = packaged_weights(source) is not None
        command = INSTALL
    return SourceRow(source=source, kept=kept, is_ready=is_ready, command="" if is_ready else command)


def _is_of(kept: Weights, source: WeightsSource) -> bool:
    return source.sha256 in ("", kept.source_sha256)


def encoder_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a form offers: the encoders that are ready, then the others; groups of (name, words)."""
    rows = encoder_rows()
    groups = (("Ready", True), ("Not ready: weights or a package are missing", False))
    choices = [
        (words, [(row.spec.name, f"{row.spec.title} ({row.spec.name})") for row in rows if row.is_ready is is_ready])
        for words, is_ready in groups
    ]
    return [(words, options) for words, options in choices if options]
