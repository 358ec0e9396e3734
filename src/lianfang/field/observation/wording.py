"""Codes of records in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from lianfang.field.observation.models import Reading

GIVERS = {
    "self": pgettext_lazy("given by", "self"),
    "family": pgettext_lazy("given by", "family"),
    "worker": pgettext_lazy("given by", "worker"),
}
CHANNELS = {
    "phone": pgettext_lazy("channel", "phone"),
    "visit": pgettext_lazy("channel", "visit"),
    "message": pgettext_lazy("channel", "message"),
    "list": pgettext_lazy("channel", "list"),
    "link": pgettext_lazy("channel", "personal link"),
}
ASKED_CHANNELS = {code: CHANNELS[code] for code in ("phone", "visit", "message")}
SYMPTOMS = {
    "fever": pgettext_lazy("symptom", "feeling feverish"),
    "fatigue": pgettext_lazy("symptom", "fatigue"),
    "dry_cough": pgettext_lazy("symptom", "dry cough"),
    "cough": pgettext_lazy("symptom", "cough"),
    "shortness_of_breath": pgettext_lazy("symptom", "shortness of breath"),
    "sore_throat": pgettext_lazy("symptom", "sore throat"),
    "diarrhoea": pgettext_lazy("symptom", "diarrhoea"),
    "headache": pgettext_lazy("symptom", "headache"),
    "muscle_pain": pgettext_lazy("symptom", "muscle pain"),
    "rash": pgettext_lazy("symptom", "rash"),
    "other": pgettext_lazy("symptom", "other symptoms"),
}
NEEDS = {
    "food": pgettext_lazy("need", "food"),
    "medicine": pgettext_lazy("need", "medicine"),
    "care": pgettext_lazy("need", "medical care"),
    "other": pgettext_lazy("need", "something else"),
}
RECEIVERS = {
    "self": pgettext_lazy("received by", "self"),
    "guardian": pgettext_lazy("received by", "guardian"),
    "family": pgettext_lazy("received by", "family"),
}
HOME = {
    "single_room": pgettext_lazy("home", "a room of one's own"),
    "own_toilet": pgettext_lazy("home", "a toilet of one's own, or one that is disinfected after each use"),
    "ventilation": pgettext_lazy("home", "a window that opens"),
    "phone": pgettext_lazy("home", "a phone that works"),
    "supplies": pgettext_lazy("home", "food and medicine within reach"),
    "carer": pgettext_lazy("home", "somebody who can help"),
    "no_vulnerable": pgettext_lazy("home", "nobody old, pregnant or frail in the same rooms"),
}
DIFFICULTIES = {
    "food": pgettext_lazy("difficulty", "food had run out"),
    "medicine": pgettext_lazy("difficulty", "medicine was needed"),
    "care": pgettext_lazy("difficulty", "a doctor was needed"),
    "work": pgettext_lazy("difficulty", "work or fields could not wait"),
    "family": pgettext_lazy("difficulty", "somebody in the family needed help"),
    "not_informed": pgettext_lazy("difficulty", "what was asked had not been understood"),
    "other": pgettext_lazy("difficulty", "something else"),
}
ALERT_OUTCOMES = {
    "well": pgettext_lazy("outcome of an alert", "well again, nothing found"),
    "other_cause": pgettext_lazy("outcome of an alert", "another cause was found"),
    "in_care": pgettext_lazy("outcome of an alert", "in a doctor's care"),
    "suspected": pgettext_lazy("outcome of an alert", "suspected, being examined"),
    "other": pgettext_lazy("outcome of an alert", "something else, see the note"),
}
CALLBACK_OUTCOMES = {
    "confirmed": pgettext_lazy("call-back", "confirmed"),
    "differs": pgettext_lazy("call-back", "differs"),
    "not_reached": pgettext_lazy("call-back", "not reached"),
}
CONTACTS = {"reached": gettext_lazy("reached"), "not_reached": gettext_lazy("not reached")}
OUTCOMES = {"served": gettext_lazy("served"), "refused": gettext_lazy("refused")}


def reading_words(reading: Reading) -> str:
    """What a reading says: 36.5 °C, cough and fatigue, called and reached."""
    if reading.kind == "temperature":
        return f"{reading.celsius} {_('°C')}"
    if reading.kind == "symptoms":
        told = [str(SYMPTOMS.get(code, code)) for code in reading.symptoms]
        return pgettext("between items", ", ").join(told) if told else _("no symptoms")
    if reading.kind == "report":
        return _("reported")
    if reading.reached is False:
        return _("call: not reached") if reading.kind == "call" else _("visit: nobody met")
    return _("called") if reading.kind == "call" else _("visited")
