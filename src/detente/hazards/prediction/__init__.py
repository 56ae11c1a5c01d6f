"""From a fit and covariates, or a path of them, to hazards, probabilities and sampled paths."""
