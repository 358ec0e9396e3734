"""Keyed hashes by which sealed numbers are found; nobody reads a number back from them."""

from lianfang import vault
from lianfang.science.identity.documents import Document, DocumentKind

_SHORT = 16  # bytes: these only narrow down, what they find is compared in full
_CHECKED = 17  # digits of a resident number before its check character
_TAIL = 4


def document_hash(document: Document) -> bytes:
    return vault.keyed_hash(f"document:{document.key}")


def phone_hash(number: str) -> bytes:
    return vault.keyed_hash(f"phone:{number}")


def document_digits(document: Document) -> bytes:
    """Equal for documents whose digits only stand in another order; the check character follows from them."""
    stem = document.key[:_CHECKED] if document.kind is DocumentKind.resident_id else document.key
    return vault.keyed_hash(f"document digits:{''.join(sorted(stem))}")[:_SHORT]


def phone_digits(number: str) -> bytes:
    return vault.keyed_hash(f"phone digits:{''.join(sorted(number))}")[:_SHORT]


def phone_tail(number: str) -> bytes:
    """The last four digits, as people read them out."""
    return vault.keyed_hash(f"phone tail:{number[-_TAIL:]}")[:_SHORT]
