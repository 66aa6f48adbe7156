from django.apps import AppConfig


class StudyappConfig(AppConfig):
    name = "studyapp"
    verbose_name = "Listening studies"

    def ready(self) -> None:
        # Not in studyapp/__init__.py: there it would make every pure module load Django. @shared_task binds to it here.
        from studyapp import celery  # noqa: F401
