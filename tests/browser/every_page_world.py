"""Fill an installation for the sweep over every page: python -m tests.browser.every_page_world.

Prints one JSON object: the arguments of addresses by world ("full" and "empty", for pictures also one for each of
LARGE), the sections of the editor, and the page of a broken server. Runs in a process of its own, with the
installation's EARWITNESS_DATA_DIR.
"""

import json
import os
from datetime import timedelta
from typing import Any

import django

PASSWORD = "a password of the tests"
SENDING = "more-sounds"
N_DAYS = 9
LARGE = (82, 5000)


def main() -> None:
    django.setup()
    from django.template.loader import render_to_string

    from studyapp.design.editor_sections import editor_sections
    from studyapp.models import Study, User
    from tests.access.world import make_world

    world = make_world()
    _fill_study(Study.objects.get(slug=world.things["study"]), world.users)
    _fill_set(world)
    _fill_detectors(world)
    told = {
        "full": {name: value for name, value in world.things.items() if isinstance(value, (str, int))},
        "empty": _empty(),
        **(_large(world.users["owner"]) if os.environ.get("EARWITNESS_ALL_SCREENSHOTS") else {}),
        "sections": [each.code for each in editor_sections()],
        "500": render_to_string("500.html"),
    }
    for user in User.objects.all():
        user.set_password(PASSWORD)
        user.save()
    print(json.dumps(told))


def _empty() -> dict[str, Any]:
    """Somebody new: a set without sounds, and a draft of a study on it."""
    from studyapp.services.stimulus_set_create import create_set
    from studyapp.services.study_create import create_study
    from tests.factories import make_user

    newcomer = make_user("newcomer")
    made = create_set(owner=newcomer, title="My first set")
    study = create_study(
        config={"slug": "my-first-study", "title": "My first study", "stimulus_set": made.slug}, owner=newcomer
    )
    return {"set": made.slug, "study": study.slug}


def _large(owner: Any) -> dict[str, Any]:
    """Make sets of the demonstration's size and of thousands of clips, with a training and a report; for pictures."""
    from tests.detector.drawn_training import draw_training
    from tests.detector.large_corpus import make_large_set
    from tests.detector.report_example import example_report, store_report

    told = {}
    for n in LARGE:
        made = make_large_set(f"corpus-of-{n}", n=n)
        made.owner = owner
        made.save()
        training = draw_training(made)
        training.owner = owner
        training.save()
        store_report(training, example_report(training, systems=8))
        told[f"{n} clips"] = {"set": made.slug, "training": training.pk}
    return told


def _fill_study(study: Any, users: dict[str, Any]) -> None:
    """Let people and bots come on several days, some in trouble, into a study that the editor could have made."""
    from studyapp.models import BotRun, ClientEvent, Exclusion, StudyExport, StudyMember, StudyVersion
    from studyapp.services.study_create import change_study
    from studyapp.vocab import JobState, Label, Origin, Outcome
    from tests.factories import make_machine, make_session, make_user

    owner, version = users["owner"], study.versions.get()
    title = "Do listeners hear which footsteps, dogs and rains were generated, and what gives them away?"
    study.revisions.all().delete()  # the change stores the first one itself
    study = change_study(
        study=study,
        config={"slug": study.slug, "title": title, "stimulus_set": study.stimulus_set.slug},
        user=owner,
    )
    # A version never changes by save(); here a test makes one that was launched so.
    StudyVersion.objects.filter(pk=version.pk).update(
        config={**version.config, "title": title, "recruitment": {"quota": 20}}
    )
    for number in range(12):
        made = make_session(
            version,
            says_fake=lambda frozen, index, number=number: (frozen.label == Label.FAKE) == ((index + number) % 3 > 0),
            reason=lambda index: ("distorted", "repetitive", "other")[index % 3],
        )
        _let_be(made, days_ago=number % N_DAYS, minutes=9 + number)
    for place, outcome in enumerate((Outcome.TIMED_OUT, Outcome.WITHDRAWN, Outcome.FAILED_HEADPHONE) * 3):
        passed = 6 if outcome is not Outcome.FAILED_HEADPHONE else 1
        made = make_session(version, outcome=outcome, n_answers=place % 4, screening_correct=passed)
        _let_be(made, days_ago=place, minutes=4)
        made.client = {"browser": "Safari 17", "device": "mobile"}
        made.save()
        ClientEvent.objects.create(session=made, event="audio_stopped")
    Exclusion.objects.create(session=made, reason="manual", detail="The same person came twice, by their own word.")
    for origin in (Origin.PILOT, *[Origin.BOT] * 4):
        make_session(version, origin=origin)
    for slug in ("cnn14", "vggish-trained-on-the-evaluation-split"):
        make_machine(version, is_right=lambda frozen, index: index % 4 > 0, slug=slug)
    done = {"state": JobState.DONE.value, "n_done": 4, "n_total": 4, "result": {"n_completed": 4, "n_failed": 0}}
    failed = {"state": JobState.FAILED.value, "error": "The worker's disk was full: free some space, then try again."}
    running = {"state": JobState.RUNNING.value, "n_done": 2, "n_total": 5}
    for fields in (done, failed, running):
        BotRun.objects.create(study=study, owner=owner, n=4, seed=2, d_prime=1.5, criterion_c=0.2, **fields)
    for fields in (failed, running):
        StudyExport.objects.create(study=study, origin="bot", owner=owner, **fields)
    somebody = make_user("a.person.with.a.long.name@an-institute-of-acoustics.example.org")
    StudyMember.objects.create(study=study, user=somebody, role="editor")


