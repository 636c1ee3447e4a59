"""Compares predictions in an array file with what ONNX Runtime gave for the same digits.

    python load_predictions.py SCORED.npy MODELS
"""

import sys
from pathlib import Path

import numpy

scored = numpy.load(sys.argv[1], allow_pickle=False)
models = Path(sys.argv[2])
assert scored.dtype == numpy.dtype([("probabilities", "<f4", (10,)), ("label", "<i8")]), scored.dtype
assert numpy.abs(scored["probabilities"] - numpy.load(models / "digits-onnx-probabilities.npy")).max() <= 1e-5
assert (scored["label"] == numpy.load(models / "digits-onnx-label.npy")).all()
