"""Multi-state intensity models for any intervals table."""
