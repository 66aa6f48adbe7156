"""Judgements from other programs: all or none, and what is stored is analysed and exported as the program's own."""

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from studyapp.errors import ImportFailed
from studyapp.exports.identifiers import identifiers_csv
from studyapp.exports.judgements_csv import judgements_csv
from studyapp.exports.still_page import make_still
from studyapp.exports.tables import tables
from studyapp.models import (
    ChosenReason,
    Participant,
    Play,
    RecruiterIdentity,
    Response,
    Session,
    StimulusSet,
    Study,
    StudyVersion,
    Trial,
)
from studyapp.reports.analysis_page import analysis_page
from studyapp.selectors.monitor import completions_by_day, durations_min, monitored
from studyapp.services import response_import
from studyapp.services.analysis import analyze
from studyapp.services.response_import import import_responses
from studyapp.services.response_rows import ResponseMapping
from studyapp.vocab import Label, Origin
from tests.factories import make_session, make_user, make_version

pytestmark = pytest.mark.django_db
PLAIN = ResponseMapping()


@pytest.fixture
def version() -> StudyVersion:
    return make_version(slug="s", n_fake=3, n_real=2, owner=make_user("owner"))


def _file(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "answers.csv"
    path.write_text("\n".join([*lines, ""]), encoding=encoding)
    return path


def _names(version: StudyVersion) -> list[str]:
    """Return the sounds' names, fakes first."""
    return list(version.frozen_stimuli.order_by("pk").values_list("stimulus__name", flat=True))


def _everything(version: StudyVersion, who: str, answers: list[str]) -> list[str]:
    return [f"{who},{name},{answer}" for name, answer in zip(_names(version), answers, strict=True)]


def _stored() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Session, Trial, Response, Participant, RecruiterIdentity))


def test_imported_judgements_are_analysed_as_the_programs_own(version: StudyVersion, tmp_path: Path) -> None:
    """The same answers, once given here and once imported, give the same numbers."""
    answers = {"a": ["fake", "real", "fake", "real", "real"], "b": ["fake", "fake", "real", "fake", "real"]}
    for words in answers.values():
        make_session(version, says_fake=lambda frozen, index, words=words: words[index] == "fake", reason=None)
    rows = [line for who, words in answers.items() for line in _everything(version, who, words)]
    found = import_responses(
        path=_file(tmp_path, "participant_id,stimulus_id,response", *rows), slug="s", mapping=PLAIN
    )
    assert (found.n_judgements, found.n_listeners, found.n_clips, found.n_partial) == (10, 2, 5, 0)
    here, elsewhere = (analyze(study=version.study, origin=origin) for origin in (Origin.LIVE, Origin.IMPORTED))
    assert elsewhere["is_data"]
    assert elsewhere["counts"] == here["counts"] == {"n_listeners": 2, "n_clips": 5, "n_judgements": 10}
    for key in ("classes", "categories"):
        assert elsewhere[key] == here[key]
    assert elsewhere["discrimination"]["pooled"] == here["discrimination"]["pooled"]


def test_a_table_of_another_program_is_mapped(version: StudyVersion, tmp_path: Path) -> None:
    first = _names(version)[0]
    path = _file(
        tmp_path,
        "Participant Private ID;Spreadsheet: Sound;Display;Response;Reaction Time;Why",
        f"117;{first};instructions;;;",
        f"117;{first.rsplit('/')[-1]};Trial;Artificial;1234,5;the sound is too repetitive.",
        "END OF FILE;;;;;",
        encoding="utf-16",
    )
    mapping = ResponseMapping(
        columns={
            "participant_id": "Participant Private ID",
            "stimulus_id": "spreadsheet: sound",
            "response": "Response",
            "rt_ms": "Reaction Time",
            "reason": "Why",
        },
        words={"Artificial": Label.FAKE, "natural": Label.REAL},
        only={"display": "trial"},
        rt_from_offset=True,
    )
    found = import_responses(path=path, slug="s", mapping=mapping)
    assert (found.n_judgements, found.n_left_out, found.n_partial) == (1, 2, 1)
    response = Response.objects.get()
    assert (response.choice, response.rt_from_onset_ms, response.rt_from_offset_ms) == ("fake", None, 1234.5)
    assert ChosenReason.objects.get().code == "repetitive"
    assert RecruiterIdentity.objects.get().external_id == "117"


