"""Multi-state intensity models for any intervals table.

Prepare (:class:`Intervals`), say what the model is (:class:`HazardSpec`), fit
(:func:`fit_hazards`), draw (:func:`draw_posterior`).
"""

from detente.hazards.data.intervals import Intervals
from detente.hazards.data.moves import Moves
from detente.hazards.diagnostics.concordance import Concordance
from detente.hazards.diagnostics.proportionality import ProportionalityTest, proportionality_test
from detente.hazards.diagnostics.residuals import (
    Residuals,
    concordance,
    influence_by,
    residuals,
)
from detente.hazards.fitting.cox_baseline import CoxBaseline
from detente.hazards.fitting.fit import HazardFit, fit_hazards
from detente.hazards.inference.comparisons import (
    ChiSquare,
    NullComparison,
    compare_with_null,
    likelihood_ratio_test,
    wald_test,
)
from detente.hazards.inference.expected import expected_by_row
from detente.hazards.inference.parametrisations import Estimates, as_printed_by
from detente.hazards.inference.posterior import Draw, clustered_covariance, draw_posterior
from detente.hazards.inference.profile_limits import ProfileInterval, profile_interval
from detente.hazards.model.baselines import Baseline, Cox, Exponential, Gompertz, Piecewise, Weibull
from detente.hazards.model.royston_parmar import RoystonParmar
from detente.hazards.model.spec import Frailty, HazardSpec, Ridge, Shared, Transition, Walk
from detente.hazards.model.splines import Spline
from detente.hazards.nonparametric.curves import Curve
from detente.hazards.nonparametric.estimators import (
    aalen_johansen,
    cumulative_incidence,
    kaplan_meier,
    nelson_aalen,
)
from detente.hazards.prediction.cumulative import cumulative_hazards, drawn_hazards
from detente.hazards.prediction.predict import Prediction, first_passage, predict
from detente.hazards.prediction.probabilities import transition_probabilities
from detente.hazards.prediction.sampling import SampledPaths, sample_paths
from detente.hazards.prediction.steps import CumulativeHazards
from detente.hazards.prediction.transition_table import TransitionProbabilities

__all__ = [
    "Baseline",
    "ChiSquare",
    "Concordance",
    "Cox",
    "CoxBaseline",
    "CumulativeHazards",
    "Curve",
    "Draw",
    "Estimates",
    "Exponential",
    "Frailty",
    "Gompertz",
    "HazardFit",
    "HazardSpec",
    "Intervals",
    "Moves",
    "NullComparison",
    "Piecewise",
    "Prediction",
    "ProfileInterval",
    "ProportionalityTest",
    "Residuals",
    "Ridge",
    "RoystonParmar",
    "SampledPaths",
    "Shared",
    "Spline",
    "Transition",
    "TransitionProbabilities",
    "Walk",
    "Weibull",
    "aalen_johansen",
    "as_printed_by",
    "clustered_covariance",
    "compare_with_null",
    "concordance",
    "cumulative_hazards",
    "cumulative_incidence",
    "draw_posterior",
    "drawn_hazards",
    "expected_by_row",
    "first_passage",
    "fit_hazards",
    "influence_by",
    "kaplan_meier",
    "likelihood_ratio_test",
    "nelson_aalen",
    "predict",
    "profile_interval",
    "proportionality_test",
    "residuals",
    "sample_paths",
    "transition_probabilities",
    "wald_test",
]
