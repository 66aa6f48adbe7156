"""Put rows of a bundle into tables: their numbers stay where all of them are free here, else they get new ones."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, models

from studyapp.errors import BundleRefused
from studyapp.services.bundle_rows import TAKEN

AT_ONCE = 500  # rows of one statement, or fewer where the database takes fewer values


class Keys:
    """Which row here each number of the bundle is."""

    def __init__(self, spans: dict[type[models.Model], tuple[int, int]]) -> None:
        self._spans = spans
        self._here: dict[type[models.Model], dict[int, int]] = {}

    def know(self, model: type[models.Model], number: int, key: int) -> None:
        """Take a row that is here already for the bundle's row of that number."""
        self._here.setdefault(model, {})[number] = key

    def knows(self, model: type[models.Model], number: int) -> bool:
        return number in self._here.get(model, {})

    def of(self, model: type[models.Model], number: int, place: str) -> int:
        """Return the key of the row here. Raises BundleRefused where the bundle has none of that number."""
        key = self._here.get(model, {}).get(number)
        if key is None:
            raise BundleRefused(f"{place}: the bundle has no {model._meta.verbose_name} {number}")
        return key

    def columns(self, model: type[models.Model], row: Any, place: str) -> dict[str, Any]:
        """Return the values of a row's columns, with keys of this installation."""
        values: dict[str, Any] = {}
        for name in TAKEN[model]:
            field, value = model._meta.get_field(name), getattr(row, name)
            if isinstance(field, models.ForeignKey):
                named: Any = field.related_model
                values[field.attname] = None if value is None else self.of(named, value, f"{place}: {name}")
            else:
                values[name] = value
        return values

    def insert(self, model: type[models.Model], rows: Iterable[tuple[int, models.Model]]) -> None:
        """Insert (number in the bundle, row), with its times as they are, and know them from then on."""
        is_kept = self._may_keep(model)
        fields = [field for field in model._meta.concrete_fields if is_kept or not field.primary_key]
        n_values = connection.ops.bulk_batch_size(fields, [None] * AT_ONCE)
        here = self._here.setdefault(model, {})
        for batch in _batches(rows, min(AT_ONCE, n_values)):
            numbers = [number for number, _ in batch]
            if is_kept:
                for number, row in batch:
                    row.pk = number
            # What bulk_create does, but raw: it would put the present time into every auto_now_add.
            made = model._base_manager.get_queryset()._insert(  # type: ignore[attr-defined]
                [row for _, row in batch],
                fields=fields,
                returning_fields=None if is_kept else [model._meta.pk],
                using=connection.alias,
                raw=True,
            )
            here.update(zip(numbers, numbers if is_kept else (key for (key,) in made), strict=True))

    def _may_keep(self, model: type[models.Model]) -> bool:
        if model not in self._spans:
            return False
        first, last = self._spans[model]
        if connection.vendor == "postgresql":
            _pass_by(model, last)
        return not model._default_manager.filter(pk__gte=first, pk__lte=last).exists()


def _batches(rows: Iterable[tuple[int, models.Model]], size: int) -> Iterator[list[tuple[int, models.Model]]]:
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def _pass_by(model: type[models.Model], last: int) -> None:
    """Lead the table's sequence past a number, at once and for good: who inserts meanwhile meets none of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(named.found, %s) FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS found) AS named "
            "WHERE coalesce(pg_sequence_last_value(named.found), 0) < %s",
            [last, f'"{model._meta.db_table}"', last],
        )
