"""The one fit path: likelihoods, penalties, Newton steps, scales of priors."""
