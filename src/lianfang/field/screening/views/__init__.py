"""Pages of arrivals and of hand-overs between areas."""
