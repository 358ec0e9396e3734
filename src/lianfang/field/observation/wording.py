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
STAGES = {
    "entered": pgettext_lazy("stage of an alert", "Entered"),
    "township": pgettext_lazy("stage of an alert", "Received by the township"),
    "county": pgettext_lazy("stage of an alert", "Received by the county"),
    "care": pgettext_lazy("stage of an alert", "Care arranged"),
    "outcome": pgettext_lazy("stage of an alert", "Outcome"),
}
CONVERSIONS = {
    "suspected": pgettext_lazy("conversion", "suspected to be ill"),
    "confirmed": pgettext_lazy("conversion", "confirmed to be ill"),
    "transferred": pgettext_lazy("conversion", "moved to a centralised site or a hospital"),
}
ENDINGS = {
    "completed": pgettext_lazy("how an observation ended", "days completed"),
    "early": pgettext_lazy("how an observation ended", "ended early for a medical reason"),
    "withdrew": pgettext_lazy("how an observation ended", "ended at the person's own wish"),
    "suspected": pgettext_lazy("how an observation ended", "suspected: handed to a doctor"),
    "confirmed": pgettext_lazy("how an observation ended", "confirmed: handed to a hospital"),
    "transferred": pgettext_lazy("how an observation ended", "moved to another place"),
}
ORDER_KINDS = {
    "centralised_placement": pgettext_lazy("order", "observation at a centralised site"),
    "extension": pgettext_lazy("order", "longer observation"),
    "early_release": pgettext_lazy("order", "early release"),
}
ORDER_STATES = {
    "proposed": pgettext_lazy("order", "waits for a decision"),
    "approved": pgettext_lazy("order", "approved"),
    "declined": pgettext_lazy("order", "declined"),
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


def order_fault(rule: str) -> str:
    """Why an order or a call-back was refused, and what would make it possible."""
    words = {
        "no_reason": _("Say why: an order without a reason cannot be made."),
        "no_basis": _("The plan in force names no legal basis. Without one no order can be made."),
        "no_last_day": _("Name the last day: a restriction without an end cannot be made."),
        "not_later": _("The new last day must lie after the present one."),
        "not_earlier": _("The last day has come already: release the person under Release."),
        "waiting": _("An order of this kind waits for a decision already. Decide that one first."),
        "decided": _("It has been decided in the meantime; nothing was changed."),
        "same_person": _("You proposed it yourself. Somebody else has to decide."),
        "ended": _("The observation has ended; nothing can be ordered any more."),
        "own_record": _("You made this record yourself. Somebody else has to ask."),
        "answered": _("It has been answered in the meantime; nothing was changed."),
    }
    return words[rule]
