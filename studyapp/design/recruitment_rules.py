"""What recruiters and places will trip over, from a study's configuration alone. Pure."""

from datetime import datetime

from studyapp.design.check_items import CheckItem, block, warn
from studyapp.design.config import Recruitment, StudyConfig
from studyapp.design.config_flow import End
from studyapp.vocab import Outcome

# Codes that say that somebody did well must not be given to those who did not.
NO_SUCCESS = (Outcome.FAILED_ATTENTION, Outcome.NO_CONSENT, Outcome.DUPLICATE, Outcome.WITHDRAWN)
PAID = ("prolific", "mturk")  # each person who is let in costs money


def recruitment_items(config: StudyConfig, *, now: datetime) -> list[CheckItem]:
    """Return what the experimenter should know of places, closing time and exits. now: with a time zone."""
    return [*place_items(config.recruitment, now=now), *exit_items(config)]


def place_items(recruitment: Recruitment, *, now: datetime) -> list[CheckItem]:
    """Return what is wrong with the places and the closing time."""
    items = []
    if recruitment.closing_time is not None and recruitment.closing_time <= now:
        words = f"The closing time {recruitment.closes_at} has passed (recruitment.closes_at)."
        items.append(block("closing_past", words, todo="Set a later one, or none.", place="recruitment"))
    places = recruitment.groups.places
    if recruitment.recruiter in PAID and recruitment.quota is None and not places:
        name = {"prolific": "Prolific", "mturk": "Mechanical Turk"}[recruitment.recruiter]
        words = f"{name} sends people who are paid, and there is no limit to their number."
        todo = "Set recruitment.quota to the places that you pay for."
        items.append(warn("no_quota", words, todo=todo, place="recruitment"))
    if places and recruitment.quota is not None and recruitment.quota != sum(places.values()):
        words = (
            f"The places of the groups add up to {sum(places.values())}, but recruitment.quota is {recruitment.quota}."
        )
        todo = "Leave the quota empty where the groups say it all."
        items.append(warn("quota_and_groups", words, todo=todo, place="recruitment"))
    return items


def exit_items(config: StudyConfig) -> list[CheckItem]:
    """Return what is wrong with the exits for the recruiter's sake."""
    found = []
    recruiter, completed = config.recruitment.recruiter, config.end.completed
    if recruiter == "prolific" and completed.code is None:
        found.append("Prolific needs the completion code that it gave the study (end.completed.code).")
    if recruiter == "sona" and completed.url is None:
        found.append("SONA needs the address of your school's site that grants the credit (end.completed.url).")
    if recruiter == "prolific":
        exits = {outcome: getattr(config.end, outcome) for outcome in End.model_fields if outcome != Outcome.COMPLETED}
        silent = [outcome for outcome, each in exits.items() if each.code is None and each.url is None]
        if silent:
            found.append(
                f"{len(silent)} exits send nobody back to Prolific, having neither a code nor an address: "
                f"{', '.join(silent)}."
            )
    if completed.code is not None:
        shared = [outcome.value for outcome in NO_SUCCESS if getattr(config.end, outcome.value).code == completed.code]
        found += [f"end.{outcome} gives the code of completed sessions." for outcome in shared]
    for outcome in End.model_fields:
        if (getattr(config.end, outcome).url or "").startswith("http://"):
            found.append(f"end.{outcome}.url is not https: what it carries can be read on the way.")
    return [warn("exits", words, place="end") for words in found]
