"""Settings: read from the environment by `network/env.py`; without one, the embedded services are used."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from network import env, logs
from network.services.layout import Layout

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Layout.default().var

DEBUG = env.flag("DEBUG", default=False)
EMBEDDED = env.is_embedded()
SECRET_KEY = env.secret_key()
SECRET_KEY_FALLBACKS = env.text("SECRET_KEY_FALLBACKS", default="").split()  # after a change, the old ones
ALLOWED_HOSTS = env.allowed_hosts()
PORT = env.port()
BASE_URL = env.base_url()
HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_tables2",
    "guardian",
    "lucide",
    "mptt",
    "template_partials",
    "core",
    "audit",
    "work",
    "people",
    "orgs",
    "content",
    "patients",
    "ledger",
    "settlement",
    "vendors",
    "network",
]

MIDDLEWARE = [
    "orgs.hosts.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "people.middleware.SessionAgeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "orgs.middleware.NetworkMiddleware",
    "vendors.portal.middleware.PortalMiddleware",
]

ROOT_URLCONF = "network.urls"
WSGI_APPLICATION = "network.wsgi.application"

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
                "network.context.shell",
            ],
            "builtins": ["template_partials.templatetags.partials", "core.templatetags.caretree"],
        },
    }
]

DATABASES = env.database_settings()
DATABASE_ROUTERS = ["core.tenancy.router.MigratorRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = env.cache_settings()
CELERY_BROKER_URL = env.broker_url()
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300
}  # a killed worker's task is given out again then
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "relay": {"task": "work.tasks.relay", "schedule": 2.0, "options": {"expires": 10}},
    "fold": {"task": "ledger.tasks.fold", "schedule": 60.0, "options": {"expires": 55}},
    "seal": {"task": "audit.tasks.seal", "schedule": 60.0, "options": {"expires": 55}},
    "verify-seals": {"task": "audit.tasks.verify", "schedule": 86_400.0, "options": {"expires": 80_000}},
    "send-seals": {"task": "ledger.tasks.send_seals", "schedule": 3600.0, "options": {"expires": 3500}},
    "start-reports": {"task": "ledger.tasks.start_reports", "schedule": 900.0, "options": {"expires": 850}},
    "take-breakage": {
        "task": "ledger.tasks.take_breakage",
        "schedule": 21_600.0,
        "options": {"expires": 21_000},
    },
    "expire": {"task": "ledger.tasks.expire", "schedule": 3600.0, "options": {"expires": 3500}},
    "remind": {"task": "ledger.tasks.remind", "schedule": 86_400.0, "options": {"expires": 80_000}},
    "reconcile-nightly": {
        "task": "settlement.tasks.reconcile_nightly",
        "schedule": 86_400.0,
        "options": {"expires": 80_000},
    },
    "remove-statement-files": {
        "task": "settlement.tasks.remove_statement_files",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
    "escalate": {"task": "vendors.tasks.escalate", "schedule": 900.0, "options": {"expires": 850}},
    "propose-settlements": {
        "task": "settlement.tasks.propose_settlements",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
    "remove-redemption-lines": {
        "task": "ledger.tasks.remove_redemption_lines",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
    "remove-import-files": {
        "task": "orgs.tasks.remove_import_files",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "people.backends.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "orgs.passwords.NetworkLengthValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "orgs.adapter.NetworkAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # such a mail would offer to sign up, which nobody can
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a person hears of every change to how they sign in

MFA_ADAPTER = "people.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Caretree"
MFA_TOTP_TOLERANCE = 1  # clocks of phones are some seconds off; a code is good once all the same
MFA_FORMS = {
    "authenticate": "people.forms.second_factor.ChallengeForm",
    "reauthenticate": "people.forms.second_factor.ConfirmForm",
    "deactivate_totp": "orgs.forms.signin.RemoveFactorForm",
}

AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

GUARDIAN_MONKEY_PATCH_USER = False
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = [
    "guardian.W001"
]  # our predicate reads guardian's rows; its backend knows neither dates nor the tree

SESSION_ENGINE = "people.sessions"
SESSION_COOKIE_AGE = 24 * 60 * 60  # the most that a network can allow; by default it allows 12 hours
SESSION_IDLE_SECONDS = 480 * 60  # and 30 minutes
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "caretree_session"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "caretree_csrf"
CSRF_FAILURE_VIEW = "network.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "network.formats"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [("dist", BASE_DIR / "static" / "dist"), ("images", BASE_DIR / "static" / "images")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600
PAPER_FONTS = BASE_DIR / "static" / "fonts"

EMAIL = env.email_settings(VAR_DIR / "mail")
EMAIL_BACKEND = EMAIL["BACKEND"]
EMAIL_FILE_PATH = EMAIL.get("FILE_PATH")
EMAIL_HOST = EMAIL.get("HOST", "")
EMAIL_PORT = EMAIL.get("PORT", 25)
EMAIL_HOST_USER = EMAIL.get("USER", "")
EMAIL_HOST_PASSWORD = EMAIL.get("PASSWORD", "")
EMAIL_USE_TLS = EMAIL.get("TLS", False)
EMAIL_USE_SSL = EMAIL.get("SSL", False)
EMAIL_TIMEOUT = 10
DEV_MAIL = EMAIL.get("FILE_PATH")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", default="Caretree <no-reply@caretree.example>")

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DJANGO_TABLES2_TEMPLATE = "components/table.html"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.security": {"level": "ERROR"}},
}
logs.configure()
