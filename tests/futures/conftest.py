"""Fixtures of the simulator's tests."""

from futures_problems import chain, web

__all__ = ["chain", "web"]
