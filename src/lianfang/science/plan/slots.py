"""Readings and slots: the slow, obvious reference that the set-based SQL is tested against."""

from lianfang.science.plan.schema import Duty, Slot


def slot_of(duty: Duty, minute_of_day: float) -> Slot | None:
    """A reading belongs to the last slot begun that day; before the first begins it belongs to none."""
    begun = [slot for slot in duty.slots if slot.start_minute <= minute_of_day]
    return max(begun, key=lambda slot: slot.start_minute, default=None)


def is_late(slot: Slot, minute_of_day: float) -> bool:
    """Late is after the slot's end; the end itself is still in time."""
    return minute_of_day > slot.end_minute
