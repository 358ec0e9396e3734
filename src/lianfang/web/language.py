"""Chinese first: pages are Chinese until the reader chooses otherwise, whatever language the browser asks for."""

from django.conf import settings
from django.utils import translation


class ChosenLanguage:
    """The language of the reader's cookie, else the deployment's."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        with translation.override(chosen if chosen in known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response