def test_exports_keep_the_participants_name_and_what_nobody_knows_to_themselves(
    version: StudyVersion, tmp_path: Path
) -> None:
    path = _file(tmp_path, "participant_id,stimulus_id,response", f"jane@example.org,{_names(version)[0]},fake")
    import_responses(path=path, slug="s", mapping=PLAIN)
    text = "".join(judgements_csv([(version.study, Origin.IMPORTED)]))
    (row,) = csv.DictReader(io.StringIO(text))
    assert "jane" not in text
    assert (row["origin"], row["choice"], row["choice_position"], row["n_plays"]) == ("imported", "fake", "", "0")


def test_the_order_of_trials_and_repeats(version: StudyVersion, tmp_path: Path) -> None:
    one, two = _names(version)[:2]
    lines = [f"a,{one},real,3", f"a,{two},fake,2", f"a,{one},fake,1"]
    path = _file(tmp_path, "participant_id,stimulus_id,response,trial_order", *lines)
    import_responses(path=path, slug="s", mapping=PLAIN)
    trials = Trial.objects.order_by("position").values_list("kind", "response__choice")
    assert list(trials) == [("main", "fake"), ("main", "fake"), ("repeat", "real")]


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        ("participant_id,stimulus_id", ["a,{0}"], "no column response"),
        ("participant_id,stimulus_id,response", [], "no row below the header"),
        ("participant_id,stimulus_id,response", ["a,nowhere.wav,fake"], "row 2: no sound 'nowhere.wav'"),
        ("participant_id,stimulus_id,response", ["a,{0},fake", ",{1},fake"], "row 3: no participant_id"),
        ("participant_id,stimulus_id,response", ["a,{0},perhaps"], "row 2: the response 'perhaps' is none of"),
        ("participant_id,stimulus_id,response", ["a,{0},fake", "a,{0},real"], "row 3: the same participant and sound"),
        ("participant_id,stimulus_id,response", ["a,{0},fake,x"], "row 2: more cells"),
        ("participant_id,stimulus_id,response,trial_order", ["a,{0},fake,1", "a,{1},real,1"], "row 3: the same"),
        ("participant_id,stimulus_id,response,trial_order", ["a,{0},fake,first"], "row 2: trial_order 'first'"),
        ("participant_id,stimulus_id,response,rt_ms", ["a,{0},fake,-4"], "row 2: rt_ms -4 is not between"),
        ("participant_id,stimulus_id,response,rt_ms", ['a,{0},fake,"1,234"'], "'1,234' may be 1234 or 1.234: write"),
        ("participant_id,stimulus_id,response,rt_ms", ['a,{0},fake,"1,234.5"'], "rt_ms '1,234.5' is no number"),
        ("participant_id,stimulus_id,response,trial_order", ['a,{0},fake,"1,000"'], "may be 1000 or 1.000: write"),
        ("participant_id,stimulus_id,response,rt_ms", ["a,{0},fake,nan"], "row 2: rt_ms nan is not between"),
        ("participant_id,stimulus_id,response,reason", ["a,{0},real,distorted"], "row 2: a reason, which the study"),
        ("participant_id,stimulus_id,response,reason", ["a,{0},fake,dull"], "row 2: the reason 'dull' is not in"),
        ("participant_id,stimulus_id,response,confidence", ["a,{0},fake,2"], "row 2: a confidence, which the study"),
        ("participant_id,stimulus_id,response,response", ["a,{0},fake,fake"], "names response twice"),
        ("participant_id,stimulus_id,response", ['a,"{0},fake'], "no CSV after line"),
    ],
)
def test_a_wrong_table_is_refused_whole(
    version: StudyVersion, tmp_path: Path, header: str, rows: list[str], words: str
) -> None:
    names = _names(version)
    path = _file(tmp_path, header, *(row.format(*names) for row in rows))
    with pytest.raises(ImportFailed) as refused:
        import_responses(path=path, slug="s", mapping=PLAIN)
    assert words in str(refused.value)
    assert _stored() == (0, 0, 0, 0, 0)


