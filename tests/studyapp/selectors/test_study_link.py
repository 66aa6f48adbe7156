"""What is wrong with a link that somebody wants to try."""

import pytest

from studyapp.selectors.study_link import link_problem

ADDRESS = "https://listen.example.org/s/rain/"


@pytest.mark.parametrize("url", [ADDRESS, f" {ADDRESS}?PROLIFIC_PID=1", "HTTPS://Listen.example.org/s/rain?x=1"])
def test_the_studys_own_link_is_right(url: str) -> None:
    assert link_problem(url, ADDRESS) == ""


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("rain", "no web address"),
        ("javascript:alert(1)", "no web address"),
        ("https://[::1", "brackets"),
        ("https://listen.example.org:x/s/rain/", "port"),
        ("https://evil.example/s/rain/", "another site, evil.example"),
        ("https://listen.example.org:8443/s/rain/", "another site"),
        ("https://listen.example.org/s/other/?a=1", "another page, /s/other/"),
        ("https://listen.example.org", "another page, /"),
    ],
)
def test_a_link_that_leads_elsewhere_says_where(url: str, words: str) -> None:
    assert words in link_problem(url, ADDRESS)
