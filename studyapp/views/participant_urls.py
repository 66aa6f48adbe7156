"""The participant's addresses. Their patterns admit only what a token or a name can hold."""

from django.urls import re_path
from django.urls.resolvers import URLPattern

from studyapp.views import participant, participant_json

SLUG = r"(?P<slug>[a-z0-9][a-z0-9_-]{0,79})"
SESSION = r"(?P<token>[A-Za-z0-9_-]{16,64})"
SOUND = r"(?P<sound>[A-Za-z0-9_-]{16,64})"
ACTION = r"(?P<action>[a-z-]{1,20})"

urlpatterns: list[URLPattern] = [
    re_path(rf"^s/{SLUG}/$", participant.landing, name="participant_landing"),
    re_path(rf"^s/{SLUG}/withdraw/$", participant.withdraw, name="participant_withdraw"),
    re_path(rf"^s/{SLUG}/start/$", participant.start, name="participant_start"),
    re_path(rf"^p/{SESSION}/$", participant.run, name="participant_run"),
    re_path(rf"^p/{SESSION}/state/$", participant_json.state, name="participant_state"),
    re_path(rf"^p/{SESSION}/act/{ACTION}/$", participant_json.act, name="participant_act"),
    re_path(rf"^p/{SESSION}/sound/{SOUND}$", participant.sound, name="participant_sound"),
]
