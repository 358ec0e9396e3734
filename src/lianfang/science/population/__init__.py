"""A synthetic county for the demo, benchmarks and drills: nobody in it exists."""
