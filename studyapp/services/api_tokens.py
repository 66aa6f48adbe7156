"""Make and revoke the tokens that let scripts use the API; only their hashes are kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from studyapp.errors import ConfigError
from studyapp.models import ApiToken, User
from studyapp.services.audit import record_audit

PREFIX = "ew_"
MAX_TOKENS = 50  # of one user, that are good
USED_EVERY = timedelta(minutes=1)  # how often the time of the last use is written


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()


def make_token(*, user: User, name: str, may_write: bool, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which is nowhere else. Raises ConfigError."""
    name, problems = name.strip(), []
    if not name or len(name) > 100 or "\0" in name:
        problems.append(("name", "Say in 1 to 100 characters what the token is for."))
    if expires_at is not None and expires_at <= timezone.now():
        problems.append(("expires_at", "This time has passed; name a later one."))
    if ApiToken.objects.filter(user=user, revoked_at=None).count() >= MAX_TOKENS:
        problems.append(("name", f"You have {MAX_TOKENS} tokens. Revoke one that you no longer need."))
    if problems:
        raise ConfigError(problems)
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        made = ApiToken.objects.create(
            user=user, name=name, may_write=may_write, expires_at=expires_at, token_sha256=hash_of(secret)
        )
        _audit(made, "make_api_token", user)
    return made, secret


def revoke_token(*, token: ApiToken, actor: User) -> None:
    """Let the token open nothing any more; revoking it again changes nothing."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            _audit(token, "revoke_api_token", actor)


def note_use(*, token: ApiToken) -> None:
    """Write when the token was last used, at most once a minute."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def _audit(token: ApiToken, action: str, actor: User) -> None:
    record_audit(
        actor=actor,
        action=action,
        object_type="apitoken",
        object_id=str(token.pk),
        detail={"name": token.name, "may_write": token.may_write},
    )
