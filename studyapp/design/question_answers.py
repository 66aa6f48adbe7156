"""Check answers to a study's questions. Pure."""

from collections.abc import Mapping, Sequence

from studyapp.design.config_questions import ComprehensionQuestion, EligibilityQuestion, Question
from studyapp.errors import InvalidAction


def checked_answers(questions: Sequence[Question], answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that were given, by code, in the order of the questions; numbers as plain digits.

    Raises
    ------
    InvalidAction
        For a question that is not asked, a required one without an answer, or an answer that its question does not
        take.
    """
    unknown = sorted(set(answers) - {question.code for question in questions})
    if unknown:
        raise InvalidAction(f"answers: {unknown[0]!r} is not asked here")
    given = {question.code: answers.get(question.code, "").strip() for question in questions}
    for question in questions:
        answer = given[question.code]
        if not answer and question.required:
            raise InvalidAction(f"answers: {question.code} needs an answer")
        if answer:
            given[question.code] = _checked(question, answer)
    return {code: answer for code, answer in given.items() if answer}


def _checked(question: Question, answer: str) -> str:
    if question.kind == "text":
        return answer
    if question.kind == "choice":
        allowed = [option.value for option in question.options]
        if answer not in allowed:
            raise InvalidAction(f"answers: {question.code} takes {', '.join(allowed)}")
        return answer
    is_number = answer.isascii() and answer.isdigit() and len(answer) <= 7
    if not is_number or not question.minimum <= int(answer) <= question.maximum:
        raise InvalidAction(
            f"answers: {question.code} takes a whole number from {question.minimum} to {question.maximum}"
        )
    return str(int(answer))


def admits(questions: Sequence[EligibilityQuestion], answers: Mapping[str, str]) -> bool:
    """Return whether every answer admits; a question without an answer (not a required one) admits."""
    return all(_admits(question, answers[question.code]) for question in questions if question.code in answers)


def _admits(question: EligibilityQuestion, answer: str) -> bool:
    if question.kind == "number":
        low, high = question.admit_from, question.admit_to
        return (low is None or int(answer) >= low) and (high is None or int(answer) <= high)
    return not question.admit or answer in question.admit


def wrong_answers(questions: Sequence[ComprehensionQuestion], answers: Mapping[str, str]) -> list[str]:
    """Return the codes of the questions that were not answered rightly, in their order."""
    return [question.code for question in questions if answers.get(question.code) != question.right]
