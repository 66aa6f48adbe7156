"""A study's texts are text: no template, no format string, whatever stands in them."""

import html
import json

import pytest
from django.conf import settings
from django.test import Client

from studyapp.design.config_reading import read_config
from studyapp.errors import ConfigError
from studyapp.models import Session
from tests.studyapp.launched import BARE, Walker, launch
from tests.studyapp.views.test_recruiters import Again, start

PAYLOADS = [
    "{{ settings.SECRET_KEY }}",
    "{% now Y %}",
    "{{ 7|add:42 }}",
    "{0.real}",
    "{minutes}",
    "{code.format}",
    "%(title)s",
    "%s",
    "${6+43}",
    "#{6+43}",
]
ALL = " ".join(PAYLOADS)


def texts_of(walker):
    """What the participant was sent: pages as a browser shows them, and every text of a state."""
    for response in walker.received:
        if response["Content-Type"].startswith("application/json"):
            yield html.unescape(json.dumps(response.json(), ensure_ascii=False))
        elif response["Content-Type"].startswith("text/html"):
            yield html.unescape(response.content.decode())


@pytest.mark.django_db
def test_what_looks_like_a_template_is_shown_as_it_stands():
    version = launch(
        n_fake=1,
        n_real=1,
        categories=("rain",),
        config=BARE
        | {
            "title": f"T1 {ALL}",
            "consent": {
                "text": f"T2 {ALL}",
                "ticks": [{"code": "a", "label": f"T3 {ALL}"}],
                "agree_label": f"T4 {ALL}",
            },
            "instructions": {
                "text": f"T5 {ALL}",
                "questions": [
                    {
                        "code": "q",
                        "text": f"T6 {ALL}",
                        "options": [{"value": "a", "label": f"T7 {ALL}"}, {"value": "b", "label": "b"}],
                        "right": "a",
                    }
                ],
            },
            "task": {
                "category_names": {"rain": f"T8 {ALL}"},
                "reasons": {"after": "both", "items": [{"code": "r", "label": f"T9 {ALL}"}]},
            },
            "debrief": {"text": f"T10 {ALL}"},
            "end": {"completed": {"text": f"T11 {ALL}", "code": f"T12 {ALL}"}},
        },
    )
    walker = Walker(version.study)
    walker.received += [Client().get("/s/study/"), walker.client.get(walker.base)]
    walker.to("ended")
    told = list(texts_of(walker))
    for number in range(1, 13):
        assert any(f"T{number} {ALL}" in text for text in told), number
    assert not any(settings.SECRET_KEY in text or "T1 49" in text or "<class" in text for text in told)


def test_an_exit_takes_no_attribute_of_what_it_names():
    for placeholder in ("{code.__class__}", "{0}", "{code!r}", "{code:>9}", "{}"):
        ends = {"completed": {"url": f"https://recruiter.invalid/?cc={placeholder}"}}
        with pytest.raises(ConfigError, match="known are"):
            read_config({"slug": "s", "title": "T", "stimulus_set": "x", "end": ends})


@pytest.mark.django_db
def test_what_came_with_the_link_is_put_into_an_exit_once_and_quoted():
    url = "https://recruiter.invalid/?who={PROLIFIC_PID}&cc={code}"
    config = {"recruitment": {"recruiter": "prolific"}, "end": {"completed": {"url": url, "code": "C1"}}}
    launch(n_fake=1, n_real=1, config=BARE | config)
    walker = Again(start(PROLIFIC_PID="{code}&cc=%s#x"))
    assert Session.objects.count() == 1
    assert walker.to("ended")["end"]["exit"]["url"] == (
        "https://recruiter.invalid/?who=%7Bcode%7D%26cc%3D%25s%23x&cc=C1"
    )
