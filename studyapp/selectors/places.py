"""How many places of a study are taken, of all and of each group, and whether a launched study is at its end."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from studyapp.design.config import Recruitment
from studyapp.models import Session
from studyapp.vocab import Origin, Outcome


@dataclass(frozen=True, kw_only=True)
class Places:
    """The places of a group, or of all. `places` is None without a limit."""

    name: str
    places: int | None
    n_completed: int
    n_open: int

    @property
    def n_left(self) -> int | None:
        return None if self.places is None else max(0, self.places - self.n_completed - self.n_open)

    @property
    def is_complete(self) -> bool:
        return self.places is not None and self.n_completed >= self.places


def holding_places(study_id: int) -> QuerySet[Session]:
    """Return the live sessions that hold a place: completed ones, and open ones that were consented to."""
    holds = Q(outcome=Outcome.COMPLETED.value) | Q(outcome="", consented_at__isnull=False)
    return Session.objects.filter(holds, version__study_id=study_id, origin=Origin.LIVE.value)


def is_full(study_id: int, recruitment: Recruitment, *, group: str) -> bool:
    """Return whether the study, or the group, has no place left."""
    holding = holding_places(study_id)
    if recruitment.quota is not None and holding.count() >= recruitment.quota:
        return True
    places = recruitment.groups.places.get(group)
    return places is not None and holding.filter(group=group).count() >= places


def count_places(study_id: int, recruitment: Recruitment) -> list[Places]:
    """Return the places of all, then those of each group of the configuration. One query."""
    completed = Q(outcome=Outcome.COMPLETED.value)
    rows = (
        holding_places(study_id)
        .order_by()
        .values_list("group")
        .annotate(done=Count("pk", filter=completed), open=Count("pk", filter=~completed))
    )
    found = {group: (done, n_open) for group, done, n_open in rows}
    total = Places(
        name="",
        places=recruitment.quota,
        n_completed=sum(done for done, _ in found.values()),
        n_open=sum(n_open for _, n_open in found.values()),
    )
    groups = [
        Places(name=name, places=places, n_completed=found.get(name, (0, 0))[0], n_open=found.get(name, (0, 0))[1])
        for name, places in recruitment.groups.places.items()
    ]
    return [total, *groups]


def is_over(recruitment: Recruitment, *, now: datetime) -> bool:
    """Return whether the closing time has passed."""
    closing = recruitment.closing_time
    return closing is not None and closing <= now


def why_to_close(study_id: int, recruitment: Recruitment, *, now: datetime) -> str:
    """Return why a live study is at its end, in words for people; empty while it is not. At most one query."""
    if is_over(recruitment, now=now):
        return f"the closing time {recruitment.closes_at} has passed"
    return why_full(study_id, recruitment)


def why_full(study_id: int, recruitment: Recruitment) -> str:
    """Return which places are all completed, in words for people; empty while some are not. At most one query."""
    if recruitment.quota is None and not recruitment.groups.places:
        return ""
    total, *groups = count_places(study_id, recruitment)
    if total.is_complete:
        return f"all {total.places} places are completed"
    if groups and all(group.is_complete for group in groups):
        return f"the places of all {len(groups)} groups are completed"
    return ""
