"""What is asked on the pages of observation."""

from lianfang.field.observation.forms.household import HouseholdForm
from lianfang.field.observation.forms.others import ListFilter, NeedForm, ReachedForm
from lianfang.field.observation.forms.sending import moment_words, refuse_form

__all__ = ["HouseholdForm", "ListFilter", "NeedForm", "ReachedForm", "moment_words", "refuse_form"]
