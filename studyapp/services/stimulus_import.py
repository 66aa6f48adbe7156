"""Import sounds into a stimulus set: read, check, measure and keep each file, or say why not."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet

from studyapp.errors import AudioError, ImportFailed
from studyapp.models import RejectedFile, SetMember, Stimulus, StimulusImport, StimulusSet, User
from studyapp.services import media
from studyapp.services.machines import ScoreRow, ensure_machine, record_scores
from studyapp.services.stimulus_files import FoundFile, Listing, RefusedFile
from studyapp.services.stimulus_layouts import DCASE_2023_TEAMS, list_files
from studyapp.sound.audit import AudioFacts, measure
from studyapp.sound.decode import MAX_FILE_BYTES, Decoder
from studyapp.vocab import Rejection

BATCH = 50  # files per transaction: decoding happens outside, so the write lock is held for milliseconds
SUFFIXES = {"WAV": ".wav", "FLAC": ".flac", "OGG": ".ogg", "MP3": ".mp3"}
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class _ReadFile:
    """A file that was read and measured, and is kept in the media storage."""

    found: FoundFile
    sha256: str
    n_bytes: int
    audio_path: str
    container: str
    subtype: str
    facts: AudioFacts


@dataclass(frozen=True, kw_only=True)
class _KnownFile:
    """A file that the set holds already: the same bytes under the same name."""

    found: FoundFile


_Result = _ReadFile | _KnownFile | RefusedFile


def import_stimuli(
    *,
    path: Path,
    set_slug: str,
    layout: str = "auto",
    owner: User | None = None,
    title: str = "",
    description: str = "",
    caution: str = "",
    is_stand_in: bool = False,
    include_baseline: bool = False,
    progress: Progress | None = None,
) -> StimulusImport:
    """Import the sounds below a folder (or named by a manifest) into the set, made when it does not exist.

    Every file becomes a stimulus, or a rejected file with its reason, or is already in the set. `progress` is called
    with the files done and the files in all. Interrupted, it leaves what it has done; run again, it does the rest.
    Raises ImportFailed when there is nothing to import, or the set or the manifest cannot be used.
    """
    listing = list_files(Path(path), layout, include_baseline=include_baseline)
    stimulus_set = _ready_set(set_slug, listing, owner, title, description, caution, is_stand_in)
    return import_listing(listing=listing, record=begin_import(stimulus_set, listing), progress=progress)


def begin_import(stimulus_set: StimulusSet, listing: Listing) -> StimulusImport:
    """Record that an import begins. Raises ImportFailed for a set that takes none."""
    check_takes_imports(stimulus_set)
    return StimulusImport.objects.create(stimulus_set=stimulus_set, layout=listing.layout, source=listing.source[:200])


def check_takes_imports(stimulus_set: StimulusSet) -> None:
    """Raise ImportFailed for a set that was chosen from others: its sounds belong to those."""
    if stimulus_set.provenance and stimulus_set.provenance.get("kind") != "import":
        raise ImportFailed(f"the set {stimulus_set.slug} is a selection; import into another set")


def import_listing(*, listing: Listing, record: StimulusImport, progress: Progress | None = None) -> StimulusImport:
    """Import what a layout found, and count it in the record. What `progress` raises ends it after a whole batch."""
    stimulus_set = record.stimulus_set
    total = len(listing.found) + len(listing.refused)
    kept: list[FoundFile] = []
    with Decoder() as decoder:
        results = _results(listing, decoder, _KnownContent(stimulus_set.own_stimuli.all()))
        while batch := list(islice(results, BATCH)):
            kept += _store_batch(record, batch)
            if progress is not None:
                progress(record.n_found, total)
    _record_decisions(stimulus_set, kept)
    return record


def _ready_set(
    slug: str, listing: Listing, owner: User | None, title: str, description: str, caution: str, is_stand_in: bool
) -> StimulusSet:
    if not re.fullmatch(r"[-a-zA-Z0-9_]{1,80}", slug):
        raise ImportFailed(f"the set's name {slug!r} must be 1 to 80 letters, digits, hyphens or underscores")
    stimulus_set, _ = StimulusSet.objects.get_or_create(
        slug=slug,
        defaults={
            "title": title,
            "description": description,
            "caution": caution,
            "is_stand_in": is_stand_in,
            "owner": owner,
            "provenance": {"kind": "import", "layout": listing.layout, "source": listing.source},
        },
    )
    check_takes_imports(stimulus_set)
    if stimulus_set.is_stand_in != is_stand_in:
        held, other = ("synthetic stand-ins", "real clips") if stimulus_set.is_stand_in else ("real clips", "stand-ins")
        raise ImportFailed(f"the set {slug} holds {held}, which never mix with {other}; import into another set")
    return stimulus_set


class _KnownContent:
    """What the set holds, and what this import has met: contents and names, so that neither comes twice."""

    def __init__(self, stimuli: QuerySet[Stimulus]) -> None:
        self._names = dict(stimuli.values_list("sha256", "name"))
        self._taken = set(self._names.values())

    def judge(self, found: FoundFile, sha256: str) -> _KnownFile | RefusedFile | None:
        """Return what is known of the file; None when it is new (and remember it)."""
        first = self._names.get(sha256)
        if first == found.name:
            return _KnownFile(found=found)
        if first is not None:
            return RefusedFile(name=found.name, reason=Rejection.DUPLICATE, detail=f"the same bytes as {first}")
        if found.name in self._taken:
            return RefusedFile(
                name=found.name,
                reason=Rejection.DUPLICATE,
                detail="the set holds another sound under this name; use another set",
            )
        return None

    def remember(self, found: FoundFile, sha256: str) -> None:
        self._names[sha256] = found.name
        self._taken.add(found.name)


def _results(listing: Listing, decoder: Decoder, known: _KnownContent) -> Iterator[_Result]:
    for found in listing.found:
        yield _read(found, decoder, known)
    yield from listing.refused


def _read(found: FoundFile, decoder: Decoder, known: _KnownContent) -> _Result:
    """Read, check and measure one file, and keep its bytes."""
    try:
        content = _content(found.path)
        sha256 = hashlib.sha256(content).hexdigest()
        if found.expected_sha256 and found.expected_sha256 != sha256:
            raise AudioError(Rejection.HASH_MISMATCH, f"its SHA-256 is {sha256}, not the manifest's")
        judged = known.judge(found, sha256)
        if judged is not None:
            return judged
        audio = decoder.decode(found.path)
        facts = measure(audio.samples, audio.sample_rate_hz)
    except AudioError as error:
        return RefusedFile(name=found.name, reason=Rejection(error.reason), detail=error.detail)
    name = media.store(f"audio/{sha256[:2]}/{sha256}{SUFFIXES[audio.container]}", content)
    known.remember(found, sha256)
    return _ReadFile(
        found=found,
        sha256=sha256,
        n_bytes=len(content),
        audio_path=name,
        container=audio.container,
        subtype=audio.subtype,
        facts=facts,
    )


def _content(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > MAX_FILE_BYTES:
            raise AudioError(Rejection.TOO_LARGE, f"{path.stat().st_size} bytes; at most {MAX_FILE_BYTES} are read")
        if path.exists() and not path.is_file():
            raise AudioError(Rejection.UNREADABLE, "not a regular file")
        content = path.read_bytes()
    except FileNotFoundError:
        raise AudioError(Rejection.MISSING, "there is no such file") from None
    except OSError as error:
        raise AudioError(Rejection.UNREADABLE, f"cannot be opened: {error.strerror}") from None
    if not content:
        raise AudioError(Rejection.EMPTY, "the file has no bytes")
    return content


@transaction.atomic
def _store_batch(record: StimulusImport, batch: list[_Result]) -> list[FoundFile]:
    """Write the rows of a batch, bring the import's counts up to date, and return the files that the set now holds."""
    stimulus_set = StimulusSet.objects.select_for_update().get(pk=record.stimulus_set_id)
    batch = _judge_again(stimulus_set, batch)
    stimuli = Stimulus.objects.bulk_create(
        [_stimulus(stimulus_set, result) for result in batch if isinstance(result, _ReadFile)]
    )
    position = stimulus_set.members.count()
    SetMember.objects.bulk_create(
        SetMember(stimulus_set=stimulus_set, stimulus=stimulus, position=position + index)
        for index, stimulus in enumerate(stimuli)
    )
    refused = [result for result in batch if isinstance(result, RefusedFile)]
    RejectedFile.objects.bulk_create(
        RejectedFile(stimulus_import=record, name=each.name, reason=each.reason.value, detail=each.detail)
        for each in refused
    )
    record.n_found += len(batch)
    record.n_imported += len(stimuli)
    record.n_rejected += len(refused)
    record.save(update_fields=["n_found", "n_imported", "n_rejected"])
    return [result.found for result in batch if not isinstance(result, RefusedFile)]


