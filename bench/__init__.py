"""Speed at a county of a million persons: `make bench` writes RESULTS.md. Measurements, not tests."""
