"""Numbers registered before get the hashes by which slips and last digits are found."""

from django.db import migrations

from lianfang import vault
from lianfang.registry.people.hashes import document_digits, phone_digits, phone_tail
from lianfang.science.identity.documents import Document, read_document

_BATCH = 5000


def fill_documents(apps, schema_editor):
    model = apps.get_model("people", "Document")
    rows = model.objects.filter(digits_hash__isnull=True).order_by("pk")
    for row in rows.iterator(chunk_size=_BATCH):
        read = read_document(vault.unseal(row.number_sealed))
        if isinstance(read, Document):
            row.digits_hash = document_digits(read)
            row.save(update_fields=["digits_hash"])


def fill_phones(apps, schema_editor):
    model = apps.get_model("people", "Phone")
    while rows := list(model.objects.filter(digits_hash__isnull=True).order_by("pk")[:_BATCH]):
        for row in rows:
            number = vault.unseal(row.number_sealed)
            row.digits_hash, row.tail_hash = phone_digits(number), phone_tail(number)
        model.objects.bulk_update(rows, ["digits_hash", "tail_hash"], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_one_person_one_card")]
    operations = [
        migrations.RunPython(fill_documents, migrations.RunPython.noop),
        migrations.RunPython(fill_phones, migrations.RunPython.noop),
    ]
