"""All settings, read from the environment (and `.env`). Safe unless told otherwise.

Every variable stands in `.env.example` with its default.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from .admin_theme import ADMIN_THEME
from .beat_schedule import BEAT_SCHEDULE
from .logging_config import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

# Everything the product writes on this machine lives here: database, files, queue.
VAR_DIR = Path(env.str("VAR_DIR", default="") or BASE_DIR / "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- Safety -----------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="only-for-debugging" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY (`make .env` writes one), or DEBUG=True on a developer's machine.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# With HTTPS off, only where nothing leaves the machine: `make run`, or a developer's server.
HTTPS = env.bool("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# Believe X-Forwarded-Proto and X-Forwarded-For only where a proxy in front always sets them itself.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Parts ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "claims_crm",
    "accounts",
    "jobs",
    "claims",
    "payments",
    "penalties",
    "register",
    "notifications",
    "banking",
    "reports",
    "dashboard",
    "bitrix24",
    "webhooks",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "claims_crm.apps.SignInProtection",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "claims_crm.web.health.HealthMiddleware",
    "claims_crm.api.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "claims_crm.web.middleware.CompressionMiddleware",
    "claims_crm.web.middleware.ContentSecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "claims_crm.web.middleware.SignInMiddleware",
    "accounts.middleware.TwoFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "claims_crm.web.middleware.LocaleAndTimezoneMiddleware",
    "claims_crm.web.middleware.BusinessErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "claims_crm.urls"
CSRF_FAILURE_VIEW = "claims_crm.web.middleware.page_too_old"
WSGI_APPLICATION = "claims_crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.sidebar",
            ],
        },
    }
]

# --- Database ---------------------------------------------------------------------------------

_database_url = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'rigel.sqlite3'}"
DATABASES = {"default": env.db_url_config(_database_url)}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
_options = DATABASES["default"].setdefault("OPTIONS", {})

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at the start, so a transaction that read never fails to write.
    # FULL: money that was said to be written survives a power cut.
    _options.update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    )
else:
    # Nobody waits for ever: not for a connection, not for a lock, not for a slow statement.
    DATABASES["default"]["ENGINE"] = "claims_crm.db.postgresql"
    _statement = int(env.float("STATEMENT_TIMEOUT", default=15) * 1000)
    _options.setdefault("connect_timeout", 3)
    _options.setdefault("tcp_user_timeout", 10_000)
    _options.setdefault(
        "options",
        f"-c statement_timeout={_statement} -c lock_timeout=3000 -c idle_in_transaction_session_timeout=60000",
    )

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = reverse_lazy("login")
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# How long the link of a letter lives: of an invitation, and of a forgotten password.
PASSWORD_RESET_TIMEOUT = int(timedelta(days=7).total_seconds())
PASSWORD_LETTER_TIMEOUT = int(timedelta(days=1).total_seconds())

# Five wrong passwords for one name from one address: a quarter of an hour's rest.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "accounts.ip.ip_of"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# The name under which an authenticator app keeps our code; its clock may be half a minute wrong, not more each time.
OTP_TOTP_ISSUER = "Rigel"
OTP_TOTP_SYNC = False

# --- The API ----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "claims_crm.api.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["claims_crm.api.throttling.RequestThrottle"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PARSER_CLASSES": ["claims_crm.api.parsers.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "claims_crm.api.negotiation.AlwaysJson",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "claims_crm.api.schema.Schema",
    "EXCEPTION_HANDLER": "claims_crm.api.problems.handle",
    "NON_FIELD_ERRORS_KEY": "non_field_errors",
}
# Of each token, and of each person signed in; a minute's worth may come at once. 0: as many as they like.
API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", default=6000)

SPECTACULAR_SETTINGS = {
    "TITLE": "Rigel",
    "VERSION": "1",
    "DESCRIPTION": "Claims, their payments and tasks: everything a person can do, by the same rules and rights. "
    "How to begin, and what holds everywhere: `docs/integrator.md`, which comes with the product.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ClientKind": "claims.models.Client.Kind",
        "StageKind": "claims.models.Stage.Kind",
        "EntryKind": "claims.models.TimelineEntry.Kind",
        "TaskKind": "notifications.models.Task.Kind",
        "PaymentStatus": "payments.models.Payment.Status",
        "PenaltyMode": "penalties.calculation.Mode",
        "TaskStatus": "notifications.models.Task.Status",
        "WebhookEvent": "webhooks.events.Event",
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "claims_crm.api.schema.describe",
    ],
}

# --- Languages and time -----------------------------------------------------------------------

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
# What a new company starts with; from then on its own setting in the admin counts.
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Moscow")

# --- Files ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MANIFEST_STRICT = False

# Files of claims are never served from here by address: a view checks who asks.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default="") or VAR_DIR / "media")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Mail -------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Rigel <rigel@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Queue and cache --------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="")

if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    # A person's request waits for the broker two seconds at most; see `claims_crm/dispatch.py`.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
        "visibility_timeout": 1800,
        "max_retries": 0,
    }
    CELERY_WORKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 5,
        "socket_timeout": 30,
        "visibility_timeout": 1800,
        "health_check_interval": 30,
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "rigel",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        }
    }
else:
    BROKER_DIR = VAR_DIR / "broker"
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT = "claims_crm.broker.FolderTransport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.5,
    }
    CELERY_WORKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
        }
    }

CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 2
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Every task may run twice without harm, so a task whose process died is simply run again.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_WORKER_ETA_TASK_LIMIT = 1000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30 if REDIS_URL else 5
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": schedule, "options": {"expires": expires}}
    for name, task, schedule, expires in BEAT_SCHEDULE
    if task.partition(".")[0] in INSTALLED_APPS
}

# --- Bitrix24 ---------------------------------------------------------------------------------

# The address of an incoming webhook: a secret. Set, everything is mirrored there; see docs/bitrix24.md.
BITRIX24_WEBHOOK_URL = env.str("BITRIX24_WEBHOOK_URL", default="")
# The tokens Bitrix24 sends with each event, by commas: an event without one of these is refused.
BITRIX24_APPLICATION_TOKEN = env.str("BITRIX24_APPLICATION_TOKEN", default="")
# Instead of a webhook, a local application; then the address above is but the portal's.
BITRIX24_CLIENT_ID = env.str("BITRIX24_CLIENT_ID", default="")
BITRIX24_CLIENT_SECRET = env.str("BITRIX24_CLIENT_SECRET", default="")
BITRIX24_OAUTH_URL = "https://oauth.bitrix.info/oauth/token/"

# --- Penalties --------------------------------------------------------------------------------

# Asked for key rates by `manage.py key_rates --fetch`, and at no other time.
BANK_OF_RUSSIA_URL = "https://www.cbr.ru/DailyInfoWebServ/DailyInfo.asmx"

# --- Webhooks ---------------------------------------------------------------------------------

# Let messages go to private addresses too, and by plain http: for receivers within one's own network.
WEBHOOKS_ALLOW_PRIVATE = env.bool("WEBHOOKS_ALLOW_PRIVATE", default=False)

# --- Logs -------------------------------------------------------------------------------------

LOGGING = logging_config(level=env.str("LOG_LEVEL", default="INFO"))

# --- Admin ------------------------------------------------------------------------------------

UNFOLD = ADMIN_THEME
