"""Who took part, in a sentence as section VI.B of the paper has it, and as a table."""

from typing import Any

from studyapp.reports.numbers import counted, number, percent
from studyapp.vocab import Origin

RECRUITER_WORDS = {
    "": "by the study’s link, with no recruiter’s id stored",
    "link": "by a link that named them",
    "prolific": "from Prolific",
    "sona": "from SONA",
    "mturk": "from Mechanical Turk",
    "import": "imported",
}
POOLED = "any other answer, or none"
# What the paper reports too, by the code of the question.
TOPICS = {"normal_hearing": "Hearing is normal", "hearing": "Hearing", "gender": "Gender", "device": "Listened with"}
TOO_FEW = "What fewer than {n} participants said of themselves is not shown."
NOT_TOLD = "not told, for it would point at fewer than {n} participants"


def participants_page(analysis: dict[str, Any]) -> dict[str, Any]:
    """Return the template's context; `rows` is empty where nobody was asked anything, or too few people were."""
    found = analysis["participants"]
    n = found["n_participants"]
    questions = found["questions"] if n >= found["least_alike"] else []
    return {
        "sentences": _sentences(found, questions, is_bots=analysis["origin"] == Origin.BOT),
        "rows": [row for question in questions for row in _rows(question, n, found["least_alike"])],
        "least_alike": found["least_alike"],
        "is_pooled": any(question["n_pooled"] for question in questions),
    }


def _sentences(found: dict[str, Any], questions: list[dict[str, Any]], *, is_bots: bool) -> list[str]:
    n = found["n_participants"]
    if not n:
        return ["Nobody’s answers are in the analysis."]
    took = f"{counted(n, 'simulated participant' if is_bots else 'participant')} took part"
    if found["n_sessions"] != n:
        took += f" in {counted(found['n_sessions'], 'session')}"
    sentences = [f"{took}{_age(questions, n)}."]
    sentences += [words for question in questions if (words := _topic(question, found["least_alike"]))]
    if found["questions"] and not questions:
        sentences.append(TOO_FEW.format(n=found["least_alike"]))
    return [*sentences, _recruiters(found), *_headphones(found["headphone_test"])]


def _age(questions: list[dict[str, Any]], n: int) -> str:
    for question in questions:
        if question["code"] == "age" and question["mean"] is not None:
            n_answered = question["n_answered"]  # None: nearly all
            given = " of those who told it" if n_answered is None else f" of the {n_answered} who told it"
            given = "" if n_answered == n else given
            return f" (mean age{given} {number(question['mean'], 1)} years, SD {number(question['sd'], 1)})"
    return ""


def _topic(question: dict[str, Any], least_alike: int) -> str:
    if question["code"] not in TOPICS or question["n_answered"] == 0 or question["n_pooled"] is None:
        return ""
    if not question["answers"]:
        return f"{TOPICS[question['code']]}: {NOT_TOLD.format(n=least_alike)}."
    parts = [f"{answer['label']} {answer['n']}" for answer in question["answers"]]
    parts += [f"{POOLED} {question['n_pooled']}"] if question["n_pooled"] else []
    return f"{TOPICS[question['code']]}: {'; '.join(parts)}."


def _recruiters(found: dict[str, Any]) -> str:
    parts = []
    for row in found["recruiters"]:
        name = row["recruiter"].removesuffix("-pilot")
        parts.append(f"{row['n']} {RECRUITER_WORDS.get(name, f'from {name}')}")
    if not parts:
        return f"Recruitment: {NOT_TOLD.format(n=found['least_alike'])}."
    parts += [f"{found['n_recruiters_pooled']} in other ways"] if found["n_recruiters_pooled"] else []
    return f"Recruitment: {'; '.join(parts)}."


def _headphones(test: dict[str, int]) -> list[str]:
    if not test["n_taken"]:
        return []
    passed = test["n_taken"] - test["n_failed"]
    return [f"A headphone test was passed in {passed} of the {counted(test['n_taken'], 'session')} that had one."]


def _rows(question: dict[str, Any], n: int, least_alike: int) -> list[dict[str, Any]]:
    """Return the rows of the table; the first of a question names it."""
    n_answered = "–" if question["n_answered"] is None else question["n_answered"]
    if n_answered == 0:
        return [{"question": question["text"], "answer": "answered by nobody", "n": 0, "value": "–"}]
    rows = []
    if question["mean"] is not None:
        mean = f"{number(question['mean'], 1)} (SD {number(question['sd'], 1)})"
        rows.append({"answer": "mean", "n": n_answered, "value": mean})
    told = [(answer["label"], answer["n"]) for answer in question["answers"]]
    told += [(POOLED, question["n_pooled"])] if told and question["n_pooled"] else []
    rows += [{"answer": label, "n": count, "value": percent(count / n)} for label, count in told]
    if question["n_pooled"] and not told:
        rows.append({"answer": NOT_TOLD.format(n=least_alike), "n": "–", "value": "–"})
    if not rows:
        rows = [{"answer": "answered", "n": n_answered, "value": "–"}]
    for row in rows:
        row["question"] = ""
    rows[0]["question"] = question["text"]
    return rows
