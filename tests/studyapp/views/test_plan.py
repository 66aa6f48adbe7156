"""The plan's page, its document, and the command that prints it."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from studyapp.design.config import StudyConfig
from studyapp.models import AuditEntry, StudyMember
from studyapp.reports.plan_document import plan_sections
from studyapp.services.study_create import create_study
from studyapp.vocab import StudyRole
from tests.factories import make_user, make_version
from tests.studyapp.selectors.test_analysis_plan import config

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client):
    user = make_user("owner")
    client.force_login(user)
    return user


@pytest.fixture
def version(owner):
    made = make_version(owner=owner, config=config(stop_at_n=40, secondary=["Reasons <b>by</b> category."]))
    made.study.config = {"slug": made.study.slug, "title": "A study", "stimulus_set": made.study.stimulus_set.slug}
    made.study.save()
    return made


def test_shows_what_is_frozen_and_that_the_draft_differs(client: Client, version) -> None:
    page = client.get(reverse("study_plan", args=[version.study.slug])).content.decode()
    assert "At 40 completed sessions." in page
    assert "Reasons &lt;b&gt;by&lt;/b&gt; category." in page
    assert "The draft has another plan by now." in page


@pytest.mark.parametrize(("fate", "words"), [("include", "are in"), ("leave_out", "are left out")])
def test_says_what_becomes_of_flagged_sessions(fate: str, words: str) -> None:
    given = {"slug": "a", "title": "A", "stimulus_set": "a", "analysis": {"flagged": fate}}
    plain, flags = (
        " ".join(plan_sections(StudyConfig.model_validate(given | more))[2]["items"])
        for more in ({}, {"channels": {"action": "flag"}})
    )
    assert "A failed check of left and right flags the session, which goes on." in flags
    assert f"Flagged sessions {words}; the shares are told both ways." in flags and "lagged" not in plain


def test_shows_the_drafts_plan_before_a_launch(client: Client, version, owner) -> None:
    given = {"slug": "draft", "title": "A draft", "stimulus_set": version.study.stimulus_set.slug}
    draft = create_study(config=given, owner=owner)
    page = client.get(reverse("study_plan", args=["draft"])).content.decode()
    assert "Nothing is frozen yet" in page
    assert "No rule is stated" in page
    draft.config = {"slug": 1}
    draft.save()
    page = client.get(reverse("study_plan", args=["draft"])).content.decode()
    assert "has problems" in page


@pytest.mark.parametrize(
    ("task", "words", "power"),
    [
        ("two_interval", "share of pairs in which the fake is found, against 50 %", "asks for pairs"),
        ("naturalness", "the program tests nothing of them", "asks for naturalness"),
        ("rating", "the share of fake clips called fake", ""),
    ],
)
def test_plan_and_power_page_say_what_is_tested_of_the_task(client: Client, version, owner, task, words, power) -> None:
    given = {"slug": "d", "title": "A draft", "stimulus_set": version.study.stimulus_set.slug, "task": {"type": task}}
    create_study(config=given, owner=owner)
    page = client.get(reverse("study_plan", args=["d"])).content.decode()
    assert words in page
    assert ("mixed logistic model" in page) == (task == "rating")
    page = client.get(reverse("study_power", args=["d"]))
    assert page.context["other_task"] == "" if not power else power in page.content.decode()


@pytest.mark.parametrize("ending", ["md", "html"])
def test_sends_the_same_document_every_time(client: Client, version, ending: str) -> None:
    address = reverse("study_plan_file", args=[version.study.slug, 1, ending])
    first, second = client.get(address), client.get(address)
    assert first.content == second.content
    assert version.sha256 in first.content.decode()
    assert "<b>by</b>" not in first.content.decode() or ending == "md"
    assert AuditEntry.objects.filter(action="export_plan").count() == 2


def test_the_command_prints_the_document(client: Client, version) -> None:
    printed = io.StringIO()
    call_command("export_plan", version.study.slug, stdout=printed)
    sent = client.get(reverse("study_plan_file", args=[version.study.slug, 1, "md"]))
    assert printed.getvalue() == sent.content.decode()
    with pytest.raises(CommandError, match="no version 2"):
        call_command("export_plan", version.study.slug, number=2)
    with pytest.raises(CommandError, match="no study"):
        call_command("export_plan", "nowhere")
    before = make_version()
    with pytest.raises(CommandError, match="before studies had plans"):
        call_command("export_plan", before.study.slug)


def test_is_refused_to_who_may_not(client: Client, version) -> None:
    addresses = [
        reverse("study_plan", args=[version.study.slug]),
        reverse("study_plan_file", args=[version.study.slug, 1, "md"]),
    ]
    stranger, assistant = make_user(), make_user()
    StudyMember.objects.create(study=version.study, user=assistant, role=StudyRole.ASSISTANT.value)
    for address in addresses:
        assert Client().get(address).status_code == 302
        for user, status in ((stranger, 404), (assistant, 403)):
            other = Client()
            other.force_login(user)
            assert other.get(address).status_code == status
        assert client.post(address).status_code == 405
    assert client.get(reverse("study_plan_file", args=[version.study.slug, 9, "md"])).status_code == 404
    assert client.get(reverse("study_plan_file", args=[version.study.slug, 1, "pdf"])).status_code == 404
