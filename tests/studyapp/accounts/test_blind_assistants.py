"""Who only assists in a study learns nowhere which of its sounds are fake, nor what was answered."""

import pytest
from django.test import Client
from django.urls import resolve, reverse

from studyapp.models import FrozenStimulus, SetMember, Stimulus, StimulusSet, Study, StudyMember
from tests.factories import make_session, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    version = make_version(slug="study", owner=make_user("owner"), caution="All of these are fakes that passed.")
    make_session(version)
    return version.study


@pytest.fixture
def page(client: Client, study) -> Client:
    ada = make_user("ada")
    StudyMember.objects.create(study=study, user=ada, role="assistant")
    client.force_login(ada)
    return client


def test_pages_name_no_sound_no_result_and_no_export(page: Client, study) -> None:
    names = list(study.stimulus_set.own_stimuli.values_list("name", flat=True))
    for address in ("/", "/studies/", "/stimuli/", "/studies/study/", "/detector/"):
        text = page.get(address).content.decode()
        for hidden in (
            *names,
            study.stimulus_set.caution,
            "/stimuli/set-",
            "/exports/",
            "/analysis/",
            "judgements.csv",
        ):
            assert hidden not in text, (address, hidden)
    assert "Sessions" in page.get("/studies/study/").content.decode()


def test_the_overview_of_an_editor_has_it_all(page: Client, study) -> None:
    StudyMember.objects.update(role="editor")
    text = page.get("/studies/study/").content.decode()
    assert "/exports/" in text and study.stimulus_set.caution in text and "Change the configuration" in text


def test_a_set_without_an_owner_is_not_there_for_them(page: Client, study) -> None:
    """The study's set belongs to nobody, and so does the corpus that its sounds came from: others may look at both."""
    corpus = StimulusSet.objects.create(slug="corpus")
    SetMember.objects.create(stimulus_set=corpus, stimulus=study.stimulus_set.own_stimuli.first(), position=0)
    for slug in (study.stimulus_set.slug, "corpus"):
        assert page.get(f"/stimuli/{slug}/").status_code == 404
    StudyMember.objects.update(role="viewer")
    assert page.get("/stimuli/corpus/").status_code == 200


def _copy(original: Stimulus, into: StimulusSet) -> Stimulus:
    """The same bytes as another import would keep them: another row, in another set."""
    copy = Stimulus.objects.get(pk=original.pk)
    copy.pk, copy._state.adding, copy.home_set, copy.name = None, True, into, "copies/1.wav"
    copy.save()
    SetMember.objects.create(stimulus_set=into, stimulus=copy, position=0)
    return copy


def _addresses(slug: str, key: int) -> list[str]:
    """Every address at which a sound of a set, or its picture or facts, are to be had."""
    pages = [reverse(name, args=[slug]) for name in ("stimulus_set", "listening", "stimulus_tags", "set_controls")]
    clips = [reverse(name, args=[slug, key]) for name in ("stimulus_sound", "stimulus_picture")]
    api = [f"/api/v1/sets/{slug}{rest}" for rest in ("", "/stimuli", f"/stimuli/{key}/sound", "/machines", "/scores")]
    assert all(resolve(each) for each in api)
    return [*pages, *clips, *api]


@pytest.mark.parametrize("how", ["same_bytes", "practice_draft", "practice_launched", "out_of_the_set"])
def test_no_way_leads_to_a_sound_of_the_study(page: Client, study, how: str) -> None:
    """Neither to a copy of it in a corpus of nobody's, nor to what is practised, nor to what was taken out later."""
    corpus = StimulusSet.objects.create(slug="corpus")
    sound = study.stimulus_set.own_stimuli.first()
    if how == "same_bytes":
        sound = _copy(sound, corpus)
    elif how == "out_of_the_set":
        study.stimulus_set.members.filter(stimulus=sound).delete()
        SetMember.objects.create(stimulus_set=corpus, stimulus=sound, position=0)
    else:
        sound = _copy(sound, corpus)
        Stimulus.objects.filter(pk=sound.pk).update(sha256="f" * 64)
        assert page.get("/stimuli/corpus/").status_code == 200  # so far it is no sound of the study's
    if how == "practice_draft":
        Study.objects.filter(pk=study.pk).update(config=study.config | {"practice": {"stimulus_set": "corpus"}})
    elif how == "practice_launched":
        facts = {"label": sound.label, "category": sound.category, "duration_s": 1.0, "role": "practice"}
        FrozenStimulus.objects.create(version=study.versions.get(), stimulus=sound, copy_path="x", **facts)
    for address in _addresses("corpus", sound.pk):
        assert page.get(address).status_code == 404, address
    for address in ("/", "/stimuli/", reverse("set_build"), "/studies/new/", "/detector/", "/api/v1/sets"):
        assert "corpus" not in page.get(address).content.decode(), address


def test_a_corpus_with_other_sounds_is_seen(page: Client, study) -> None:
    _copy(study.stimulus_set.own_stimuli.first(), StimulusSet.objects.create(slug="corpus"))
    Stimulus.objects.filter(home_set__slug="corpus").update(sha256="f" * 64)
    assert page.get("/stimuli/corpus/").status_code == 200


def test_their_own_sets_stay_theirs(page: Client) -> None:
    StimulusSet.objects.create(slug="mine", owner=StudyMember.objects.get().user)
    assert page.get("/stimuli/mine/").status_code == 200
