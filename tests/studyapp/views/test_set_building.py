"""Sets built of others, in the pages: by filter, by hand, with matched controls; and everything that is refused."""

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.models import AuditEntry, ClipNote, Machine, MachineScore, SetMember, Stimulus, StimulusSet, User
from studyapp.vocab import Label
from tests.factories import make_stimulus, make_user

pytestmark = pytest.mark.django_db
BUILD = "/sets/build/"


@pytest.fixture
def ada(client: Client) -> User:
    user = make_user("ada")
    client.force_login(user)
    return user


def make(slug, owner, *, n=3, **fields):
    made = StimulusSet.objects.create(slug=slug, owner=owner, **fields)
    for index in range(n):
        for label in Label:
            category = "rain" if index else "dog_bark"
            make_stimulus(made, label=label, category=category, name=f"{label.value}-{index}.wav")
    return made


@pytest.fixture
def source(ada: User) -> StimulusSet:
    return make("source", ada, caution="Few clips.")


def post(client, query, **body):
    return client.post(f"{BUILD}?{query}", {"into": "new", "which": "all", **body})


def test_a_filter_builds_a_set_that_says_how(client, ada, source):
    doubted = source.own_stimuli.get(name="real-1.wav")
    Stimulus.objects.filter(pk=doubted.pk).update(label_in_doubt=True)
    done = post(client, "sets=source&category=rain&without_doubt=on", title="New one")
    assert done.status_code == 302
    new = StimulusSet.objects.get(slug="new")
    assert (new.owner, new.title) == (ada, "New one")
    assert set(new.members.values_list("stimulus__name", flat=True)) == {"fake-1.wav", "fake-2.wav", "real-2.wav"}
    assert "Of the set source, from which clips are: Few clips." in new.caution
    (step,) = new.provenance["steps"]
    assert step["filter"] == {"category": "rain", "without_doubt": True}
    assert AuditEntry.objects.get(action="build_set").detail == {"how": "filter", "n_added": 3, "n_same": 0}
    page = client.get(reverse("stimulus_set", args=["new"])).content.decode()
    assert "3 clips from source by filter (category: rain; without doubt: True)" in page
    assert "1 real" in page


def test_ticked_clips_of_several_sets_come_together_and_no_sound_twice(client, ada, source):
    other = make("other", ada, n=2)
    chosen = [source.own_stimuli.first().pk, other.own_stimuli.first().pk]
    twin = other.own_stimuli.last()
    Stimulus.objects.filter(pk=twin.pk).update(sha256=source.own_stimuli.first().sha256)
    post(client, "sets=source&sets=other", which="ticked", clip=chosen)
    done = client.post(f"{BUILD}?sets=other", {"into": "new", "which": "ticked", "clip": [twin.pk]}, follow=True)
    assert "0 clips were added to new. 1 were left out" in done.content.decode()
    new = StimulusSet.objects.get(slug="new")
    assert list(new.members.order_by("position").values_list("stimulus_id", flat=True)) == sorted(chosen)
    assert [step["how"] for step in new.provenance["steps"]] == ["hand", "hand"]


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("label=fake", 3),
        ("generator=TASys01", 3),
        ("name=real-", 3),
        ("tag=echo", 1),
        ("machine=m", 2),
        ("machine=m&score_from=0.5", 1),
        ("duration_to=0.5", 0),
        ("level_from=-25&level_to=-15", 6),
    ],
)
def test_each_filter(client, ada, source, query, n):
    machine = Machine.objects.create(slug="m", title="M")
    for stimulus, score in zip(source.own_stimuli.all()[:2], (0.2, 0.8), strict=True):
        MachineScore.objects.create(machine=machine, stimulus=stimulus, fake_score=score, decision="fake")
    ClipNote.objects.create(stimulus=source.own_stimuli.first(), author=ada, tags=["echo"])
    page = client.get(f"{BUILD}?sets=source&{query}", headers={"X-Part": "results"})
    assert page.context["balance"].total.n == n
    assert b"<html" not in page.content


def test_the_balance_says_what_is_missing_also_of_the_set_added_to(client, ada, source):
    post(client, "sets=source&label=fake")
    page = client.get(f"{BUILD}?sets=source&label=real&into=new").content.decode()
    assert "1 fake</td>" in page and "1 real</td>" in page
    assert "What new holds already" in page


