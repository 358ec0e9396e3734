"""An organisation list goes in: read under limits, written at once, every row that could not be read named."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lianfang.field.ledger.forms import OrganisationFile
from lianfang.field.ledger.organisation.imports import FIELDS, POSTS, import_organisation_file
from lianfang.field.ledger.wording import fault_words
from lianfang.mandate.intake import templates_out
from lianfang.mandate.intake.queries import areas_to_import
from lianfang.mandate.intake.rules.problems import FileFault
from lianfang.mandate.intake.wording import problem_message
from lianfang.registry.accounts.asking import place_of
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.places.queries import is_exercise

_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    place = place_of(request, Permission.IMPORT)
    areas = areas_to_import(request.user)
    if request.method != "POST":
        form = OrganisationFile(areas=areas, area=place.path)
        return render(request, "ledger/organisation.html", {"form": form, "place": place})
    form = OrganisationFile(request.POST, request.FILES, areas=areas)
    context: dict = {"form": form, "place": place}
    if form.is_valid():
        told = form.cleaned_data
        try:
            outcome = import_organisation_file(
                by=request.user.actor,
                at=timezone.now(),
                area_path=told["area"],
                name=told["file"].name,
                content=told["file"].read(),
            )
        except FileFault as fault:
            form.add_error("file", problem_message(fault.problem()))
        else:
            faults = [{"fault": one, "words": fault_words(one)} for one in outcome.faults[:_SHOWN]]
            words = ngettext("%(count)d row read", "%(count)d rows read", outcome.rows) % {"count": outcome.rows}
            context |= {"outcome": outcome, "words": words, "faults": faults, "area": told["area"]}
    return render(request, "ledger/organisation.html", context, status=422 if form.errors else 200)


@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """An empty list with the headings and posts that are understood."""
    place_of(request, Permission.IMPORT)
    title = _("Organisation list")
    posts = [words[0] for words in POSTS.values()]
    content = templates_out.template(
        FIELDS, templates_out.Lists(), exercise=is_exercise(), title=title, offered={"post": posts}
    )
    answer = HttpResponse(content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{title}.xlsx")
    return answer
