"""Who took part: what the participants of sessions said of themselves, in numbers and never one by one."""

from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet

from studyapp.models import QuestionAnswer, RecruiterIdentity, Session, Study, StudyVersion
from studyapp.selectors.monitor import screened
from studyapp.vocab import Step

ASKED_AT = (Step.ELIGIBILITY.value, Step.QUESTIONS.value)  # steps whose questions are about the participant


@dataclass(frozen=True, kw_only=True)
class AskedQuestion:
    """A question about the participant, and how many gave each answer. `labels`: option -> words, in their order."""

    step: str
    code: str
    text: str
    kind: str
    labels: dict[str, str]
    counts: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class TookPart:
    """The participants of some sessions. `recruiters`: recruiter -> participants, "" for those without an id.

    `n_screened` of the sessions did a headphone test, `n_failed` of these did not pass it.
    """

    n_participants: int
    n_sessions: int
    questions: list[AskedQuestion]
    recruiters: dict[str, int]
    n_screened: int
    n_failed: int


def took_part(*, study: Study, sessions: QuerySet[Session]) -> TookPart:
    """Count the sessions' participants. Of somebody with several the latest one's answers count. Seven queries."""
    sessions = sessions.order_by()
    latest = sessions.values("participant").annotate(latest=Max("pk")).values("latest")
    of_people = Session.objects.filter(pk__in=latest).order_by()
    n_screened, n_failed = screened(sessions)
    n_participants = of_people.count()
    return TookPart(
        n_participants=n_participants,
        n_sessions=sessions.count(),
        questions=_questions(study, of_people),
        recruiters=_recruiters(of_people, n_participants),
        n_screened=n_screened,
        n_failed=n_failed,
    )


def _recruiters(of_people: QuerySet[Session], n_participants: int) -> dict[str, int]:
    identities = RecruiterIdentity.objects.filter(participant__in=of_people.values("participant"))
    found = dict(identities.order_by().values_list("recruiter").annotate(n=Count("pk")).order_by("recruiter"))
    without = n_participants - sum(found.values())
    return {**found, "": without} if without else found


def _questions(study: Study, of_people: QuerySet[Session]) -> list[AskedQuestion]:
    """Return the questions of the versions that were answered; words and options are those of the latest one."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    answers = QuestionAnswer.objects.filter(session__in=of_people, step__in=ASKED_AT).order_by()
    for step, code, answer, n in answers.values_list("step", "code", "answer").annotate(n=Count("pk")):
        counts.setdefault((step, code), {})[answer] = n
    used = of_people.values("version")
    asked: dict[tuple[str, str], AskedQuestion] = {}
    for (config,) in StudyVersion.objects.filter(study=study, pk__in=used).order_by("number").values_list("config"):
        for step in ASKED_AT:
            for question in config.get(step, {}).get("questions", []):
                key = (step, question["code"])
                options = {option["value"]: option["label"] for option in question.get("options", [])}
                earlier = asked[key].labels if key in asked else {}
                asked[key] = AskedQuestion(
                    step=step,
                    code=question["code"],
                    text=question["text"],
                    kind=question.get("kind", "choice"),
                    labels={**earlier, **options},
                    counts=counts.get(key, {}),
                )
    return [question for question in asked.values() if question.kind != "text"]