def test_pages_without_a_choice_or_without_clips_say_what_to_do(client, ada, source):
    assert b"Choose the sets first" in client.get(BUILD).content
    assert b"No clip fits" in client.get(f"{BUILD}?sets=source&duration_to=0.1").content


@pytest.mark.parametrize(
    ("query", "body", "said"),
    [
        ("sets=source", {"into": "a b"}, "must be 1 to 80 letters"),
        ("sets=source", {"into": ""}, "This field is required"),
        ("sets=source", {"into": "source"}, "is taken by a set that you cannot add to"),
        ("sets=source", {"into": "hers"}, "is taken by a set that you cannot add to"),
        ("sets=source", {"which": "ticked"}, "No clip is chosen"),
        ("sets=source", {"which": "ticked", "clip": ["x", "999999"]}, "No clip is chosen"),
        ("sets=source&duration_from=x", {}, "Enter a number"),
        ("sets=source&level_from=-10&level_to=-20", {}, "no clip can be between"),
        ("sets=source&score_from=0.5", {}, "Choose the machine"),
        ("sets=source&category=nothing", {}, "Select a valid choice"),
        ("sets=hers", {}, "hers is not one of the available choices"),
        ("sets=source&sets=synthetic", {}, "never mix"),
    ],
)
def test_bad_input_is_said_and_nothing_is_stored(client, ada, source, query, body, said):
    make("hers", make_user(), provenance={"kind": "built"})
    make("synthetic", ada, is_stand_in=True)
    answer = post(client, query, **body)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert StimulusSet.objects.count() == 3 and not AuditEntry.objects.filter(action="build_set").exists()


def test_clips_are_taken_out_of_a_built_set_alone(client, ada, source):
    post(client, "sets=source")
    key = source.own_stimuli.first().pk
    button = "Take ticked clips out of the set"
    assert button in client.get("/stimuli/new/").content.decode()
    assert button not in client.get("/stimuli/source/").content.decode()
    done = client.post("/sets/new/take-out/", {"clip": [key]}, follow=True)
    assert "1 clips were taken out" in done.content.decode()
    assert StimulusSet.objects.get(slug="new").members.count() == 5
    assert (
        "only be taken out of a set that you built"
        in client.post("/sets/source/take-out/", {"clip": [key]}, follow=True).content.decode()
    )
    assert "nothing to take out" in client.post("/sets/new/take-out/", {"clip": ["x"]}, follow=True).content.decode()
    assert source.members.count() == 6


def test_an_empty_set_has_nothing_to_match_and_says_how_to_fill_it(client, ada):
    make("nothing", ada, n=0)
    page = client.get("/sets/nothing/controls/").content.decode()
    assert "No sounds are in this set yet" in page and "This field is required" not in page
    assert "clips have a control" not in page


def test_controls_of_the_other_label_are_stored_with_their_distance(client, ada, source):
    errors = StimulusSet.objects.create(slug="errors", owner=ada, provenance={"kind": "selection"})
    fake = source.own_stimuli.get(name="fake-1.wav")
    SetMember.objects.create(stimulus_set=errors, stimulus=fake)
    Stimulus.objects.filter(name="real-1.wav").update(level_dbfs=-32.0)
    assert b"1 of 1 clips have a control" in client.get("/sets/errors/controls/").content
    assert client.post("/sets/errors/controls/", {"into": "errors-with-controls"}).status_code == 302
    made = StimulusSet.objects.get(slug="errors-with-controls")
    control = made.members.get(position=1)
    assert control.stimulus.name == "real-2.wav"
    assert control.detail["control_of"] == fake.pk and control.detail["distance"] == 0.0
    page = client.get(reverse("stimulus_set", args=[made.slug])).content.decode()
    assert "2 clips of errors and, for 1 of 1 of them, a matched control of the other label from errors, source" in page


