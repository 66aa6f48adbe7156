"""The words of the participant's pages without script: landing, withdrawal, and why nothing can be started. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LandingWords:
    """One language. `takes` holds {minutes}."""

    study: str
    takes: str
    takes_one: str
    headphones: str
    quiet: str
    computer: str
    browser: str
    start: str
    unavailable: str
    not_open: str
    not_known: str
    not_allowed: str
    no_person: str
    no_group: str
    accept_first: str
    begun_elsewhere: str
    too_many: str
    loading: str
    needs_script: str
    withdraw: str
    withdraw_help: str
    withdraw_code: str
    withdraw_button: str
    withdraw_wrong: str
    withdraw_done: str
    withdraw_again: str
    answers_erased: str
    answers_kept: str


LANDING: dict[str, LandingWords] = {
    "en": LandingWords(
        study="Listening study",
        takes="It takes about {minutes} minutes. You will need:",
        takes_one="It takes about a minute. You will need:",
        headphones="headphones or earphones, on both ears;",
        quiet="a quiet place where nobody disturbs you;",
        computer="a computer: telephones and tablets are not let in;",
        browser="a current browser.",
        start="Start",
        unavailable="Not available",
        not_open="This study is not open. If you were invited to it, please write to the person who sent you the link.",
        not_known="This address belongs to no session. Please open the link that you were given once more.",
        not_allowed="The study cannot be started in this way. Please open the link that you were given once more.",
        no_person=(
            "The link does not say who you are to the site that sent you. Please open it from there once more; if this "
            "comes again, tell the person who runs the study."
        ),
        no_group=(
            "The link is not complete: it does not say which group of participants you belong to. Please open the link "
            "that you were given once more; if this comes again, tell the person who runs the study."
        ),
        accept_first="This is a preview. Accept the task first, then start here.",
        begun_elsewhere=(
            "Somebody with your id has begun this study already. If it was you, go on in the browser in which you "
            "began: open the link there, or the address of the page that you were at. Otherwise tell the person who "
            "runs the study."
        ),
        too_many=(
            "Very many people started from your network within a minute. Please wait a minute, then open the link that "
            "you were given once more."
        ),
        loading="Loading…",
        needs_script="This study needs JavaScript. Please allow it in your browser, then load the page again.",
        withdraw="Withdraw from the study",
        withdraw_help="Enter the withdrawal code that the last page showed you. Capitals and dashes do not matter.",
        withdraw_code="Withdrawal code",
        withdraw_button="Withdraw",
        withdraw_wrong="This code belongs to no session of this study. Nothing was changed. Check it letter by letter.",
        withdraw_done="You have withdrawn",
        withdraw_again="You had withdrawn from the study before; nothing was left to do.",
        answers_erased="Your answers were deleted. That you took part and withdrew is kept, under a random code.",
        answers_kept="Your answers are kept, as you were told, and left out of every analysis.",
    ),
    "fr": LandingWords(
        study="Étude d'écoute",
        takes="Elle dure environ {minutes} minutes. Il vous faut :",
        takes_one="Elle dure environ une minute. Il vous faut :",
        headphones="un casque ou des écouteurs, sur les deux oreilles ;",
        quiet="un endroit calme où personne ne vous dérange ;",
        computer="un ordinateur : les téléphones et les tablettes ne sont pas admis ;",
        browser="un navigateur récent.",
        start="Commencer",
        unavailable="Non disponible",
        not_open="Cette étude n'est pas ouverte. Si on vous y a invité·e, écrivez à qui vous a envoyé le lien.",
        not_known="Cette adresse n'appartient à aucune session. Veuillez ouvrir de nouveau le lien que vous avez reçu.",
        not_allowed="L'étude ne peut pas commencer ainsi. Veuillez ouvrir de nouveau le lien que vous avez reçu.",
        no_person=(
            "Le lien ne dit pas qui vous êtes pour le site qui vous a envoyé·e. Veuillez l'ouvrir de nouveau depuis ce "
            "site ; si cela se répète, prévenez la personne responsable de l'étude."
        ),
        no_group=(
            "Le lien est incomplet : il ne dit pas à quel groupe vous appartenez. Veuillez ouvrir de nouveau le lien "
            "que vous avez reçu ; si cela se répète, prévenez la personne responsable de l'étude."
        ),
        accept_first="Ceci est un aperçu. Acceptez d'abord la tâche, puis commencez ici.",
        begun_elsewhere=(
            "Quelqu'un qui porte votre identifiant a déjà commencé cette étude. Si c'est vous, continuez dans le "
            "navigateur où vous avez commencé : ouvrez-y le lien, ou l'adresse de la page où vous étiez. Sinon, "
            "prévenez la personne responsable de l'étude."
        ),
        too_many=(
            "De très nombreuses personnes ont commencé depuis votre réseau en une minute. Attendez une minute, puis "
            "ouvrez de nouveau le lien que vous avez reçu."
        ),
        loading="Chargement…",
        needs_script="Cette étude a besoin de JavaScript. Autorisez-le dans votre navigateur, puis rechargez la page.",
        withdraw="Se retirer de l'étude",
        withdraw_help="Saisissez le code de retrait donné par la dernière page, avec ou sans majuscules et tirets.",
        withdraw_code="Code de retrait",
        withdraw_button="Me retirer",
        withdraw_wrong="Ce code n'appartient à aucune session de cette étude. Rien n'a changé ; vérifiez-le.",
        withdraw_done="Vous vous êtes retiré·e",
        withdraw_again="Vous vous étiez déjà retiré·e de l'étude ; il ne restait rien à faire.",
        answers_erased=(
            "Vos réponses sont supprimées. Seuls restent le fait de votre participation et de votre retrait, sous un "
            "code aléatoire."
        ),
        answers_kept="Vos réponses sont conservées, comme annoncé, et laissées hors de toute analyse.",
    ),
}