def test_a_comma_that_can_only_be_a_decimal_one_is_read_as_such(version: StudyVersion, tmp_path: Path) -> None:
    given = {"0,5": 0.5, "0,125": 0.125, "812,25": 812.25, "1234,567": 1234.567, "812.125": 812.125}
    rows = [f'a,{name},fake,"{text}"' for name, text in zip(_names(version), given, strict=True)]
    path = _file(tmp_path, "participant_id,stimulus_id,response,rt_ms", *rows)
    import_responses(path=path, slug="s", mapping=PLAIN)
    times = Response.objects.order_by("trial__position").values_list("rt_from_onset_ms", flat=True)
    assert list(times) == list(given.values())


def test_times_that_count_from_the_start_alone_are_shown_as_such(version: StudyVersion, tmp_path: Path) -> None:
    times = (1000, 2000, 3000, 4000, 61_000)
    rows = [f"{who},{name},fake,{time}" for who in "ab" for name, time in zip(_names(version), times, strict=True)]
    path = _file(tmp_path, "participant_id,stimulus_id,response,rt_ms", *rows)
    import_responses(path=path, slug="s", mapping=PLAIN)
    analysis = analyze(study=version.study, origin=Origin.IMPORTED)
    found = analysis["times"]
    assert (found["counted_from"], found["n_too_long"], found["n_without_time"]) == ("from_onset", 2, 0)
    assert sum(row["n_right"] for row in found["distribution"]) == 6  # the fakes; the last real sound took too long
    # Right in 1, 2, 3 seconds and wrong in 4.
    assert found["wrong_minus_right"]["mean_ms"] == 2000.0
    context = {"times": analysis_page(analysis)["times"], "methods": {"times": None}}
    page = make_still(render_to_string("experimenter/analysis_times.html", context), draw=lambda *_: "")
    section = page.tables[0]
    assert section.rows[0][-4:] == ["Listeners", "Judgements", "Median from the sound’s start", "Quartiles"]
    assert section.rows[1] == ["fake", "right", "2", "6", "2.00", "2.00 to 2.00"]
    assert context["times"]["chart"]["encoding"]["x"]["title"] == "seconds from the sound’s start"
    assert context["times"]["bins"][0]["words"] == "before the start"


def test_the_imports_own_time_is_not_told_as_that_of_the_answers(
    version: StudyVersion, tmp_path: Path, client: Client
) -> None:
    make_session(version)
    path = _file(tmp_path, "participant_id,stimulus_id,response", *_everything(version, "a", ["fake"] * 5))
    import_responses(path=path, slug="s", mapping=PLAIN)
    when = ("started_at_utc", "ended_at_utc", "duration_s", "answered_at_utc")
    for origin, is_known in ((Origin.LIVE, True), (Origin.IMPORTED, False)):
        for table in tables(version.study, origin):
            for row in table.rows if table.description in ("sessions", "trials") else ():
                told = [value for name, value in zip(table.header, row, strict=True) if name in when]
                assert told and [value is not None for value in told] == [is_known] * len(told)
    (_, line) = identifiers_csv(study=version.study, origin=Origin.IMPORTED, actor=None)
    assert line.split(",")[3] == ""
    imported = monitored(study=version.study, origin=Origin.IMPORTED)
    assert (durations_min(imported), completions_by_day(imported)) == ([], [])
    client.force_login(version.study.owner)
    address = reverse("study_monitor", args=["s"])
    page = client.get(f"{address}?origin=imported").content.decode()
    assert "1 imported session: 1 completed" in page and "Minutes, completed" not in page
    assert '<td>–</td><td>–</td><td class="number">–</td>' in page and "<time" not in page
    assert "Minutes, completed" in client.get(f"{address}?origin=live").content.decode()
    session = Session.objects.get(origin=Origin.IMPORTED.value)
    page = client.get(reverse("study_session", args=["s", session.pk])).content.decode()
    assert "<dt>Imported</dt>" in page and "These times are of the import." in page and "Came to the study" not in page


