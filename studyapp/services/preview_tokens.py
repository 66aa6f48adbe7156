"""Mint and read the tokens with which an experimenter takes a study as a preview, whose answers are never data."""

from django.core import signing

from studyapp.errors import InvalidAction

SALT = "earwitness.preview"
MAX_AGE_S = 3600


def mint_preview_token(*, study: str) -> str:
    """Return a token for previews of the study with this slug, good for an hour."""
    return signing.dumps(study, salt=SALT)


def read_preview_token(token: str, *, study: str) -> None:
    """Raise InvalidAction when the token is forged, too old, or of another study."""
    try:
        named = signing.loads(token, salt=SALT, max_age=MAX_AGE_S)
    except signing.BadSignature:
        named = ""
    if named != study:
        raise InvalidAction("the preview's token is not valid or is older than an hour; go back and begin it again")
