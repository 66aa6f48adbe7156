"""How pages write where a session comes from. Built in: no page has to load this."""

from django.template import Library

from studyapp.vocab import ORIGIN_WORDS

register = Library()


@register.filter
def origin_words(origin: str) -> str:
    """Return what stands before "session" or "answers", such as "live" and "simulated"."""
    return ORIGIN_WORDS[origin]
