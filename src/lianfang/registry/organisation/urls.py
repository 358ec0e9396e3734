from django.urls import path

from lianfang.registry.organisation.views import chart, lists

app_name = "organisation"
urlpatterns = [
    path("", chart.chart, name="chart"),
    path("posts/", chart.appoint, name="appoint"),
    path("posts/<uuid:uid>/", chart.change_term, name="term"),
    path("bodies/", chart.establish, name="establish"),
    path("bodies/<uuid:uid>/", chart.body, name="body"),
    path("bodies/<uuid:uid>/posts/", chart.fill, name="fill"),
    path("bodies/<uuid:uid>/duties/", chart.describe, name="describe"),
    path("bodies/<uuid:uid>/end/", chart.end_body, name="end_body"),
    path("close/", chart.close_area, name="close_area"),
    path("vacancies/", lists.vacancies, name="vacancies"),
    path("directory/", lists.directory, name="directory"),
    path("register/", lists.register, name="register"),
    path("decisions/", lists.decisions, name="decisions"),
    path("venues/", lists.venues, name="venues"),
]
