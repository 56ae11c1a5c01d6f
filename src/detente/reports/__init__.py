"""Charts, tables and the self-contained report."""
