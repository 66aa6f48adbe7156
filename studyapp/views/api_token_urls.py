"""Addresses of the page of API tokens."""

from django.urls import path

from studyapp.views import api_tokens

urlpatterns = [
    path("tokens/", api_tokens.api_tokens, name="api_tokens"),
    path("tokens/<int:pk>/revoke/", api_tokens.revoke, name="revoke_api_token"),
]
