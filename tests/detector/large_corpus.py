"""Sets as large and as mixed as a real corpus, made in a few statements. No audio is written."""

import hashlib

from studyapp.models import SetMember, Stimulus, StimulusSet
from studyapp.vocab import DCASE_2023_CATEGORIES, Label

N_TEAMS, SYSTEMS_OF_A_TEAM = 12, 3


def make_large_set(slug: str, *, n: int) -> StimulusSet:
    """Return a set of n clips in seven categories: half of them fakes of 36 systems, half recordings, six to a source.

    Systems and sources take turns, so that a small set has fewer of them.
    """
    made = StimulusSet.objects.create(slug=slug, title=f"Set {slug}", caution="Drawn; nothing follows from it.")
    stimuli = Stimulus.objects.bulk_create([_clip(made, place) for place in range(n)], batch_size=500)
    SetMember.objects.bulk_create(
        [SetMember(stimulus_set=made, stimulus=clip, position=place) for place, clip in enumerate(stimuli)],
        batch_size=500,
    )
    return made


def _clip(made: StimulusSet, place: int) -> Stimulus:
    is_fake, turn = place % 2 == 0, place // 2
    categories = list(DCASE_2023_CATEGORIES)
    category = categories[turn % len(categories)]
    system = turn // len(categories) % (N_TEAMS * SYSTEMS_OF_A_TEAM)
    label = Label.FAKE if is_fake else Label.REAL
    return Stimulus(
        home_set=made,
        sha256=hashlib.sha256(f"{made.slug} {place}".encode()).hexdigest(),
        name=f"{'Submissions/' if is_fake else 'eval/'}{category}/{turn:04d}.wav",
        label=label.value,
        category=category,
        generator=f"TASys{system + 1:02d}" if is_fake else "",
        team=f"team {system // SYSTEMS_OF_A_TEAM + 1}" if is_fake else "",
        track="AB"[system % 2] if is_fake else "",
        source_group="" if is_fake else f"recording {turn // 6}",
        original_split="" if is_fake else ("dev", "eval")[turn // 6 % 2],
        audio_path=f"stimuli/{made.slug}-{place}.wav",
        container="WAV",
        subtype="PCM_16",
        n_bytes=100,
        n_samples=22050,
        n_channels=1,
        sample_rate_hz=22050,
        duration_s=4.0,
        level_dbfs=-20.0 - place % 11,
        peak_dbfs=-1.0 - place % 7,
        dc_offset=0.0,
        bandwidth_hz=6000.0 + 100 * (place % 40),
        leading_silence_s=0.01 * (place % 5),
        longest_zero_run_s=0.0,
        clipped_fraction=0.0,
    )
