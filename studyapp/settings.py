"""The one settings file. Everything that differs between installations comes from the environment; see .env.example.

With nothing set: SQLite in WAL mode, Celery on the filesystem broker, everything written below var/.
"""

import contextlib
import logging
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from studyapp.environment import (
    BadEnvironment,
    read_bool,
    read_bucket,
    read_choice,
    read_dir,
    read_hosts,
    read_number,
    read_origins,
    read_secret,
    read_url,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"
CHECK_CHARTS = False  # against their schema: tests do, pages need not


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
    TRUSTED_PROXIES = int(read_number(os.environ, "TRUSTED_PROXIES", default=0))
    STARTS_PER_MINUTE = read_number(os.environ, "STARTS_PER_MINUTE", default=300)
    LOG_LEVEL = read_choice(
        os.environ, "LOG_LEVEL", default="INFO", allowed=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    )
    DEVICE = read_choice(os.environ, "EARWITNESS_DEVICE", default="auto", allowed=("auto", "cpu", "cuda"))
    LOG_FORMAT = read_choice(os.environ, "LOG_FORMAT", default="line", allowed=("line", "json"))
    METRICS_TOKEN = read_secret(os.environ, "METRICS_TOKEN")
    MIN_FREE_BYTES = read_number(os.environ, "MIN_FREE_GB", default=1.0) * 1e9
    UPLOAD_MAX_FILE_BYTES = int(read_number(os.environ, "UPLOAD_MAX_FILE_MB", default=192) * 1024**2)
    UPLOAD_MAX_BYTES = int(read_number(os.environ, "UPLOAD_MAX_GB", default=2) * 1024**3)
    UPLOAD_MAX_FILES = int(read_number(os.environ, "UPLOAD_MAX_FILES", default=5000))
    UPLOAD_QUOTA_BYTES = int(read_number(os.environ, "UPLOAD_QUOTA_GB", default=20) * 1024**3)
    UPLOAD_KEPT_DAYS = read_number(os.environ, "UPLOAD_KEPT_DAYS", default=7)
    # Folders on the server that staff may import from, by choosing below it; unset: none.
    CORPORA_DIR = (
        read_dir(os.environ, "EARWITNESS_CORPORA", default=BASE_DIR) if os.environ.get("EARWITNESS_CORPORA") else None
    )
    REDIS_URL = read_url(os.environ, "REDIS_URL", schemes=("redis", "rediss", "unix"))
    S3_BUCKET = read_bucket(os.environ, "S3_BUCKET")
    S3_ENDPOINT_URL = read_url(os.environ, "S3_ENDPOINT_URL", schemes=("http", "https"))
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
    "axes",
    "studyapp",
    "detector",
]
MIDDLEWARE = [
    "studyapp.middleware.RequestId",
    "studyapp.middleware.Operations",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Refuses everybody who has not signed in, everywhere: what is public says so with @login_not_required.
    "studyapp.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "studyapp.unavailable.Unavailable",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
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
            "builtins": ["studyapp.templatetags.moments", "studyapp.templatetags.origins"],
        },
    }
]

# --- Database ---------------------------------------------------------------------------------------------------------
try:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL or f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
except (ValueError, dj_database_url.ParseError) as error:
    raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from None
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A server that is gone without a word is noticed: before a connection after 5 s, within one after a minute.
    _noticed = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    _options = _noticed | DATABASES["default"].get("OPTIONS", {})  # what stands in the URL counts more
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": _options}
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
MEDIA_ROOT = DATA_DIR / "media"  # unless S3_BUCKET names an object store
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
if S3_BUCKET:
    from botocore.config import Config  # slow to import, and only needed here

    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            # The key and its secret are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL,
            "region_name": os.environ.get("S3_REGION") or None,
            "location": os.environ.get("S3_PREFIX", "").strip("/"),
            "default_acl": None,
            "file_overwrite": True,  # names follow from content: what is written again is the same
            "max_memory_size": 16 * 1024 * 1024,  # larger files are read by way of a temporary one
            # Stores other than Amazon's often know neither virtual hosts nor checksums that nobody asked for.
            "client_config": Config(
                s3={"addressing_style": "path" if S3_ENDPOINT_URL else "auto"},
                signature_version="s3v4",
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=10,
                read_timeout=60,
                retries={"max_attempts": 5, "mode": "standard"},
            ),
        },
    }
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Celery -----------------------------------------------------------------------------------------------------------
# Jobs are rows in the database; the broker only carries their ids, and no result backend holds any truth.
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        # A message that nobody acknowledged within it comes again, and finds a row that is claimed or done. Longer than
        # the longest shard (256 clips of a minute, at CLAP's speed on a CPU: two hours); rows bring work back sooner.
        "visibility_timeout": 12 * 3600,
        "unacked_restore_throttle": 1,  # look for such messages every 10 s, not every 100
        "socket_connect_timeout": 4,
        "socket_timeout": 20,
        "socket_keepalive": True,
        "health_check_interval": 25,
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
QUEUES = ("default", "gpu")
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    f"detector.tasks.{task}": {"queue": "gpu"} for task in ("embed_shard_task", "train_task", "score_task")
}
CELERY_TASK_IGNORE_RESULT = True
# A task whose process dies comes again; that alone would run a poison task for ever, so that rows count attempts.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# One job at a time, also where there are many cores: a worker would keep as many messages from the others.
CELERY_WORKER_POOL = "solo"  # a forked child would lose CUDA, and would not hear that it is to stop
CELERY_WORKER_CONCURRENCY = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker however long it is away
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- Accounts and security --------------------------------------------------------------------------------------------
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# A name is locked at the address that guesses at it, and nowhere else: a room of forty behind one address goes on, and
# nobody can lock out somebody whose address they do not have.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "studyapp.client_address.client_address"
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_DISABLE_ACCESS_LOG = True  # the audit log has the sign-ins, without addresses
AXES_VERBOSE = False
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
    "formatters": {
        "line": {
            "()": "studyapp.log_format.LineFormatter",
            "format": "{asctime} {levelname} {name} {where}{message}",
            "style": "{",
        },
        "json": {"()": "studyapp.log_format.ObjectFormatter"},
    },
    "filters": {
        "hide_tokens": {"()": "studyapp.log_filters.HideTokens"},
        "context": {"()": "studyapp.log_context.AddContext"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["hide_tokens", "context"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # The filesystem broker has no host name, and kombu warns of that whenever a message is sent.
    "loggers": {
        "kombu.connection": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        # Django gives these handlers of their own, which would print session tokens.
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.server": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
    },
}
if LOG_FORMAT == "json":
    logging.captureWarnings(True)  # or they stand between the objects as text
