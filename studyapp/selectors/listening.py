"""Read an experimenter's listening passes, and what came of them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min, QuerySet

from studyapp.design.clip_tags import DEFAULT_TAGS
from studyapp.errors import NotFound
from studyapp.models import ClipNote, ListeningPass, Stimulus, StimulusSet, User
from studyapp.selectors.stimulus_changes import may_change_stimulus
from studyapp.selectors.stimulus_filter import count_tags
from studyapp.selectors.stimulus_sets import get_stimulus
from studyapp.sound.presentation import CommonScale
from studyapp.vocab import Label, category_words


@dataclass(frozen=True, kw_only=True)
class Guesses:
    """Guesses at the clips of a label. Each clip comes with what it was taken for."""

    label: str
    right: list[Stimulus]
    wrong: list[Stimulus]

    @property
    def n(self) -> int:
        return len(self.right) + len(self.wrong)


def list_passes(user: User, stimulus_set: StimulusSet) -> QuerySet[ListeningPass]:
    """Return the user's own passes through the set, newest first."""
    return ListeningPass.objects.filter(author=user, stimulus_set=stimulus_set)


def get_pass(user: User, stimulus_set: StimulusSet, key: int) -> ListeningPass:
    """Return a pass of the user's own. Raises NotFound, also for one of somebody else."""
    try:
        return list_passes(user, stimulus_set).select_related("author", "stimulus_set").get(pk=key)
    except ListeningPass.DoesNotExist:
        raise NotFound("there is no such listening pass of yours") from None


def get_clip(listening: ListeningPass, place: int) -> Stimulus:
    """Return the clip at that place, from 0. Raises NotFound past the end, and for one that left the set."""
    if not 0 <= place < listening.n_clips:
        raise NotFound(f"there are {listening.n_clips} clips in this pass")
    return get_stimulus(listening.stimulus_set, listening.clips[place])


def common_scale(listening: ListeningPass) -> CommonScale | None:
    """Return what the sounds and pictures of a blind pass have in common; None for a pass that shows labels.

    It stays when the pass has ended, since browsers keep the pictures.
    """
    if not listening.is_blind:
        return None
    found = Stimulus.objects.filter(pk__in=listening.clips).aggregate(
        lowest_rate_hz=Min("sample_rate_hz"), highest_rate_hz=Max("sample_rate_hz"), n_channels=Max("n_channels")
    )
    return CommonScale.of(**found)


def palette(listening: ListeningPass) -> list[str]:
    """Return the tags to choose from: the paper's, then the author's own in this set by how often they stand there."""
    own = [tag for tag, _ in count_tags(listening.stimulus_set, author=listening.author)]
    return [*DEFAULT_TAGS, *(tag for tag in own if tag not in DEFAULT_TAGS)]


def clip_state(listening: ListeningPass, place: int) -> dict[str, Any]:
    """Return what the page shows of a clip. While labels are hidden, there is nothing in it that tells one."""
    stimulus = get_clip(listening, place)
    note = ClipNote.objects.filter(stimulus=stimulus, author=listening.author).first()
    common = common_scale(listening)
    state: dict[str, Any] = {
        "place": place,
        "n": listening.n_clips,
        "category": category_words(stimulus.category),
        # In practice the sampling rate and the exact length tell real from fake.
        "duration_s": max(0.1, round(stimulus.duration_s, 1)) if common else stimulus.duration_s,
        "top_hz": common.top_hz if common else stimulus.sample_rate_hz / 2,
        "tags": note.tags if note else [],
        "text": note.text if note else "",
        "guess": listening.guesses.get(str(stimulus.pk), ""),
        "in_doubt": stimulus.label_in_doubt,
        "may_doubt": may_change_stimulus(listening.author, stimulus),
    }
    if listening.hides_facts:
        return state
    return state | {"name": stimulus.name, "label": stimulus.label, "generator": stimulus.generator}


def summarise_guesses(listening: ListeningPass) -> list[Guesses]:
    """Return the pass's guesses by what the clips are, fake first. Empty ones, taken back, do not count."""
    guesses = {int(key): guess for key, guess in listening.guesses.items() if guess}
    heard = list(Stimulus.objects.filter(pk__in=guesses).order_by("category", "name"))
    return [
        Guesses(
            label=label.value,
            right=[each for each in heard if each.label == label and guesses[each.pk] == label],
            wrong=[each for each in heard if each.label == label and guesses[each.pk] != label],
        )
        for label in (Label.FAKE, Label.REAL)
    ]
