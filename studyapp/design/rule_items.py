"""Which rules of a study's configuration cannot do, or hardly do, what they are for. Pure."""

from studyapp.design.check_items import CheckItem, warn
from studyapp.design.config import StudyConfig
from studyapp.design.config_plan import HYPOTHESES
from studyapp.design.screening_plan import guess_share

MOST_GUESSERS = 0.05  # that a headphone test may let through; the authors' own rules stay below it in two attempts

# What is tested of tasks whose answers call no sound real or fake.
ANALYSED = {
    "two_interval": "Of pairs the share in which the fake is found is tested, over listeners.",
    "naturalness": "Nothing is tested of ratings of naturalness: they are stored and exported.",
}


def rule_items(config: StudyConfig, *, n_sounds: int) -> list[CheckItem]:
    """Return what is unwise in the headphone test's mark, the attention rule and the planned test.

    Parameters
    ----------
    n_sounds
        The sounds that main trials are drawn from.
    """
    return [*_screening_items(config), *_attention_items(config), *_test_items(config, n_sounds)]


def _screening_items(config: StudyConfig) -> list[CheckItem]:
    screening = config.screening
    share = guess_share(screening)
    if not screening.tests or screening.action == "record" or share <= MOST_GUESSERS:
        return []
    words = f"{share:.0%} of those who only guess pass the headphone test."
    todo = "Raise screening.pass_mark or screening.n_trials, or allow fewer attempts."
    return [warn("easy_headphone_test", words, todo=todo, place="screening")]


def _attention_items(config: StudyConfig) -> list[CheckItem]:
    attention = config.attention
    n_catch = len(attention.clips) + attention.beeps
    if not n_catch or attention.action == "record" or n_catch > attention.max_wrong:
        return []
    words = (
        f"The attention rule can never apply: a session has {n_catch} catch trial{'s' if n_catch > 1 else ''}, and "
        f"{attention.max_wrong} wrong {'one is' if attention.max_wrong == 1 else 'ones are'} forgiven."
    )
    todo = "Lower attention.max_wrong, or add catch trials."
    return [warn("idle_attention", words, todo=todo, place="attention")]


def _test_items(config: StudyConfig, n_sounds: int) -> list[CheckItem]:
    if not config.task.names_labels:
        return _unlabelled_items(config)
    n_heard = config.order.n_stimuli
    if config.analysis.primary_test != "quasi_t" or n_heard is None or n_heard >= n_sounds:
        return []
    words = (
        f"The planned test cannot be made: the quasi-t needs that every listener hears every sound, and each hears "
        f"{n_heard} of {n_sounds} (order.n_stimuli)."
    )
    todo = "Plan the crossed mixed model (analysis.primary_test), or let all sounds be heard."
    return [warn("incomplete_design", words, todo=todo, place="plan")]


def _unlabelled_items(config: StudyConfig) -> list[CheckItem]:
    if config.analysis.hypotheses != HYPOTHESES:
        return []
    words = f"The plan's hypotheses are about single sounds called real or fake. {ANALYSED[config.task.type]}"
    todo = "Write down what you expect of this task (analysis.hypotheses)."
    return [warn("plan_of_other_task", words, todo=todo, place="plan")]
