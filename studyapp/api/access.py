"""Who asks: the bearer of a token, or, for reading alone, somebody who has signed in to the site."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from studyapp.api.problems import Refused
from studyapp.models import ApiToken, User
from studyapp.services.api_tokens import hash_of, note_use

SAFE = ("GET", "HEAD")


class ApiRequest(HttpRequest):
    """A request that `Access` let through; `auth` is who asks."""

    auth: User


class Access(HttpBearer):
    """Lets tokens through, and the site's session for reading. A session never writes: other sites could make it."""

    def __call__(self, request: HttpRequest) -> Any:
        if "Authorization" in request.headers:
            return super().__call__(request)
        user = request.user
        if not user.is_authenticated:
            return None
        if request.method not in SAFE:
            raise Refused(403, "Being signed in lets you read here. To change something, send a token that may write.")
        return user

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the token's user; tokens are found by their hash, so that no comparison tells by its time."""
        found = ApiToken.objects.select_related("user").filter(token_sha256=hash_of(token.strip())).first()
        if found is None or found.revoked_at is not None or not found.user.is_active:
            return None
        if found.expires_at is not None and found.expires_at <= timezone.now():
            return None
        if request.method not in SAFE and not found.may_write:
            raise Refused(403, "This token only reads. Make one that may write on the page 'API tokens'.")
        note_use(token=found)
        return found.user
