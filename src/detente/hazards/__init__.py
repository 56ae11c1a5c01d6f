"""Multi-state intensity models for any intervals table.

Prepare (:class:`Intervals`), say what the model is (:class:`HazardSpec`), fit
(:func:`fit_hazards`), draw (:func:`draw_posterior`).
"""

from detente.hazards.baselines import Baseline, Cox, Exponential, Gompertz, Piecewise, Weibull
from detente.hazards.comparisons import (
    ChiSquare,
    NullComparison,
    compare_with_null,
    likelihood_ratio_test,
    wald_test,
)
from detente.hazards.concordance import Concordance
from detente.hazards.cox_baseline import CoxBaseline
from detente.hazards.cumulative import cumulative_hazards, drawn_hazards
from detente.hazards.curves import Curve
from detente.hazards.diagnostics import (
    Residuals,
    concordance,
    influence_by,
    residuals,
)
from detente.hazards.expected import expected_by_row
from detente.hazards.fit import HazardFit, fit_hazards
from detente.hazards.inference import Draw, clustered_covariance, draw_posterior
from detente.hazards.intervals import Intervals
from detente.hazards.moves import Moves
from detente.hazards.nonparametric import (
    aalen_johansen,
    cumulative_incidence,
    kaplan_meier,
    nelson_aalen,
)
from detente.hazards.parametrisations import Estimates, as_printed_by
from detente.hazards.prediction import Prediction, first_passage, predict
from detente.hazards.probabilities import transition_probabilities
from detente.hazards.profile import ProfileInterval, profile_interval
from detente.hazards.proportionality import ProportionalityTest, proportionality_test
from detente.hazards.royston_parmar import RoystonParmar
from detente.hazards.sampling import SampledPaths, sample_paths
from detente.hazards.spec import Frailty, HazardSpec, Ridge, Shared, Transition, Walk
from detente.hazards.splines import Spline
from detente.hazards.steps import CumulativeHazards
from detente.hazards.transition_table import TransitionProbabilities

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
