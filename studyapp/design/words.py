"""The words of the participant's pages that the server sends, by language. Pure.

What the page itself says stands in its script.
"""

from dataclasses import dataclass

from studyapp.vocab import DCASE_2023_CATEGORIES, Outcome


@dataclass(frozen=True, kw_only=True)
class Words:
    """One language. `direction` is that of its writing."""

    direction: str
    labels: dict[str, str]
    intervals: list[str]
    rating: list[str]
    naturalness: list[str]
    confidence: list[str]
    headings: dict[str, str]
    categories: dict[str, str]

    def category(self, category: str) -> str:
        """Return the words for a sound class, which a study may replace by its own."""
        return self.categories.get(category, category.replace("_", " "))


ENGLISH = Words(
    direction="ltr",
    labels={"real": "Real", "fake": "Fake"},
    intervals=["The first", "The second"],
    rating=[
        "1: surely real",
        "2: probably real",
        "3: rather real",
        "4: rather fake",
        "5: probably fake",
        "6: surely fake",
    ],
    naturalness=["1: bad", "2: poor", "3: fair", "4: good", "5: excellent"],
    confidence=["1: I guessed", "2: unsure", "3: fairly sure", "4: certain"],
    headings={
        Outcome.COMPLETED: "You have finished",
        Outcome.NO_CONSENT: "You are not taking part",
        Outcome.INELIGIBLE: "You cannot take part",
        Outcome.DEVICE_UNSUITABLE: "Please use another device",
        Outcome.FAILED_HEADPHONE: "The headphone test was not passed",
        Outcome.QUOTA_FULL: "The study is full",
        Outcome.DUPLICATE: "You have taken part already",
        Outcome.TIMED_OUT: "The time is over",
        Outcome.WITHDRAWN: "You have withdrawn",
        Outcome.TECHNICAL_ERROR: "The sounds could not be played",
        Outcome.FAILED_ATTENTION: "The study has ended",
    },
    categories=DCASE_2023_CATEGORIES,
)
FRENCH = Words(
    direction="ltr",
    labels={"real": "Réel", "fake": "Faux"},
    intervals=["Le premier", "Le second"],
    rating=[
        "1 : sûrement réel",
        "2 : probablement réel",
        "3 : plutôt réel",
        "4 : plutôt faux",
        "5 : probablement faux",
        "6 : sûrement faux",
    ],
    naturalness=["1 : mauvais", "2 : médiocre", "3 : passable", "4 : bon", "5 : excellent"],
    confidence=["1 : au hasard", "2 : peu sûr", "3 : assez sûr", "4 : certain"],
    headings={
        Outcome.COMPLETED: "Vous avez terminé",
        Outcome.NO_CONSENT: "Vous ne participez pas",
        Outcome.INELIGIBLE: "Vous ne pouvez pas participer",
        Outcome.DEVICE_UNSUITABLE: "Veuillez utiliser un autre appareil",
        Outcome.FAILED_HEADPHONE: "Le test du casque n'est pas réussi",
        Outcome.QUOTA_FULL: "L'étude est complète",
        Outcome.DUPLICATE: "Vous avez déjà participé",
        Outcome.TIMED_OUT: "Le temps est écoulé",
        Outcome.WITHDRAWN: "Vous vous êtes retiré·e",
        Outcome.TECHNICAL_ERROR: "Les sons n'ont pas pu être joués",
        Outcome.FAILED_ATTENTION: "L'étude est terminée",
    },
    categories={
        "dog_bark": "aboiement de chien",
        "footstep": "bruit de pas",
        "gunshot": "coup de feu",
        "keyboard": "clavier",
        "moving_motor_vehicle": "véhicule à moteur en mouvement",
        "rain": "pluie",
        "sneeze_cough": "éternuement ou toux",
    },
)
WORDS: dict[str, Words] = {"en": ENGLISH, "fr": FRENCH}
