"""How long a session of a study will take, part by part, before it is launched. Pure."""

from dataclasses import dataclass

from studyapp.design.config import StudyConfig
from studyapp.design.duration import SECONDS_PER_ANSWER, session_minutes
from studyapp.design.screening_plan import CHANNELS, screening_stages

READING_WORDS_A_MINUTE = 200  # the texts are short and new; silent reading of adults is about 240
SECONDS_PER_QUESTION = 5.0
SECONDS_FOR_VOLUME = 20.0
SCREENING_SOUND_S = 5.0  # three intervals of 1 s and the gaps between them
CHANNEL_SOUND_S = 0.8
BEEPS_S = 3.0


@dataclass(frozen=True, kw_only=True)
class SessionEstimate:
    """Minutes of a session: reading and questions, the tests of the device, and the trials."""

    n_trials: int
    reading: float
    tests: float
    trials: float

    @property
    def minutes(self) -> float:
        return self.reading + self.tests + self.trials


def estimate_session(
    config: StudyConfig, *, n_sounds: int, n_pairs: int, mean_duration_s: float, catch_s: float = 0.0
) -> SessionEstimate:
    """Return the estimate.

    Parameters
    ----------
    n_sounds, n_pairs
        Sounds that can be main trials, and how many pairs of a real and a fake one of a category they make.
    mean_duration_s
        Mean duration of such a sound, seconds.
    catch_s
        Durations of the sounds that are catch trials, together, seconds.
    """
    per_trial = 2 if config.task.type == "two_interval" else 1
    n_heard = min(config.order.n_stimuli or n_sounds, n_sounds)
    n_main = min(n_heard // 2, n_pairs) if per_trial == 2 else n_heard
    n_main += min(config.order.n_repeats, n_main)
    n_clips, n_beeps = len(config.attention.clips), config.attention.beeps
    n_practice = config.practice.n_trials if config.practice.stimulus_set else 0
    n_judged = n_main + n_clips + n_practice
    heard_s = (n_main + n_practice) * mean_duration_s * per_trial + catch_s + n_beeps * BEEPS_S
    trials = session_minutes(n_sounds=n_judged + n_beeps, sounds_s=heard_s)
    if config.task.confidence:
        trials += (n_main + n_clips) * SECONDS_PER_ANSWER / 2 / 60
    if config.task.reasons.after != "never":
        share = 1.0 if config.task.reasons.after == "both" else 0.5  # about half of the answers are "fake"
        trials += n_main * share * SECONDS_PER_ANSWER / 60
    return SessionEstimate(
        n_trials=n_main + n_clips + n_beeps, reading=_reading(config), tests=_tests(config), trials=trials
    )


def _reading(config: StudyConfig) -> float:
    texts = [config.consent.text, config.instructions.text, config.debrief.text, config.end.completed.text]
    n_words = sum(len(text.split()) for text in texts)
    sections = (config.eligibility, config.instructions, config.questions)
    n_questions = sum(len(section.questions) for section in sections) + len(config.consent.ticks)
    return n_words / READING_WORDS_A_MINUTE + n_questions * SECONDS_PER_QUESTION / 60


def _tests(config: StudyConfig) -> float:
    minutes = SECONDS_FOR_VOLUME / 60 if config.volume.enabled else 0.0
    for stage in screening_stages(config):
        sound_s = CHANNEL_SOUND_S if stage.test == CHANNELS else SCREENING_SOUND_S
        minutes += session_minutes(n_sounds=stage.n_trials, sounds_s=stage.n_trials * sound_s)
    return minutes
