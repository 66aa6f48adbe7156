"""The one settings file. Everything that differs between installations comes from the environment; see .env.example.

With nothing set: SQLite in WAL mode, Celery on the filesystem broker, everything written below var/.
"""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from studyapp.environment import (
    BadEnvironment,
    read_bool,
    read_choice,
    read_dir,
    read_hosts,
    read_origins,
    read_url,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"


def _secret_key(data_dir: Path) -> str:
    """Return the key of this installation: from the environment, else made once and kept readable by its owner only."""
    key = os.environ.get("SECRET_KEY", "")
    if key:
        if len(key) < 32:
            raise BadEnvironment("SECRET_KEY is shorter than 32 characters")
        return key
    path = data_dir / "secret_key"
    if not path.exists():
        # Written whole under another name, then linked: of two processes that start for the first time at once, one
        # makes the key and both read it, never a half one.
        draft = data_dir / f".secret_key.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text()


try:
    DEBUG = read_bool(os.environ, "DEBUG", default=False)
    DATA_DIR = read_dir(os.environ, "EARWITNESS_DATA_DIR", default=BASE_DIR / "var")
    # Where the demonstration looks for its clips, in this order.
    CLIPS_DIRS = [BASE_DIR.parent / "shared/clips/dcase2023-misclassified"]
    if os.environ.get("EARWITNESS_CLIPS"):
        CLIPS_DIRS.insert(0, read_dir(os.environ, "EARWITNESS_CLIPS", default=BASE_DIR))
    ALLOWED_HOSTS = read_hosts(os.environ, "ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]")
    CSRF_TRUSTED_ORIGINS = read_origins(os.environ, "CSRF_TRUSTED_ORIGINS")
    HTTPS_ONLY = read_bool(os.environ, "HTTPS_ONLY", default=False)
    LOG_LEVEL = read_choice(
        os.environ, "LOG_LEVEL", default="INFO", allowed=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    )
    REDIS_URL = read_url(os.environ, "REDIS_URL", schemes=("redis", "rediss", "unix"))
    DATABASE_URL = read_url(os.environ, "DATABASE_URL", schemes=("sqlite", "postgres", "postgresql"))
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    SECRET_KEY = _secret_key(DATA_DIR)
except BadEnvironment as error:
    raise ImproperlyConfigured(str(error)) from None
except OSError as error:
    raise ImproperlyConfigured(
        f"EARWITNESS_DATA_DIR: cannot write to {error.filename} ({error.strerror}). Name a writable folder."
    ) from None

# --- Applications -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "studyapp",
    "detector",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "studyapp.urls"
WSGI_APPLICATION = "studyapp.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Database ---------------------------------------------------------------------------------------------------------
try:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL or f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
except (ValueError, dj_database_url.ParseError) as error:
    raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from None
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
else:
    # Deferred transactions that read first and write later fail at once under load instead of waiting (measured: 21 %
    # of answers lost); IMMEDIATE takes the write lock at BEGIN and waits for it. FULL: an acknowledged answer survives
    # a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "studyapp.User"

# --- Files ------------------------------------------------------------------------------------------------------------
MEDIA_ROOT = DATA_DIR / "media"
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Celery -----------------------------------------------------------------------------------------------------------
# Jobs are rows in the database; the broker only carries their ids, and no result backend holds any truth.
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 3600,
        # Installations (and test runs) that share a Redis keep apart by this prefix.
        "global_keyprefix": os.environ.get("REDIS_KEY_PREFIX", "earwitness:"),
    }
else:
    BROKER_DIR = DATA_DIR / "broker"
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
    }
    for _folder in CELERY_BROKER_TRANSPORT_OPTIONS.values():
        Path(_folder).mkdir(parents=True, exist_ok=True)
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"detector.tasks.*": {"queue": "gpu"}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- Accounts and security --------------------------------------------------------------------------------------------
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS_ONLY else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS_ONLY else 0
# Not no-referrer: with it Chromium sends "Origin: null" with every form, and the CSRF check refuses them all.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Language, time, logs ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"hide_tokens": {"()": "studyapp.log_filters.HideTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["hide_tokens"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # The filesystem broker has no host name, and kombu warns of that whenever a message is sent.
    "loggers": {
        "kombu.connection": {"level": "ERROR"},
        # Django gives these handlers of their own, which would print session tokens.
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.server": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
    },
}
