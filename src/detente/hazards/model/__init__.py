"""What a model is, as values, and the arrays that a specification makes of intervals."""
