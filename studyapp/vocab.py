"""The words of the domain, each spelled once. Pure: no Django here."""

from enum import StrEnum


class Label(StrEnum):
    """What a stimulus is. FAKE is the signal and the positive class everywhere."""

    REAL = "real"
    FAKE = "fake"


class StudyState(StrEnum):
    """Where a study stands. Only a live study admits participants."""

    DRAFT = "draft"
    LIVE = "live"
    PAUSED = "paused"
    CLOSED = "closed"


class Origin(StrEnum):
    """Where a session comes from. Only LIVE and IMPORTED sessions are data; the others never mix with them."""

    LIVE = "live"
    PILOT = "pilot"
    PREVIEW = "preview"
    BOT = "bot"
    IMPORTED = "imported"


class Step(StrEnum):
    """The page of the participant's run that the server says is current."""

    CONSENT = "consent"
    VOLUME = "volume"
    SCREENING = "screening"
    INSTRUCTIONS = "instructions"
    TRIALS = "trials"
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
    """Only MAIN trials enter d'; practice and catch trials never do."""

    MAIN = "main"
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

# The six reasons of the paper's menu (section VI.C), code -> the paper's words, in the order of its table.
PAPER_REASONS: dict[str, str] = {
    "distorted": "The audio of the target sound is distorted (underwater, wobbly)",
    "not_category": "The sound does not sound like an example of the target category",
    "background_artifacts": "I hear suspicious artifacts in the background (whining, etc.)",
    "too_brief": "The sound is too brief or quiet to be able to give a reason",
    "repetitive": "The sound is too repetitive",
    "other": "Other",
}
