"""How pages write the size of a file."""

from django import template

from studyapp.reports.numbers import file_size

register = template.Library()
register.filter("file_size", file_size)
