"""Listen through the clips of a set: begin a pass, note what is heard, end it."""

import random
from typing import Any

from django.db import transaction
from django.utils import timezone

from studyapp.design.clip_tags import clean_tags
from studyapp.errors import ChangeRefused
from studyapp.models import ClipNote, ListeningPass, Stimulus, StimulusSet, User
from studyapp.selectors.listening import get_clip
from studyapp.selectors.stimulus_changes import may_change_stimulus
from studyapp.selectors.stimulus_filter import StimulusFilter, filter_stimuli
from studyapp.services.audit import record_audit
from studyapp.vocab import Label

MAX_SEED = 2**31 - 1
MAX_TEXT = 5000


def start_pass(
    *, user: User, stimulus_set: StimulusSet, chosen: StimulusFilter, is_blind: bool, seed: int | None
) -> ListeningPass:
    """Begin a pass through the clips that the filter holds; without a seed in the set's own order.

    Raises ChangeRefused for no clips, and for a blind pass whose filter or order would tell the label.
    """
    if is_blind and chosen.tells_the_label:
        raise ChangeRefused(
            "A filter by label, generator, source, bandwidth or name tells what the clips are. "
            "Take it off, or see labels."
        )
    if is_blind and seed is None:
        raise ChangeRefused("The set's own order may tell real from fake. Listen blind in a shuffled order.")
    clips = list(filter_stimuli(stimulus_set, chosen).values_list("pk", flat=True))
    if not clips:
        raise ChangeRefused("No clip is of this kind, so that there is nothing to hear. Change the filter.")
    if seed is not None:
        random.Random(seed).shuffle(clips)  # noqa: S311 (an order, no secret)
    with transaction.atomic():
        made = ListeningPass.objects.create(
            stimulus_set=stimulus_set, author=user, is_blind=is_blind, seed=seed, chosen=chosen.asked, clips=clips
        )
        _record(made, user, "start_listening", {"n": len(clips), "is_blind": is_blind, "seed": seed})
    return made


def note_clip(*, listening: ListeningPass, place: int, changes: dict[str, Any]) -> None:
    """Store what the author says of the clip at that place, and that they are there. Of each field the last one stays.

    changes: any of tags (list of words), text, guess (real, fake or empty) and in_doubt (a claim about the clip, which
    everybody sees). Raises NotFound for no such clip, ChangeRefused for what may not be, ValueError for a bad tag.
    """
    with transaction.atomic():
        locked = ListeningPass.objects.select_for_update().get(pk=listening.pk)
        stimulus = get_clip(locked, place)
        author = listening.author
        note: dict[str, Any] = {name: changes[name] for name in ("text", "guess") if name in changes}
        if "tags" in changes:
            note["tags"] = clean_tags(changes["tags"])
        if "guess" in changes:
            _check_guess(locked, changes["guess"])
            locked.guesses = {**locked.guesses, str(stimulus.pk): changes["guess"]}
        if len(note.get("text", "")) > MAX_TEXT:
            raise ChangeRefused(f"A note has at most {MAX_TEXT} characters.")
        if note:
            ClipNote.objects.update_or_create(stimulus=stimulus, author=author, defaults=note)
        if "in_doubt" in changes:
            _doubt(stimulus, author, in_doubt=changes["in_doubt"])
        locked.place = place
        locked.save(update_fields=["place", "guesses", "updated_at"])


def end_pass(*, listening: ListeningPass) -> None:
    """End the pass, so that its guesses stay and labels can be shown. Ending it again does nothing."""
    with transaction.atomic():
        locked = ListeningPass.objects.select_for_update().get(pk=listening.pk)
        if locked.ended_at is not None:
            return
        locked.ended_at = timezone.now()
        locked.save(update_fields=["ended_at", "updated_at"])
        guessed = sum(bool(guess) for guess in locked.guesses.values())
        _record(locked, listening.author, "end_listening", {"n": locked.n_clips, "n_guessed": guessed})


def _check_guess(listening: ListeningPass, guess: str) -> None:
    if not listening.is_blind:
        raise ChangeRefused("Guesses are taken where labels are hidden. Begin a blind pass.")
    if listening.ended_at is not None:
        raise ChangeRefused("This pass has ended, and its labels were shown: its guesses stay. Begin another one.")
    if guess and guess not in list(Label):
        raise ChangeRefused(f"A guess is real or fake, not {guess!r}.")


def _doubt(stimulus: Stimulus, author: User, *, in_doubt: bool) -> None:
    if not may_change_stimulus(author, stimulus):
        raise ChangeRefused("This clip came with somebody else's set; only its owner can doubt its label. Add a note.")
    if stimulus.label_in_doubt == in_doubt:
        return
    Stimulus.objects.filter(pk=stimulus.pk).update(label_in_doubt=in_doubt)
    record_audit(
        actor=author,
        action="doubt_label" if in_doubt else "trust_label",
        object_type="stimulus",
        object_id=str(stimulus.pk),
    )


def _record(listening: ListeningPass, user: User, action: str, detail: dict[str, Any]) -> None:
    slug = listening.stimulus_set.slug
    record_audit(actor=user, action=action, object_type="stimulus_set", object_id=slug, detail=detail)
