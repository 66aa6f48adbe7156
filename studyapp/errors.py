"""The errors of the domain. Each message says what is wrong and what to do about it. Pure: no Django here."""


class EarwitnessError(Exception):
    """Base of every error that a user can put right; the message is shown as it is."""


class AudioError(EarwitnessError):
    """A sound cannot be used. `reason` is a studyapp.vocab.Rejection value."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class ImportFailed(EarwitnessError):
    """Nothing could be imported from the given place."""


class ConfigError(EarwitnessError):
    """A study's configuration is wrong. `problems` lists (path, message) pairs."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("\n".join(f"{path}: {message}" if path else message for path, message in problems))
        self.problems = problems


class NotLaunchable(EarwitnessError):
    """A study cannot be launched as it stands."""


class FrozenError(EarwitnessError):
    """A launched version would be changed; a change makes a new version."""


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
