#!/bin/sh
# Make every file of numbers again (R with survival, msm, cmprsk, etm, jsonlite; seconds).
set -e
cd "$(dirname "$0")"
for script in cox multistate competing parametric frailty; do Rscript "$script.R"; done
