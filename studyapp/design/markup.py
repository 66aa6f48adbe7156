"""Turn a study's Markdown texts into HTML that is safe on a participant's page. Pure."""

from functools import lru_cache

import markdown
import nh3

ALLOWED_TAGS = {
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "h2",
    "h3",
    "h4",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
ALLOWED_ATTRIBUTES = {"a": {"href", "title"}}
ALLOWED_SCHEMES = {"http", "https", "mailto"}


@lru_cache(maxsize=256)
def render_markdown(text: str) -> str:
    """Return the HTML of a Markdown text, with nothing in it but ALLOWED_TAGS and ALLOWED_ATTRIBUTES.

    Links get rel="noopener noreferrer", so that a followed link does not carry the session's address away.

    >>> render_markdown("**Hello** <script>alert(1)</script>")
    '<p><strong>Hello</strong> </p>'
    """
    return nh3.clean(
        markdown.markdown(text, extensions=["tables", "sane_lists"]),
        tags=ALLOWED_TAGS,
        attributes={tag: set(names) for tag, names in ALLOWED_ATTRIBUTES.items()},
        url_schemes=ALLOWED_SCHEMES,
        link_rel="noopener noreferrer",
    )
