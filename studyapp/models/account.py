from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """An experimenter or an admin. Participants have no account."""
