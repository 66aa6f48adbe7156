"""Study texts become HTML without anything that runs."""

import pytest

from studyapp.design.markup import render_markdown

pytestmark = pytest.mark.once


def test_formatting_lists_and_links_are_kept():
    html = render_markdown("## A\n\n- **b**\n- [c](https://example.org)")
    assert "<h2>A</h2>" in html
    assert "<li><strong>b</strong></li>" in html
    assert 'rel="noopener noreferrer"' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        '<a href="https://x" onclick="alert(1)">x</a>',
        '<p style="background:url(https://x)">a</p>',
        "<iframe src=https://x></iframe>",
        "<form action=https://x><input></form>",
        "<svg><script>alert(1)</script></svg>",
        "<audio src=x autoplay>",
        "![pixel](https://tracker.example/a.png)",
    ],
)
def test_nothing_active_survives(text):
    html = render_markdown(text).lower()
    for word in (
        "<script",
        "<img",
        "onerror",
        "javascript:",
        "onclick",
        "style=",
        "<iframe",
        "<form",
        "<svg",
        "<audio",
    ):
        assert word not in html
