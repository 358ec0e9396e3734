"""The map of pages: composition only."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from lianfang.insight.situation.views import home
from lianfang.registry.accounts.views import login

urlpatterns = [
    path("", home, name="home"),
    path("login/", login.LoginView.as_view(), name="login"),
    path("logout/", login.LogoutView.as_view(), name="logout"),
    # The names below are those by which the engine of the log-in finds its pages; no other page of it is there.
    path("login/", login.LoginView.as_view(), name="account_login"),
    path("login/code/", login.CodeView.as_view(), name="mfa_authenticate"),
    path("login/again/", login.PasswordAgainView.as_view(), name="account_reauthenticate"),
    path("login/again/code/", login.CodeAgainView.as_view(), name="mfa_reauthenticate"),
    path("settings/second-step/", login.SetFactorView.as_view(), name="mfa_activate_totp"),
    path("settings/second-step/off/", login.RemoveFactorView.as_view(), name="mfa_deactivate_totp"),
    path("settings/recovery-codes/", login.RecoveryCodesView.as_view(), name="mfa_view_recovery_codes"),
    path("settings/recovery-codes/new/", login.NewRecoveryCodesView.as_view(), name="mfa_generate_recovery_codes"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("lianfang.web.urls")),
    path("api/v1/", include("lianfang.api")),
    path("", include("lianfang.registry.accounts.urls")),
    path("settings/tokens/", include("lianfang.registry.tokens.urls")),
    path("people/", include("lianfang.registry.people.urls")),
    path("organisation/", include("lianfang.registry.organisation.urls")),
    path("organisation/", include("lianfang.field.ledger.urls")),
    path("households/", include("lianfang.registry.homes.urls")),
    path("gaps/", include("lianfang.mandate.duties.urls")),
    path("notices/", include("lianfang.mandate.orders.urls")),
    path("imports/", include("lianfang.mandate.intake.urls")),
    path("declarations/", include("lianfang.field.declarations.urls")),
    path("arrivals/", include("lianfang.field.screening.urls")),
    path("", include("lianfang.field.observation.urls")),
    path("plans/", include("lianfang.command.planning.urls")),
    path("reports/", include("lianfang.command.reporting.urls")),
    path("", include("lianfang.command.oversight.urls")),
    path("", include("lianfang.insight.situation.urls")),
]
