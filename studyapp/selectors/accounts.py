"""Find accounts by the names that commands use."""

from studyapp.errors import NotFound
from studyapp.models import User


def user_by_name(username: str) -> User:
    """Return the user of that name. Raises NotFound."""
    found = User.objects.filter(username=username).first()
    if found is None:
        raise NotFound(f"there is no user {username!r}; `manage.py createsuperuser` makes one")
    return found
