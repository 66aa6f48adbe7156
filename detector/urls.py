"""Addresses of the detector's pages, below /detector/."""

from django.urls import URLPattern

app_name = "detector"
urlpatterns: list[URLPattern] = []
