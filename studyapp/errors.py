"""The errors of the domain. Each message says what is wrong and what to do about it. Pure: no Django here."""

from collections.abc import Sequence


class EarwitnessError(Exception):
    """Base of every error that a user can put right; the message is shown as it is."""


class AudioError(EarwitnessError):
    """A sound cannot be used. `reason` is a studyapp.vocab.Rejection value."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class UploadRefused(EarwitnessError):
    """A file that a browser sends cannot be taken. `code`: bad_file, bad_kind, too_large, full or incomplete."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ImportFailed(EarwitnessError):
    """Nothing could be imported from the given place."""


class BundleRefused(EarwitnessError):
    """A study's bundle is damaged, is none, or cannot be imported here; nothing of it was kept."""


class ConfigError(EarwitnessError):
    """A study's configuration is wrong. `problems` lists (path, message) pairs, `lines` each one's line in the file."""

    def __init__(self, problems: list[tuple[str, str]], lines: Sequence[int | None] = ()) -> None:
        self.problems = problems
        self.lines = [*lines, *[None] * (len(problems) - len(lines))]
        super().__init__("\n".join(self.words))

    @property
    def words(self) -> list[str]:
        """Every problem in words: its line where it is known, its path, the message."""
        rows = zip(self.lines, self.problems, strict=True)
        return [
            ": ".join(part for part in (f"line {line}" if line else "", path, message) if part)
            for line, (path, message) in rows
        ]


class RevisionConflict(EarwitnessError):
    """Somebody else changed the study since the page was loaded; saving would undo their change."""


class BegunElsewhere(EarwitnessError):
    """A person has an open session, and nothing but an id that can be guessed says that it is theirs."""


class NotLaunchable(EarwitnessError):
    """A study cannot be launched as it stands."""


class FrozenError(EarwitnessError):
    """A launched version would be changed; a change makes a new version."""


class ChangeRefused(EarwitnessError):
    """Facts of a stimulus, or a listening pass, cannot be changed like this."""


class NotFound(EarwitnessError):
    """A thing named by the user does not exist."""


class SessionConflict(EarwitnessError):
    """A participant's action does not fit the state that the server holds; the client must re-read the state.

    `code` is one of docs/participant_protocol.md's.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidAction(EarwitnessError):
    """A participant's action is malformed or not allowed at all."""
