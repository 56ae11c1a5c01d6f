"""Whether a fit holds: residuals, influence, proportional hazards, concordance."""
