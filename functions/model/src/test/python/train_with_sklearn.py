"""Writes tables and what scikit-learn makes of them: python train_with_sklearn.py FOLDER."""

import json
import sys

import numpy
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression

folder = sys.argv[1]


def write(name, x, y, **expected):
    columns = [f"x{i}" for i in range(x.shape[1])]
    with open(f"{folder}/{name}.csv", "w") as file:
        file.write(",".join(columns) + ",y\n")
        for row, target in zip(x.tolist(), y.tolist()):
            file.write(",".join(map(repr, row)) + f",{target!r}\n")
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump({key: numpy.asarray(value).ravel().tolist() for key, value in expected.items()}, file)


def linear(name, x, y):
    model = LinearRegression().fit(x, y)
    write(name, x, y, coefficients=model.coef_, intercept=model.intercept_, prediction=model.predict(x))


def logistic(name, x, y, l2):
    model = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-12, max_iter=10_000).fit(x, y)
    probabilities = model.predict_proba(x)
    loss = -numpy.log(probabilities[numpy.arange(len(y)), y]).sum() + l2 / 2 * (model.coef_**2).sum()
    write(name, x, y, loss=loss, accuracy=model.score(x, y), probabilities=probabilities, label=model.predict(x))


def clusters(name, x, k):
    starts = x[:: len(x) // k][:k]
    model = KMeans(k, init=starts, n_init=1, tol=0, max_iter=1_000, algorithm="lloyd").fit(x)
    write(name, x, numpy.zeros(len(x), int), starts=starts, inertia=model.inertia_, label=model.labels_)


linear("diabetes", *load_diabetes(return_X_y=True))

# Columns a million deviations from zero that are nearly the same: where sums of squares in doubles keep no digit.
random = numpy.random.default_rng(7)
common = random.normal(size=(2_000, 1))
x = 1e6 + common + 1e-2 * random.normal(size=(2_000, 6))
linear("far", x, x @ numpy.array([3, -2, 0.5, 1, -1, 2]) + random.normal(size=2_000))

logistic("cancer", *load_breast_cancer(return_X_y=True), 1.0)
logistic("iris", *load_iris(return_X_y=True), 0.25)
logistic("digits", *load_digits(return_X_y=True), 2.0)
clusters("iris-clusters", load_iris().data, 3)
clusters("digits-clusters", load_digits().data, 10)
