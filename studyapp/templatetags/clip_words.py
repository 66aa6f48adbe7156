"""How pages write what a clip is called and what it is of."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from studyapp.vocab import category_words

register = template.Library()
BREAK = mark_safe("<wbr>")


@register.filter
def breaking_path(name: str) -> SafeString:
    """Let a path break after its slashes, and so not within a file's ending."""
    *folders, last = name.split("/")
    return format_html_join("", "{}{}", [*((f"{folder}/", BREAK) for folder in folders), (last, "")])


register.filter("category_words", category_words)
