"""Count what is in a set, or in clips that may become one: category by label, and what is missing to be even."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from studyapp.models import Stimulus, StimulusSet
from studyapp.vocab import Label


@dataclass(frozen=True, kw_only=True)
class BalanceRow:
    """The clips of a category."""

    category: str
    n_real: int
    n_fake: int
    n_in_doubt: int

    @property
    def n(self) -> int:
        return self.n_real + self.n_fake

    @property
    def n_missing(self) -> int:
        """How many clips of the rarer label would make it even."""
        return abs(self.n_real - self.n_fake)

    @property
    def missing_label(self) -> str:
        return Label.FAKE.value if self.n_real > self.n_fake else Label.REAL.value


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The clips by category, and all of them."""

    rows: list[BalanceRow]
    total: BalanceRow

    @property
    def is_even(self) -> bool:
        return all(not row.n_missing for row in self.rows)


def balance_of(stimuli: QuerySet[Stimulus]) -> Balance:
    """Return the counts. One query; the stimuli must come without repetition."""
    found = (
        stimuli.order_by()
        .values("category")
        .annotate(
            n_real=Count("pk", filter=Q(label=Label.REAL.value)),
            n_fake=Count("pk", filter=Q(label=Label.FAKE.value)),
            n_in_doubt=Count("pk", filter=Q(label_in_doubt=True)),
        )
    )
    rows = sorted((BalanceRow(**row) for row in found), key=lambda row: row.category)
    return Balance(
        rows=rows,
        total=BalanceRow(
            category="",
            n_real=sum(row.n_real for row in rows),
            n_fake=sum(row.n_fake for row in rows),
            n_in_doubt=sum(row.n_in_doubt for row in rows),
        ),
    )


def set_balance(stimulus_set: StimulusSet) -> Balance:
    """Return the counts of a set. One query."""
    return balance_of(Stimulus.objects.filter(pk__in=stimulus_set.members.values("stimulus_id")))
