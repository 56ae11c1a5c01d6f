"""From a scenario and a model to the numbers of an assessment."""
