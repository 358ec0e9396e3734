"""Reading while others write."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

_Asked = ParamSpec("_Asked")
_Told = TypeVar("_Told")


def of_one_moment(read: Callable[_Asked, _Told]) -> Callable[_Asked, _Told]:
    """What is read belongs together: what others store meanwhile is not seen. The moment is to be told inside.

    So nothing that is seen lies after the moment, and counts that hold from the latest change on can be used however
    much is being written. Inside a transaction it reads as that does.
    """

    @wraps(read)
    def reading(*args: _Asked.args, **kwargs: _Asked.kwargs) -> _Told:
        if connection.in_atomic_block:
            return read(*args, **kwargs)
        with transaction.atomic():
            with connection.cursor() as cursor:  # the first question settles what is seen
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1")
            return read(*args, **kwargs)

    return reading
