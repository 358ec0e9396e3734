"""Who is who: documents, names, phones, places of origin, and whether two cards may be one person."""
