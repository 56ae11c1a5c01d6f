"""What is concluded from a fit: errors, draws, tests, intervals, other parametrisations."""
