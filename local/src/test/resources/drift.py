"""How far each column of LIVE has moved from REFERENCE, by the definitions: drift.py REFERENCE LIVE, two CSV files with a header.

Prints a line for each column: its name, the population stability index over the bins between the reference's deciles, a part of nothing
counting as 1e-4, and the two-sample Kolmogorov-Smirnov statistic.
"""

import sys

import numpy


def psi(reference, live):
    edges = numpy.unique(numpy.quantile(reference, numpy.arange(1, 10) / 10, method="inverted_cdf"))

    def parts(values):
        below = numpy.searchsorted(numpy.sort(values), edges, side="right")
        return numpy.maximum(numpy.diff(numpy.concatenate([[0], below, [len(values)]])) / len(values), 1e-4)

    p, q = parts(reference), parts(live)
    return numpy.sum((p - q) * numpy.log(p / q))


def ks(reference, live):
    values = numpy.concatenate([reference, live])
    of = [numpy.searchsorted(numpy.sort(side), values, side="right") / len(side) for side in (reference, live)]
    return numpy.max(numpy.abs(of[0] - of[1]))


names = open(sys.argv[1]).readline().strip().split(",")
tables = [numpy.loadtxt(file, delimiter=",", skiprows=1) for file in sys.argv[1:]]
for column, name in enumerate(names):
    pair = [table[:, column] for table in tables]
    print(name, repr(float(psi(*pair))), repr(float(ks(*pair))))
