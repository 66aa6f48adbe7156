"""Addresses that take forms: a reload, or the address typed again, leads back to the page that has the form."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

View = Callable[..., HttpResponse]


def posts_only(*, back: str) -> Callable[[View], View]:
    """Let POST alone through to a view; GET and HEAD are sent to the address named `back`, with the same key."""

    def decorate(view: View) -> View:
        posted = require_POST(view)

        @wraps(view)
        def answer(request: HttpRequest, **key: int) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                return redirect(reverse(back, kwargs={} if back.endswith(":index") else key))
            return posted(request, **key)

        return answer

    return decorate
