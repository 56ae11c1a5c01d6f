"""A laboratory for summit diplomacy and great-power conflict."""

__version__ = "0.1.0"
