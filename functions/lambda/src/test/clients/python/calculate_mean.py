"""The article's handler calls calculate_mean, which it never defines. Named as the module before the handler, this defines it."""

import builtins

import numpy

builtins.calculate_mean = lambda data: float(numpy.mean(data))

from lambda_function import lambda_handler  # noqa: E402,F401
