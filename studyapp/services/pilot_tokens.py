"""Make and read the token of a study's pilot link: who brings it takes part in the pilot, and is marked so."""

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from studyapp.models import Study

SALT = "earwitness.pilot"


def pilot_token(study: Study) -> str:
    """Return the token of the study's latest pilot link. It is good until a new link is made."""
    return Signer(salt=SALT).signature(f"{study.slug}:{study.pilot_link_number}")


def is_pilot_token(token: str, *, study: Study) -> bool:
    """Return whether the token is that of the study's latest pilot link."""
    return constant_time_compare(token, pilot_token(study))
