"""Which faults account for what no dialect does."""