def test_controls_asked_for_again_do_not_pile_up(client, ada, source):
    errors = StimulusSet.objects.create(slug="errors", owner=ada)
    fake = source.own_stimuli.get(name="fake-1.wav")
    SetMember.objects.create(stimulus_set=errors, stimulus=fake)
    client.post("/sets/errors/controls/", {"into": "with"})
    again = client.get("/sets/with/controls/")
    assert again.context["plan"].matches == [] and "1 other clip of the set has one already" in again.content.decode()
    make_stimulus(source, label=Label.REAL, category="rain", name="nearer.wav")
    for slug in ("with", "errors"):  # into itself, and from the errors once more, now that others are near
        answer = client.post(f"/sets/{slug}/controls/", {"into": "with"})
        assert answer.status_code == (400 if slug == "with" else 302)
    assert StimulusSet.objects.get(slug="with").members.count() == 2
    machine = Machine.objects.create(slug="m", title="M")
    right = source.own_stimuli.get(name="fake-2.wav")
    MachineScore.objects.create(machine=machine, stimulus=right, decision="fake")
    client.post("/sets/with/controls/?sets=source&kind=got_right&machine=m", {"into": "with"})  # of another kind
    assert StimulusSet.objects.get(slug="with").members.filter(stimulus=right).count() == 1


def test_controls_come_in_pages_and_are_stored_whole(client, ada, source, django_assert_max_num_queries):
    many = make("many", ada, n=1)
    for label in (Label.FAKE, Label.REAL):
        for _ in range(60):
            make_stimulus(many if label == Label.FAKE else source, label=label, category="rain")
    with django_assert_max_num_queries(30):
        page = client.get("/sets/many/controls/?sets=source&kind=other_label&page=2")
    assert 0 < len(page.context["pairs"]) < 50 and "page 2 of 2" in page.content.decode()
    client.post("/sets/many/controls/?sets=source&kind=other_label&page=2", {"into": "new"})
    n = StimulusSet.objects.get(slug="new").members.filter(detail__has_key="control_of").count()
    assert n == len(page.context["plan"].matches) > 50


def test_places_in_a_set_stay_each_ones_own_when_clips_were_taken_out(client, ada, source):
    post(client, "sets=source&label=real")
    new = StimulusSet.objects.get(slug="new")
    client.post("/sets/new/take-out/", {"clip": [new.members.order_by("position").first().stimulus_id]})
    post(client, "sets=source&label=fake")
    assert list(new.members.order_by("pk").values_list("position", flat=True)) == [1, 2, 3, 4, 5]


def test_controls_that_a_machine_got_right(client, ada, source):
    machine = Machine.objects.create(slug="m", title="M")
    right = source.own_stimuli.get(name="fake-2.wav")
    MachineScore.objects.create(machine=machine, stimulus=right, decision="fake")
    errors = StimulusSet.objects.create(slug="errors", owner=ada)
    SetMember.objects.create(stimulus_set=errors, stimulus=source.own_stimuli.get(name="fake-1.wav"))
    page = client.get("/sets/errors/controls/?sets=source&kind=got_right&machine=m")
    assert [pair[1] for pair in page.context["pairs"]] == [right]
    none = client.get("/sets/errors/controls/?sets=source&kind=got_right")
    assert none.context["plan"] is None and b"Choose the machine that got" in none.content


def test_controls_that_cannot_be_found_are_counted(client, ada, source):
    Stimulus.objects.filter(label="real").update(label_in_doubt=True)
    page = client.get("/sets/source/controls/").content.decode()
    assert "0 of 6 clips have a control" in page and "No control was found" in page
    answer = client.post("/sets/source/controls/", {"into": "x"})
    assert answer.status_code == 400
    assert not StimulusSet.objects.filter(slug="x").exists()


def test_who_may_not(client, source, ada):
    hers = make("hers", make_user(), n=1)
    assert client.get("/sets/hers/controls/").status_code == 404
    assert client.post("/sets/hers/take-out/").status_code == 404
    everyones = make("everyones", None, n=1)
    assert client.post("/sets/everyones/take-out/").status_code == 403
    assert client.get("/sets/source/take-out/").status_code == 405
    client.logout()
    for address in (BUILD, "/sets/source/controls/"):
        assert client.get(address).status_code == client.post(address).status_code == 302
    assert client.post("/sets/source/take-out/").status_code == 302
    assert hers.members.count() == everyones.members.count() == 2


def test_a_page_of_fifty_asks_as_few_queries_as_one_of_five(client, ada, source, django_assert_max_num_queries):
    make("many", ada, n=30)
    with django_assert_max_num_queries(22):
        client.get(f"{BUILD}?sets=many&sets=source")
    with django_assert_max_num_queries(22):
        client.get("/sets/many/controls/")
