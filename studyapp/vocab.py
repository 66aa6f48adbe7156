"""The words of the domain, each spelled once. Pure: no Django here."""

from enum import StrEnum


class Label(StrEnum):
    """What a stimulus is. FAKE is the signal and the positive class everywhere."""

    REAL = "real"
    FAKE = "fake"


class StudyState(StrEnum):
    """Where a study stands. A live study admits participants, a study in its pilot those who bring the pilot link."""

    DRAFT = "draft"
    PILOT = "pilot"
    LIVE = "live"
    PAUSED = "paused"
    CLOSED = "closed"


class StudyRole(StrEnum):
    """What somebody is in a study, beside its owner, who may do everything."""

    EDITOR = "editor"
    VIEWER = "viewer"
    ASSISTANT = "assistant"


class Right(StrEnum):
    """What a page or an action asks of somebody who takes part in running a study."""

    SEE_PROGRESS = "see_progress"
    SEE_RESULTS = "see_results"
    EDIT = "edit"
    MANAGE = "manage"


# An editor launches and closes too; only the owner (and staff) says who else is in, and deletes.
RIGHTS_OF_ROLE: dict[StudyRole, frozenset[Right]] = {
    StudyRole.EDITOR: frozenset({Right.SEE_PROGRESS, Right.SEE_RESULTS, Right.EDIT}),
    StudyRole.VIEWER: frozenset({Right.SEE_PROGRESS, Right.SEE_RESULTS}),
    StudyRole.ASSISTANT: frozenset({Right.SEE_PROGRESS}),
}


class ExportFormat(StrEnum):
    """What leaves the program as a file: a study's tables, or the report of its results."""

    PSYCH_DS = "psych_ds"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    REPORT = "report"


FORMAT_WORDS: dict[str, str] = {
    ExportFormat.PSYCH_DS: "Psych-DS bundle",
    ExportFormat.CSV: "CSV tables",
    ExportFormat.XLSX: "Excel workbook",
    ExportFormat.PARQUET: "Parquet tables",
    ExportFormat.REPORT: "Report",
}


class Origin(StrEnum):
    """Where a session comes from. Only LIVE and IMPORTED sessions are data; the others never mix with them."""

    LIVE = "live"
    PILOT = "pilot"
    PREVIEW = "preview"
    BOT = "bot"
    IMPORTED = "imported"


# What people read before "session" and "answers". Files, addresses and commands keep the values.
ORIGIN_WORDS: dict[str, str] = {origin.value: origin.value for origin in Origin} | {Origin.BOT: "simulated"}


class Step(StrEnum):
    """The page of the participant's run that the server says is current."""

    DEVICE = "device"
    CONSENT = "consent"
    ELIGIBILITY = "eligibility"
    VOLUME = "volume"
    SCREENING = "screening"
    INSTRUCTIONS = "instructions"
    PRACTICE = "practice"
    TRIALS = "trials"
    QUESTIONS = "questions"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a session ended; each has its own exit. An open session has none."""

    COMPLETED = "completed"
    NO_CONSENT = "no_consent"
    INELIGIBLE = "ineligible"
    DEVICE_UNSUITABLE = "device_unsuitable"
    FAILED_HEADPHONE = "failed_headphone"
    FAILED_ATTENTION = "failed_attention"
    QUOTA_FULL = "quota_full"
    DUPLICATE = "duplicate"
    TIMED_OUT = "timed_out"
    WITHDRAWN = "withdrawn"
    TECHNICAL_ERROR = "technical_error"


class TrialKind(StrEnum):
    """Only MAIN trials enter d'. A repeat is a main trial's sound heard again; practice and catch are no data."""

    MAIN = "main"
    REPEAT = "repeat"
    PRACTICE = "practice"
    CATCH = "catch"


class JobState(StrEnum):
    """The state of a job row (design decision 7)."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Split(StrEnum):
    """What a clip was for, in one detector run."""

    TRAIN = "train"
    VALIDATION = "validation"
    EVALUATION = "evaluation"


class Rejection(StrEnum):
    """Why a file was not imported, or an imported file is suspect."""

    UNREADABLE = "unreadable"
    UNSUPPORTED_FORMAT = "unsupported_format"
    EMPTY = "empty"
    SILENT = "silent"
    NON_FINITE = "non_finite"
    DUPLICATE = "duplicate"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    BAD_SAMPLE_RATE = "bad_sample_rate"
    BAD_CHANNELS = "bad_channels"
    MISSING = "missing"
    HASH_MISMATCH = "hash_mismatch"
    UNKNOWN_LABEL = "unknown_label"
    NOT_IN_LAYOUT = "not_in_layout"


class ExclusionReason(StrEnum):
    """Why a session's answers do not enter the analysis; a row, never a delete."""

    FAILED_HEADPHONE = "failed_headphone"
    FAILED_ATTENTION = "failed_attention"
    INCOMPLETE = "incomplete"
    MANUAL = "manual"


class SessionFlag(StrEnum):
    """A check that a session failed where the study asks for a flag: it stays in, and analyses can leave it out."""

    FAILED_CHANNELS = "failed_channels"
    FAILED_HEADPHONE = "failed_headphone"
    FAILED_ATTENTION = "failed_attention"


# The seven sound classes of DCASE 2023 Task 7, in the challenge's order of indices, with the words participants see.
DCASE_2023_CATEGORIES: dict[str, str] = {
    "dog_bark": "dog bark",
    "footstep": "footstep",
    "gunshot": "gunshot",
    "keyboard": "keyboard",
    "moving_motor_vehicle": "moving motor vehicle",
    "rain": "rain",
    "sneeze_cough": "sneeze or cough",
}


def category_words(category: str) -> str:
    """Return a category in words: those of the paper's seven, else its own name without underscores.

    >>> category_words("sneeze_cough"), category_words("glass_break")
    ('sneeze or cough', 'glass break')
    """
    return DCASE_2023_CATEGORIES.get(category, category.replace("_", " "))


# The six reasons of the paper's menu (section VI.C), code -> the paper's words, in the order of its table.
PAPER_REASONS: dict[str, str] = {
    "distorted": "The audio of the target sound is distorted (underwater, wobbly)",
    "not_category": "The sound does not sound like an example of the target category",
    "background_artifacts": "I hear suspicious artifacts in the background (whining, etc.)",
    "too_brief": "The sound is too brief or quiet to be able to give a reason",
    "repetitive": "The sound is too repetitive",
    "other": "Other",
}
