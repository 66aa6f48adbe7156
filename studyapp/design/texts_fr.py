"""The default texts of a study, in French: the same settings as texts holds in English. Pure."""

from typing import Any

CONSENT = """\
Vous êtes invité·e à participer à une étude d'écoute.

- **Ce que vous ferez :** écouter de courts sons au casque et dire de chacun s'il est réel ou faux.
- **La participation est volontaire.** Vous pouvez arrêter à tout moment. Si vous vous retirez (un bouton sur chaque
  page), vos réponses sont effacées ; un code donné à la fin vous permet de le faire aussi plus tard.
- **Ce qui est conservé**, sous un code aléatoire : vos réponses, leur moment et leur durée ; quand les sons ont été
  joués ; quand cette page n'était pas visible, quand le son s'est arrêté et ce qui a échoué ; le type d'appareil et la
  famille de votre navigateur (par exemple Firefox), la fréquence d'échantillonnage et le délai de sa sortie audio. Ni
  votre nom ni votre adresse internet ne sont conservés. Si quelqu'un vous a envoyé ici avec un identifiant, celui-ci
  est conservé à part de vos réponses.
- **Risques :** aucun au-delà de ceux de l'écoute quotidienne. Réglez un volume confortable avant de commencer.
"""

INSTRUCTIONS = """\
Vous allez entendre de courts sons, l'un après l'autre. Certains ont été enregistrés dans le monde réel ; d'autres ont
été générés par un programme informatique.

- Répondez **réel** si le son vous semble être l'enregistrement d'un événement réel.
- Répondez **faux** s'il vous semble avoir été généré par un programme informatique.

Deux choses à garder à l'esprit :

- Un bruit de fond n'est **pas** le signe qu'un son est faux.
- Ce qui trahit un son peut se trouver dans le son nommé lui-même ou dans le fond.
"""

DEBRIEF = """\
Cette étude examine si l'on entend qu'un son du quotidien a été enregistré ou fabriqué par un programme informatique, et
ce qui trahit de tels sons.
"""

YES_NO = [{"value": "yes", "label": "Oui"}, {"value": "no", "label": "Non"}]
TRUE_FALSE = [{"value": "true", "label": "Vrai"}, {"value": "false", "label": "Faux"}]

ELIGIBILITY: list[dict[str, Any]] = [
    {"code": "adult", "text": "Avez-vous au moins 18 ans ?", "options": YES_NO, "admit": ["yes"]},
    {
        "code": "normal_hearing",
        "text": "À votre connaissance, votre audition est-elle normale ?",
        "options": YES_NO,
        "admit": ["yes"],
    },
]

COMPREHENSION: list[dict[str, Any]] = [
    {
        "code": "noise",
        "text": "Un bruit de fond signifie qu'un son est faux.",
        "options": TRUE_FALSE,
        "right": "false",
    },
    {
        "code": "anywhere",
        "text": "Ce qui trahit un son peut se trouver dans le son nommé lui-même ou dans le fond.",
        "options": TRUE_FALSE,
        "right": "true",
    },
]

QUESTIONS: list[dict[str, Any]] = [
    {"code": "age", "text": "Quel âge avez-vous, en années ?", "kind": "number", "minimum": 18, "maximum": 120},
    {
        "code": "gender",
        "text": "Quel est votre genre ?",
        "options": [
            {"value": "woman", "label": "Femme"},
            {"value": "man", "label": "Homme"},
            {"value": "nonbinary", "label": "Non binaire"},
            {"value": "other", "label": "Autre"},
            {"value": "no_answer", "label": "Je préfère ne pas répondre"},
        ],
    },
    {
        "code": "hearing",
        "text": "Comment est votre audition ?",
        "options": [
            {"value": "normal", "label": "Normale, à ma connaissance"},
            {"value": "tinnitus", "label": "Normale, avec des acouphènes"},
            {"value": "loss", "label": "Une perte auditive"},
            {"value": "aid", "label": "Je porte un appareil auditif ou un implant"},
            {"value": "no_answer", "label": "Je préfère ne pas répondre"},
        ],
    },
    {
        "code": "device",
        "text": "Avec quoi avez-vous écouté ?",
        "options": [
            {"value": "headphones_wired", "label": "Casque avec fil"},
            {"value": "headphones_wireless", "label": "Casque sans fil"},
            {"value": "earphones_wired", "label": "Écouteurs avec fil"},
            {"value": "earphones_wireless", "label": "Écouteurs sans fil"},
            {"value": "loudspeakers", "label": "Haut-parleurs"},
        ],
    },
    {
        "code": "audio_problems",
        "text": "Y a-t-il eu un problème avec le son ?",
        "options": [
            {"value": "none", "label": "Non"},
            {"value": "cracks", "label": "Des craquements ou des coupures"},
            {"value": "late", "label": "Des sons en retard ou coupés"},
            {"value": "other", "label": "Autre chose"},
        ],
    },
    {"code": "remarks", "text": "Souhaitez-vous nous dire quelque chose ?", "kind": "text"},
]

