from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.errors import ChangeRefused
from studyapp.models import AuditEntry, FrozenStimulus, Stimulus, StimulusSet, User
from studyapp.services.stimulus_change import change_stimuli
from studyapp.vocab import Label
from tests.factories import make_stimulus, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    user = User.objects.create_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def mine(ada: User) -> StimulusSet:
    made = StimulusSet.objects.create(slug="mine", owner=ada)
    for label in (Label.REAL, Label.FAKE, Label.FAKE):
        make_stimulus(made, label=label)
    return made


def send(client: Client, query: str = "", **data: Any) -> Any:
    return client.post(reverse("stimuli_change", args=["mine"]) + query, data)


def keys(stimulus_set: StimulusSet) -> list[int]:
    return list(stimulus_set.own_stimuli.order_by("pk").values_list("pk", flat=True))


def test_ticked_clips_are_looked_at_and_then_changed(client: Client, mine: StimulusSet, ada: User) -> None:
    first, second, _ = keys(mine)
    asked = send(client, clip=[first, second])
    assert asked.status_code == 200 and "Change 2 clips" in asked.text
    facts = {"category": "gunshot", "label_in_doubt": "yes"}
    look = send(client, clip=[first, second], step="look", **facts)
    assert [(each.name, each.value, each.before) for each in look.context["look"].changes] == [
        ("category", "gunshot", [("rain", 2)]),
        ("label_in_doubt", True, [(False, 2)]),
    ]
    assert not Stimulus.objects.filter(category="gunshot").exists()
    done = send(client, clip=[first, second], step="confirm", n=2, **facts)
    assert done["Location"] == reverse("stimulus_set", args=["mine"]) + "?#clips-heading"
    changed = Stimulus.objects.filter(category="gunshot", label_in_doubt=True)
    assert list(changed.order_by("pk").values_list("pk", flat=True)) == [first, second]
    entry = AuditEntry.objects.get(action="change_stimuli")
    assert (entry.actor, entry.object_id, entry.detail["n"]) == (ada, "mine", 2)
    assert entry.detail["before"]["category"] == {"rain": [first, second]}


def test_all_that_the_filter_holds_is_changed(client: Client, mine: StimulusSet) -> None:
    data = {"which": "filter", "generator": "vocoder", "source_group": "roof"}
    look = send(client, "?label=fake", step="look", **data)
    assert "All clips of the filter: label fake." in look.text and "Change 2 clips" in look.text
    send(client, "?label=fake", step="confirm", n=2, **data)
    assert Stimulus.objects.filter(generator="vocoder", source_group="roof", label="fake").count() == 2
    send(client, step="confirm", n=3, which="filter", empty_source_group="on")
    assert not Stimulus.objects.exclude(source_group="").exists()


def test_a_launched_version_keeps_its_facts_and_the_page_says_so(client: Client, ada: User) -> None:
    version = make_version(n_real=1, n_fake=1, owner=ada)
    launched = version.study.stimulus_set
    launched.owner, launched.slug = ada, "mine"
    launched.save()
    data = {"which": "filter", "category": "gunshot"}
    look = send(client, step="look", **data)
    assert "2 of these clips are in launched versions of: " + version.study.title in look.text
    send(client, step="confirm", n=2, **data)
    assert set(Stimulus.objects.values_list("category", flat=True)) == {"gunshot"}
    assert "gunshot" not in FrozenStimulus.objects.values_list("category", flat=True)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Nothing is to be changed"),
        ({"label": "purple"}, "purple is not one of the available choices"),
        ({"category": "x" * 101}, "at most 100 characters"),
        ({"category": "a\x00"}, "Null characters are not allowed"),
        ({"generator": "v", "empty_generator": "on"}, "Give a new value, or empty it; not both."),
        ({"label": "real"}, "2 of these clips would be real and name a generator"),
        ({"category": "gunshot", "n": "2"}, "These were 2 clips and are 3 now"),
        ({"category": "gunshot", "n": "9" * 5000}, "are 3 now"),
    ],
)
@pytest.mark.parametrize("step", ["look", "confirm"])
def test_bad_input_changes_nothing_and_says_why(
    client: Client, mine: StimulusSet, data: dict[str, str], words: str, step: str
) -> None:
    before = list(Stimulus.objects.order_by("pk").values())
    answer = send(client, **{"which": "filter", "n": "3", "step": step, **data})
    if step == "confirm" or "n" not in data:
        assert answer.status_code == 422
        assert words in answer.text
    assert list(Stimulus.objects.order_by("pk").values()) == before
    assert not AuditEntry.objects.exists()


def test_real_clips_are_taken_when_the_generator_is_emptied(client: Client, mine: StimulusSet) -> None:
    send(client, which="filter", n=3, step="confirm", label="real", empty_generator="on")
    assert set(Stimulus.objects.values_list("label", "generator")) == {("real", "")}


@pytest.mark.parametrize("clip", [[], ["0"], ["nonsense"], ["9" * 40], ["²"]])
def test_nothing_chosen_is_said(client: Client, mine: StimulusSet, clip: list[str]) -> None:
    answer = client.post(reverse("stimuli_change", args=["mine"]), {"clip": clip}, follow=True)
    assert "No clip is chosen. Tick the clips to change first." in answer.text


def test_clips_that_came_with_somebody_elses_set_stay_as_they_are(client: Client, mine: StimulusSet) -> None:
    theirs = StimulusSet.objects.create(slug="theirs", owner=User.objects.create_user("bob"))
    foreign = make_stimulus(theirs, label=Label.FAKE)
    mine.members.create(stimulus=foreign)
    data = {"which": "filter", "category": "gunshot"}
    assert "1 of the chosen clips came with a set of somebody else" in send(client, step="look", **data).text
    send(client, step="confirm", n=3, **data)
    foreign.refresh_from_db()
    assert foreign.category == "rain" and Stimulus.objects.filter(category="gunshot").count() == 3
    alone = send(client, clip=[foreign.pk], step="look", category="gunshot")
    assert "None of them can be changed by you" in alone.text


def test_who_may_not_change_is_refused(client: Client, mine: StimulusSet) -> None:
    address = reverse("stimuli_change", args=["mine"])
    assert client.get(address)["Location"].startswith(reverse("stimulus_set", args=["mine"]))
    data = {"which": "filter", "step": "confirm", "n": 3, "category": "gunshot"}
    client.force_login(User.objects.create_user("bob"))
    assert client.post(address, data).status_code == 404
    StimulusSet.objects.update(owner=None)
    assert client.post(address, data).status_code == 403
    client.logout()
    assert client.post(address, data)["Location"].startswith(reverse("login"))
    assert not Stimulus.objects.filter(category="gunshot").exists()


@pytest.mark.parametrize("facts", [{}, {"sha256": "0"}, {"label": "purple"}, {"category": ""}])
def test_the_service_takes_known_facts_alone(mine: StimulusSet, ada: User, facts: dict[str, str]) -> None:
    with pytest.raises(ChangeRefused):
        change_stimuli(user=ada, stimulus_set=mine, stimuli=Stimulus.objects.all(), facts=facts, n_expected=3)


def test_sixty_clips_take_no_more_queries_than_three(
    client: Client, ada: User, mine: StimulusSet, django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        make_stimulus(mine, label=Label.FAKE)
    with django_assert_max_num_queries(20):
        send(client, which="filter", step="confirm", n=63, category="gunshot")
    assert Stimulus.objects.filter(category="gunshot").count() == 63
