"""The model of relations between states: specification, fit, file and card."""
