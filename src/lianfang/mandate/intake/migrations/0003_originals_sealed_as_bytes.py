"""Originals were sealed as text of latin-1 signs, half again as long as the file; now the file itself is sealed."""

from django.db import migrations

from lianfang import vault


def seal_anew(apps, schema_editor):
    batches = apps.get_model("intake", "Batch").objects.exclude(original_sealed=None)
    for key in list(batches.values_list("pk", flat=True)):
        batch = batches.only("original_sealed").get(pk=key)
        content = vault.unseal(batch.original_sealed).encode("latin-1")
        batch.original_sealed = vault.seal_bytes(content)
        batch.save(update_fields=["original_sealed"])


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_lists_held_mapped_mended_and_undone")]
    operations = [migrations.RunPython(seal_anew, migrations.RunPython.noop)]