def _judge_again(stimulus_set: StimulusSet, batch: list[_Result]) -> list[_Result]:
    """Return the batch without what another import has put into the set since this one looked."""
    hashes = [result.sha256 for result in batch if isinstance(result, _ReadFile)]
    names = [result.found.name for result in batch if isinstance(result, _ReadFile)]
    known = _KnownContent(stimulus_set.own_stimuli.filter(Q(sha256__in=hashes) | Q(name__in=names)))
    return [
        (known.judge(result.found, result.sha256) or result) if isinstance(result, _ReadFile) else result
        for result in batch
    ]


def _stimulus(stimulus_set: StimulusSet, result: _ReadFile) -> Stimulus:
    found = result.found
    return Stimulus(
        home_set=stimulus_set,
        sha256=result.sha256,
        name=found.name,
        label=found.label.value,
        category=found.category,
        generator=found.generator,
        team=found.team or DCASE_2023_TEAMS.get(found.generator, ""),
        track=found.track,
        source_group=found.source_group,
        original_split=found.original_split,
        audio_path=result.audio_path,
        container=result.container,
        subtype=result.subtype,
        n_bytes=result.n_bytes,
        **asdict(result.facts),
    )


def _record_decisions(stimulus_set: StimulusSet, kept: list[FoundFile]) -> None:
    """Store what the manifest says that the paper's detector called each sound of it that the set holds.

    A refused file may share its name with another sound of the set, of which the manifest says nothing.
    """
    decisions = {found.name: found.machine_decision for found in kept if found.machine_decision is not None}
    if not decisions:
        return
    machine = ensure_machine(
        slug="ms-clap-paper",
        title="MS-CLAP, paper",
        description="The paper's detector on MS-CLAP vectors. Only its errors are known, as decisions without scores.",
        provenance={"kind": "manifest", "column": "machine_error"},
    )
    stimuli = Stimulus.objects.filter(home_set=stimulus_set).values_list("pk", "name")
    rows = [ScoreRow(stimulus_id=pk, decision=decisions[name]) for pk, name in stimuli if name in decisions]
    record_scores(machine=machine, rows=rows)