REASONS = {
    "distorted": "Le son nommé est déformé (comme sous l'eau, ou ondulant)",
    "not_category": "Le son ne ressemble pas à un exemple de la catégorie nommée",
    "background_artifacts": "J'entends dans le fond des artefacts suspects (sifflement, etc.)",
    "too_brief": "Le son est trop bref ou trop faible pour donner une raison",
    "repetitive": "Le son est trop répétitif",
    "other": "Autre",
}

END = {
    "completed": "Merci. Vos réponses sont enregistrées.",
    "no_consent": (
        "Vous avez choisi de ne pas participer. Sont conservés ce choix, le moment où cette page a été ouverte et où "
        "le choix a été fait, le type d'appareil, la famille de votre navigateur (par exemple Firefox) et si la page "
        "n'était pas visible, sous un code aléatoire. Vous pouvez fermer cette page."
    ),
    "ineligible": (
        "D'après vos réponses, cette étude ne vous est pas destinée. Merci de votre intérêt ; vous pouvez fermer "
        "cette page."
    ),
    "device_unsuitable": (
        "Cette étude demande un ordinateur avec un navigateur récent qui peut jouer des sons : Firefox, Chrome, Edge "
        "ou Safari. Veuillez ouvrir sur un tel ordinateur le lien que vous avez reçu."
    ),
    "failed_headphone": (
        "Cette étude demande un casque, et le test d'écoute ne s'est pas déroulé comme il le fait avec un casque. "
        "Vous ne pouvez pas participer cette fois-ci. Merci de votre intérêt ; vous pouvez fermer cette page."
    ),
    "failed_attention": (
        "Certains sons avaient une réponse qu'aucune personne attentive ne manque, et trop de ces réponses étaient "
        "fausses. L'étude est terminée pour vous. Merci de votre intérêt ; vous pouvez fermer cette page."
    ),
    "quota_full": "L'étude a tous les participants dont elle a besoin. Merci de votre intérêt.",
    "duplicate": (
        "Vous avez déjà participé à cette étude, ou vous l'avez commencée dans une autre fenêtre ou un autre "
        "navigateur : continuez-y alors. Chacun ne peut participer qu'une fois. Merci."
    ),
    "timed_out": "L'étude est restée ouverte trop longtemps et est terminée pour vous. Merci de votre intérêt.",
    "withdrawn": "Vous vous êtes retiré·e de l'étude. Vous pouvez fermer cette page.",
    "technical_error": (
        "Trop de sons n'ont pas pu être joués sur cet appareil ; ce n'est pas votre faute. L'étude est terminée pour "
        "vous. Veuillez en avertir la personne qui vous a envoyé le lien."
    ),
}

# In the shape of a study's configuration.
DEFAULTS_FR: dict[str, Any] = {
    "consent": {
        "text": CONSENT,
        "ticks": [
            {"code": "take_part", "label": "J'ai lu ce texte et je veux participer."},
            {
                "code": "share",
                "label": "Mes réponses peuvent être partagées avec d'autres chercheurs, sans rien qui dise qui je "
                "suis.",
                "required": False,
            },
        ],
        "agree_label": "J'accepte de participer",
        "decline_label": "Je ne veux pas participer",
    },
    "eligibility": {"questions": ELIGIBILITY},
    "instructions": {"text": INSTRUCTIONS, "questions": COMPREHENSION},
    "task": {"reasons": {"items": [{"code": code, "label": label} for code, label in REASONS.items()]}},
    "questions": {"questions": QUESTIONS},
    "debrief": {"text": DEBRIEF},
    "end": {outcome: {"text": text} for outcome, text in END.items()},
}