def _let_be(session: Any, *, days_ago: int, minutes: int) -> None:
    """Move a session into the past. started_at sets itself at creation; an update overrules it."""
    from django.utils import timezone

    from studyapp.models import Session

    ended_at = timezone.now() - timedelta(days=days_ago)
    Session.objects.filter(pk=session.pk).update(
        ended_at=ended_at, started_at=ended_at - timedelta(minutes=minutes), last_seen_at=ended_at
    )
    session.refresh_from_db()


def _fill_set(world: Any) -> None:
    """Notes, doubts and a caution on the set; beside it a set with an upload in every state."""
    from django.utils import timezone

    from studyapp.models import ClipNote, RejectedFile, StimulusImport, StimulusSet, StimulusUpload
    from studyapp.selectors.stimulus_filter import StimulusFilter
    from studyapp.services.listening import end_pass, start_pass
    from studyapp.services.stimulus_set_create import create_set
    from studyapp.vocab import JobState, Rejection
    from tests.studyapp.uploads.sending import folders

    owner = world.users["owner"]
    full = StimulusSet.objects.get(slug=world.things["set"])
    full.caution = "Fakes are 3 dB quieter than recordings: a listener could tell them apart by level alone."
    full.save()
    for place, stimulus in enumerate(full.own_stimuli.order_by("pk")[:6]):
        tags = ["echo", "static"] if place % 2 else ["splice"]
        ClipNote.objects.create(stimulus=stimulus, author=owner, text="A click at the end.", tags=tags)
        stimulus.label_in_doubt = place == 0
        stimulus.bandwidth_hz = 4000.0 + 900 * place
        stimulus.level_dbfs = -20.0 - place
        stimulus.save()
    ended = start_pass(user=owner, stimulus_set=full, chosen=StimulusFilter(), is_blind=False, seed=2)
    end_pass(listening=ended)
    world.things["ended_pass"] = ended.pk
    sending = create_set(owner=owner, title="Sounds of a kitchen, a street and a laboratory", slug=SENDING)
    found = StimulusImport.objects.create(
        stimulus_set=sending,
        source="kitchen.zip",
        layout="folders",
        n_found=5,
        n_imported=4,
        n_rejected=1,
    )
    RejectedFile.objects.create(stimulus_import=found, name="kitchen/real/tap/broken.wav", reason=Rejection.UNREADABLE)
    states = {
        JobState.QUEUED: {},
        JobState.RUNNING: {"n_done": 3, "n_total": 8},
        JobState.DONE: {"stimulus_import": found, "finished_at": timezone.now()},
        JobState.FAILED: {"error": "The archive is damaged at its 3rd member: pack it again."},
        JobState.CANCELLED: {},
    }
    for state, fields in states.items():
        StimulusUpload.objects.create(
            stimulus_set=sending, owner=owner, state=state.value, submitted_at=timezone.now(), **fields
        )
    folders(sending)
    world.things["sending"] = sending.slug


def _fill_detectors(world: Any) -> None:
    """A report, a comparison, and trainings that wait, run and failed."""
    from detector.models import Comparison, Report, Training
    from detector.services.comparison_plan import plan_comparison
    from detector.services.comparison_work import run_comparison
    from studyapp.models import StimulusSet
    from tests.detector.drawn_training import draw_training
    from tests.detector.report_example import example_report, store_report

    training, other = (Training.objects.get(pk=world.things[name]) for name in ("training", "other_training"))
    Report.objects.filter(training=training).delete()
    store_report(training, example_report(training))
    Comparison.objects.all().delete()
    comparison = plan_comparison(trainings=[training, other], n_resamples=200)
    run_comparison(comparison=comparison)
    world.things["comparison"] = comparison.pk
    full = StimulusSet.objects.get(slug=world.things["set"])
    fields: dict[str, dict[str, Any]] = {
        "queued": {},
        "running": {"n_done": 7},
        "failed": {"error": "The GPU had no memory left."},
    }
    for seed, (state, more) in enumerate(fields.items(), start=10):
        made = draw_training(full, n_runs=1, seed=seed)
        made.folds.all().delete()
        Training.objects.filter(pk=made.pk).update(state=state, owner=world.users["owner"], **{"n_done": 0, **more})
        world.things[f"{state}_training"] = made.pk


if __name__ == "__main__":
    main()
