"""Django settings: composition only.

Environment: LIANFANG_DATA (data folder, default ./var), DATABASE_URL (any PostgreSQL >= 15; else the embedded
server of the data folder), LIANFANG_HOSTS (host names served, comma separated), LIANFANG_HTTPS=1 behind TLS,
LIANFANG_PROXIES (how many proxies of ours stand before the server and add the visitor's address; default 0).
"""

import os
from pathlib import Path

from lianfang import cluster, vault

PACKAGE_DIR = Path(__file__).resolve().parent
PROJECT_DIR = PACKAGE_DIR.parent.parent
DATA_DIR = Path(os.environ.get("LIANFANG_DATA", "var")).resolve()

vault.use_keys_in(DATA_DIR / "keys")
SECRET_KEY = vault.session_secret()
DEBUG = False
HTTPS = os.environ.get("LIANFANG_HTTPS") == "1"
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *filter(None, os.environ.get("LIANFANG_HOSTS", "").split(",")),
]

INSTALLED_APPS = [
    "lianfang.web",
    "lianfang.registry.audit",
    "lianfang.registry.places",
    "lianfang.registry.accounts",
    "lianfang.registry.organisation",
    "lianfang.registry.tokens",
    "lianfang.registry.people",
    "lianfang.registry.homes",
    "lianfang.mandate.response",
    "lianfang.mandate.duties",
    "lianfang.mandate.orders",
    "lianfang.mandate.intake",
    "lianfang.field.screening",
    "lianfang.field.declarations",
    "lianfang.field.ledger",
    "lianfang.field.observation",
    "lianfang.command.planning",
    "lianfang.command.reporting",
    "lianfang.command.oversight",
    "lianfang.insight.situation",
    "lianfang.operations",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "lianfang.web.language.ChosenLanguage",
    "lianfang.registry.accounts.middleware.ReadFromMemory",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lianfang.registry.accounts.middleware.SecondFactorFirst",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lianfang.web.headers.SecurityHeaders",
]
ROOT_URLCONF = "lianfang.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lianfang.mandate.response.context.workplace",
            ],
        },
    },
]
DATABASES = {"default": cluster.database_config(os.environ, DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Account"
PASSWORD_HASHERS = ["lianfang.registry.accounts.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# allauth is the engine of the log-in: no sign-up, no mail, no other site; pages and words are ours.
AUTHENTICATION_BACKENDS = ["lianfang.registry.accounts.backends.Backend"]
ACCOUNT_ADAPTER = "lianfang.registry.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60  # for so long a log-in opens the acts that ask for a fresh one
# A district works behind one address: what stops a guesser is counted by account, and by account and address.
ACCOUNT_RATE_LIMITS = {
    "login": "3000/m/ip",
    "login_failed": "600/m/ip,10/15m/key",  # key: the account, from wherever
    "login_failed_here": "3/10s/key,6/10m/key",  # key: the account and the address
    "reauthenticate": "20/m/user",
}
MFA_ADAPTER = "lianfang.registry.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Lianfang"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "lianfang.registry.accounts.forms.CodeForm",
    "reauthenticate": "lianfang.registry.accounts.forms.CodeAgainForm",
    "activate_totp": "lianfang.registry.accounts.forms.FirstCodeForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("LIANFANG_PROXIES", "0"))
# Attempts and used codes are counted in a table, by all processes of the server together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_attempt",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("LIANFANG_ZONE", "Asia/Shanghai")

NODE_MODULES = Path(os.environ.get("LIANFANG_NODE_MODULES", PROJECT_DIR / "node_modules"))
STATIC_URL = "static/"
# Only the built files of each library are served, never the whole of node_modules.
VENDOR = {
    "htmx": "htmx.org/dist",
    "tabler": "@tabler/core/dist",
    "icons": "@tabler/icons-webfont/dist",
    "echarts": "echarts/dist",
    "maplibre": "maplibre-gl/dist",
}
STATICFILES_DIRS = [
    (f"vendor/{name}", NODE_MODULES / folder) for name, folder in VENDOR.items() if (NODE_MODULES / folder).is_dir()
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 40 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_PERMISSIONS = 0o600

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # A 403 or 404 is an answer, not a fault: one line in the access log of the proxy is enough.
    "loggers": {name: {"level": "ERROR"} for name in ("django.request", "django.security", "waitress.queue")},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LIANFANG_LOG", "WARNING")},
}
