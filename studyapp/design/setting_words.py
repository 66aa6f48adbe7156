"""What a study's settings and their choices are called on pages. Pure.

Files keep the short values, and the settings' descriptions explain these: a help here stands in a description's place.
"""

from dataclasses import dataclass, field

# What a setting is called where its key does not say it well: by key, or by path where keys of several are alike.
LABELS = {
    "n_trials": "Number of trials", "n_stimuli": "Number of sounds", "n_repeats": "Sounds heard twice",
    "gap_ms": "Gap, ms", "time_limit_min": "Time limit, minutes", "stimulus_set": "Stimulus set",
    "slug": "Name in the address", "url": "Address", "on_return": "Who comes back", "plays": "Plays of each sound",
    "after": "Ask for a reason after", "items": "Reasons", "beeps": "Beep trials", "clips": "Catch clips",
    "ticks": "Boxes to tick", "allow": "Devices", "reveal": "Tell how the answers were", "text": "Text",
    "analysis": "Analysis plan", "align": "One level for all", "target": "Level to bring them to",
    "max_gain_db": "Largest gain, dB", "peak_ceiling_dbfs": "Largest peak, dBFS", "alpha": "Level α",
    "leave_out_in_doubt": "Leave out sounds in doubt", "max_same_label": "Most of one label in a row",
    "on_withdrawal": "After a withdrawal", "incomplete": "Incomplete sessions", "label_in_doubt": "Clips in doubt",
    "flagged": "Flagged sessions",
    "stop_at_n": "Stop at so many sessions", "stop_at": "Stop on", "max_skipped": "Sounds that may be skipped",
    "sides": "Directions", "margin": "Margin of equivalence", "secondary": "Secondary analyses",
    "correction": "Correction for several tests", "exclusions": "Exclusions by hand", "admit": "Answers that admit",
    "admit_from": "Admits from", "admit_to": "Admits up to", "max_wrong": "Wrong ones forgiven",
    "pass_mark": "Right answers needed", "block_size": "Trials between breaks", "needs_text": "Asks for a few words",
    "require_person": "Needs the person’s id", "agree_label": "Button that agrees",
    "decline_label": "Button that declines", "attention.clips.key": "Sound", "attention.clips.value": "Right answer",
    "task.type": "Kind of trial", "task.category_names.key": "Category",
    "task.category_names.value": "Words for participants", "recruitment.parameters.key": "Which id",
    "recruitment.parameters.value": "Parameter in the link", "recruitment.groups.places.key": "Group",
    "recruitment.groups.places.value": "Places", "recruitment.groups.places": "Places of each group",
    "recruitment.groups.parameter": "Parameter in the link", "channels.enabled": "Check left and right",
    "volume.enabled": "Set the volume first", "questions.questions.kind": "Kind of answer",
    "eligibility.questions.kind": "Kind of answer", "instructions.questions.kind": "Kind of answer",
    "task.reasons.mode": "How many reasons", "attention.action": "After too many",
    "channels.action": "After a failure", "screening.action": "After a failure",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ChoiceWords:
    """The choices of a setting in words, by value, and what the setting is; empty: its description says so."""

    choices: dict[str, str] = field(default_factory=dict)
    help: str = ""


ON_FAILURE = {
    "exclude": "End the session and leave it out",
    "flag": "Go on, and mark the session",
    "record": "Go on, and only store the answers",
}
KINDS = ChoiceWords(
    choices={"choice": "One of the options", "number": "A whole number", "text": "A few words"},
    help="How it is answered.",
)
# By path, without the positions of items. A key of a mapping ends in .key, a value of one in .value.
CHOICE_WORDS: dict[str, ChoiceWords] = {
    "language": ChoiceWords(choices={"en": "English", "fr": "French"}),
    "device.allow": ChoiceWords(
        choices={"desktop": "Computers only", "any": "Every device"},
        help="Which devices may take part. Phones and tablets change levels on their own.",
    ),
    "consent.on_withdrawal": ChoiceWords(
        choices={
            "erase": "Delete them, and keep a row that says so",
            "keep": "Keep them, and leave them out of analyses",
        },
        help="What becomes of the answers of somebody who withdraws. Say in the text which it is.",
    ),
    "eligibility.questions.kind": KINDS,
    "instructions.questions.kind": KINDS,
    "questions.questions.kind": KINDS,
    "channels.action": ChoiceWords(
        choices=ON_FAILURE,
        help="What mono or unclear answers do after the last attempt. Swapped headphones are only warned of.",
    ),
    "screening.test": ChoiceWords(
        choices={
            "none": "No test",
            "huggins": "Huggins pitch: which noise holds a tone",
            "antiphase": "Antiphase: which tone is quietest",
            "beat": "Beat: which sound is smoothest",
            "huggins+antiphase": "Huggins pitch, then antiphase",
            "huggins+beat": "Huggins pitch, then beat",
        },
        help="The headphone test. Huggins pitch is of Milne et al. (2021), antiphase of Woods et al. (2017). The paper "
        "names none.",
    ),
    "screening.action": ChoiceWords(
        choices=ON_FAILURE, help="What failing does. With and without the marked sessions, analyses can be compared."
    ),
    "sound.align": ChoiceWords(
        choices={
            "none": "No: levels stay as they are",
            "rms": "To one mean level over the clip (RMS)",
            "lufs": "To one loudness (LUFS, ITU-R BS.1770)",
        },
        help="Whether the copies that participants hear are brought to one level. The originals are never changed. "
        "Aligned copies are dithered, all alike.",
    ),
    "task.type": ChoiceWords(
        choices={
            "yes_no": "One sound: real or fake",
            "rating": "One sound: from 1 (surely real) to 6 (surely fake)",
            "naturalness": "One sound: how natural, from 1 (bad) to 5 (excellent)",
            "two_interval": "Two sounds of one category: which of them is fake",
        },
        help="What is heard in a trial, and asked of it.",
    ),
    "task.reasons.after": ChoiceWords(choices={"fake": "After “fake”", "both": "After every answer", "never": "Never"}),
    "task.reasons.mode": ChoiceWords(choices={"single": "One reason", "multiple": "One or several"}),
    "attention.clips.value": ChoiceWords(choices={"real": "real", "fake": "fake"}),
    "attention.action": ChoiceWords(choices=ON_FAILURE, help="What one more wrong catch trial does."),
    "order.kind": ChoiceWords(
        choices={"random": "All sounds mixed", "by_category": "One category after another"},
        help="Both are drawn at random for each participant.",
    ),
    "debrief.reveal": ChoiceWords(
        choices={
            "nothing": "Nothing",
            "score": "How many were right",
            "truth": "How many were right, and what each sound was",
        },
        help="What a participant is told of the answers at the end.",
    ),
    "recruitment.recruiter": ChoiceWords(
        choices={"link": "A plain link", "prolific": "Prolific", "sona": "SONA", "mturk": "Mechanical Turk"},
        help="Who sends participants.",
    ),
    "recruitment.parameters.key": ChoiceWords(
        choices={"person": "The person’s id", "submission": "The submission’s id", "study": "The study’s id"}
    ),
    "recruitment.on_return": ChoiceWords(
        choices={"refuse": "Refuse: it shows the exit “duplicate”", "allow": "Begin a new session"},
        help="What happens to a person who comes back after the end. An open session is always gone on with.",
    ),
    "analysis.primary_measures": ChoiceWords(
        choices={
            "fake_identified": "The share of fakes called fake",
            "real_identified": "The share of real sounds called real",
            "discrimination": "How much more often “fake” is said of fakes than of real sounds (d′)",
        },
        help="What the primary tests are about.",
    ),
    "analysis.primary_test": ChoiceWords(
        choices={
            "crossed_mixed_model": "Mixed model: speaks of other listeners and other clips",
            "quasi_t": "Two-way quasi-t: the same, where everybody hears every clip",
            "t_over_listeners": "t over listeners: speaks of these clips alone",
        },
        help="The mixed model is logistic, with listeners and clips random; its t has min(listeners, clips) − 1 "
        "degrees of freedom.",
    ),
    "analysis.sides": ChoiceWords(
        choices={"two": "Both directions", "one": "The expected direction only"}, help="Which directions are tested."
    ),
    "analysis.correction": ChoiceWords(choices={"holm": "Holm’s", "none": "No correction"}),
    "analysis.incomplete": ChoiceWords(choices={"leave_out": "Leave them out", "include": "Keep them in"}),
    "analysis.label_in_doubt": ChoiceWords(choices={"include": "Keep them in", "leave_out": "Leave them out"}),
    "analysis.flagged": ChoiceWords(
        choices={"include": "Keep them in", "leave_out": "Leave them out"},
        help="What happens with sessions that failed a check and went on, marked. The results tell what they change.",
    ),
}
