"""The map of pages: composition only."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from lianfang.insight.situation.views import home
from lianfang.registry.accounts.views import LoginView, LogoutView

urlpatterns = [
    path("", home, name="home"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("lianfang.web.urls")),
    path("api/v1/", include("lianfang.api")),
    path("people/", include("lianfang.registry.people.urls")),
    path("households/", include("lianfang.registry.homes.urls")),
    path("gaps/", include("lianfang.mandate.duties.urls")),
    path("notices/", include("lianfang.mandate.orders.urls")),
    path("imports/", include("lianfang.mandate.intake.urls")),
    path("arrivals/", include("lianfang.field.screening.urls")),
    path("", include("lianfang.field.observation.urls")),
    path("reports/", include("lianfang.command.reporting.urls")),
    path("", include("lianfang.insight.situation.urls")),
]
