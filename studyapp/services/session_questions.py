"""Take the answers to a study's questions: who may take part, what was understood, who took part."""

from django.db.models import Max

from studyapp.design.actions import EligibilityAction, InstructionsAction, QuestionsAction
from studyapp.design.question_answers import admits, checked_answers, wrong_answers
from studyapp.errors import InvalidAction
from studyapp.models import QuestionAnswer, Session
from studyapp.selectors.study_config import frozen_config
from studyapp.services.session_end import end_session
from studyapp.services.session_steps import go_on, require_step
from studyapp.vocab import Outcome, Step

MAX_TRIES = 100  # of the comprehension check: nobody needs them, and a page that runs wild stores no more


def answer_eligibility(*, session: Session, action: EligibilityAction) -> None:
    """Store the answers, and end the session when one of them does not admit. Raises InvalidAction."""
    require_step(session, Step.ELIGIBILITY)
    config = frozen_config(session.version)
    answers = checked_answers(config.eligibility.questions, action.answers)
    _store(session, Step.ELIGIBILITY, answers)
    if admits(config.eligibility.questions, answers):
        go_on(session=session, config=config)
    else:
        end_session(session=session, outcome=Outcome.INELIGIBLE)


def leave_instructions(*, session: Session, action: InstructionsAction) -> None:
    """Store a try at the comprehension check, and go on when every answer is right. Raises InvalidAction."""
    require_step(session, Step.INSTRUCTIONS)
    config = frozen_config(session.version)
    questions = config.instructions.questions
    answers = checked_answers(questions, action.answers)
    if questions:
        _store(session, Step.INSTRUCTIONS, answers, attempt=_next_try(session))
    if not wrong_answers(questions, answers):
        go_on(session=session, config=config)


def answer_questions(*, session: Session, action: QuestionsAction) -> None:
    """Store the answers to the last questions, and complete the session. Raises InvalidAction."""
    require_step(session, Step.QUESTIONS)
    config = frozen_config(session.version)
    _store(session, Step.QUESTIONS, checked_answers(config.questions.questions, action.answers))
    go_on(session=session, config=config)


def _next_try(session: Session) -> int:
    given = session.question_answers.filter(step=Step.INSTRUCTIONS.value)
    number = int(given.aggregate(last=Max("attempt"))["last"] or 0) + 1
    if number > MAX_TRIES:
        raise InvalidAction(f"answers: the check was tried {MAX_TRIES} times; no more tries are kept")
    return number


def _store(session: Session, step: Step, answers: dict[str, str], *, attempt: int = 1) -> None:
    QuestionAnswer.objects.bulk_create(
        QuestionAnswer(session=session, step=step.value, attempt=attempt, code=code, answer=answer)
        for code, answer in answers.items()
    )
