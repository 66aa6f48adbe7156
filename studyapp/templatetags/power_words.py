"""Power as readers see it."""

from django import template

from studyapp.reports.power_page import power_words

register = template.Library()
register.filter("as_power", power_words)
