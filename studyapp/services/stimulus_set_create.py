"""Make an empty stimulus set, to be filled from its page."""

import re

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from studyapp.errors import ConfigError
from studyapp.models import StimulusSet, User
from studyapp.services.audit import record_audit

RESERVED = {"new"}  # addresses of their own


def create_set(*, owner: User, title: str, slug: str = "", description: str = "") -> StimulusSet:
    """Make a set that uploads go into; without a name it gets one from its title. Raises ConfigError."""
    title, description = title.strip(), description.strip()
    problems = []
    if not title:
        problems.append(("title", "Give the set a title, such as Street sounds 2024."))
    if len(title) > 200:
        problems.append(("title", f"{len(title)} characters; at most 200 are kept."))
    if slug and (not re.fullmatch(r"[-a-zA-Z0-9_]{1,80}", slug) or slug in RESERVED):
        problems.append(("slug", "Use 1 to 80 letters (a to z), digits, hyphens or underscores; not the word new."))
    elif slug and StimulusSet.objects.filter(slug=slug).exists():
        problems.append(("slug", f"There is a set named {slug} already. Choose another name."))
    problems += [
        (key, "A NUL character.") for key, value in (("title", title), ("description", description)) if "\0" in value
    ]
    if problems:
        raise ConfigError(problems)
    name = slug or _free_name(title)
    try:
        with transaction.atomic():
            made = StimulusSet.objects.create(
                slug=name,
                title=title,
                description=description,
                owner=owner,
                provenance={"kind": "import", "layout": "upload", "source": "upload"},
            )
            record_audit(actor=owner, action="create_set", object_type="stimulus_set", object_id=name)
    except IntegrityError:  # somebody took the name this instant
        raise ConfigError([("slug", f"There is a set named {name} already. Choose another name.")]) from None
    return made


def _free_name(title: str) -> str:
    base = slugify(title)[:70].strip("-_") or "sounds"
    taken = set(StimulusSet.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED
    return next(name for name in [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))] if name not in taken)