def test_the_same_participant_is_not_imported_twice(version: StudyVersion, tmp_path: Path) -> None:
    path = _file(tmp_path, "participant_id,stimulus_id,response", *_everything(version, "a", ["fake"] * 5))
    import_responses(path=path, slug="s", mapping=PLAIN)
    before = _stored()
    with pytest.raises(ImportFailed, match="has imported answers of a;"):
        import_responses(path=path, slug="s", mapping=PLAIN)
    assert _stored() == before


def test_an_import_that_breaks_off_leaves_nothing(
    version: StudyVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_import, "LISTENERS_AT_ONCE", 1)
    rows = [line for who in "abc" for line in _everything(version, who, ["fake"] * 5)]
    path = _file(tmp_path, "participant_id,stimulus_id,response", *rows)
    store, calls = response_import._store, []

    def breaks_off(*given: object) -> list[int]:
        calls.append(given)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return store(*given)

    monkeypatch.setattr(response_import, "_store", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        import_responses(path=path, slug="s", mapping=PLAIN)
    assert _stored() == (0, 0, 0, 0, 0)


def test_of_two_imports_at_once_the_one_that_was_overrun_says_so(
    version: StudyVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(tmp_path, "participant_id,stimulus_id,response", *_everything(version, "a", ["fake"] * 5))
    store = response_import._store

    def overrun(*given: object) -> list[int]:
        made = store(*given)
        response_import._delete_unfinished(version.study)  # what the other one begins with
        return made

    monkeypatch.setattr(response_import, "_store", overrun)
    with pytest.raises(ImportFailed, match="at the same time"):
        import_responses(path=path, slug="s", mapping=PLAIN)
    assert _stored() == (0, 0, 0, 0, 0)


def test_what_a_killed_import_left_is_not_analysed_and_goes_with_the_next(
    version: StudyVersion, tmp_path: Path
) -> None:
    left = make_session(version, origin=Origin.IMPORTED, outcome=None, screening_correct=None)
    Play.objects.all().delete()  # an import stores none
    assert analyze(study=version.study, origin=Origin.IMPORTED)["counts"]["n_judgements"] == 0
    path = _file(tmp_path, "participant_id,stimulus_id,response", *_everything(version, "a", ["fake"] * 5))
    import_responses(path=path, slug="s", mapping=PLAIN)
    assert analyze(study=version.study, origin=Origin.IMPORTED)["counts"]["n_listeners"] == 1
    assert not Session.objects.filter(pk=left.pk).exists()


def test_the_command(version: StudyVersion, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _file(tmp_path, "who,stimulus_id,response", *_everything(version, "a", ["0", "1", "1", "0", "0"]))
    call_command("import_responses", "s", str(path), "--column", "participant_id=who", "--fake", "0", "--real", "1")
    assert "5 judgements of 5 clips by 1 listener imported into s" in capsys.readouterr().out
    for arguments, words in (
        (["nowhere", str(path)], "there is no study"),
        (["s", str(path), "--column", "x=y"], "the name must be one of"),
        (["s", str(path), "--fake", "1", "--real", "1"], "stands for both"),
        (["s", str(tmp_path / "none.csv")], "No such file"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("import_responses", *arguments)


def test_a_draft_and_another_task_are_refused(tmp_path: Path) -> None:
    make_version(slug="r", config={"task": {"type": "rating"}})
    path = _file(tmp_path, "participant_id,stimulus_id,response", "a,b,fake")
    with pytest.raises(ImportFailed, match="asks for rating"):
        import_responses(path=path, slug="r", mapping=PLAIN)
    draft = Study.objects.create(slug="d", title="D", stimulus_set=StimulusSet.objects.first(), config={"slug": "d"})
    with pytest.raises(ImportFailed, match="run launch_study d first"):
        import_responses(path=path, slug=draft.slug, mapping=PLAIN)
