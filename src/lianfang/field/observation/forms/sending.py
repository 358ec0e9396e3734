"""What all forms that make records share."""

from datetime import UTC, datetime

from django import forms

from lianfang.mandate.intake.records import RecordFault
from lianfang.mandate.intake.wording import fault_message


def moment_words(moment: datetime) -> str:
    """The same moment is always written alike: a record that is sent again must say the same."""
    return moment.astimezone(UTC).isoformat()


def refuse_form(form: forms.Form, faults: list[RecordFault]) -> None:
    for fault in faults:
        form.add_error(None, fault_message(fault.rule, fault.values, field=fault.field, value=fault.value))
