"""Writes tables and what scikit-learn makes of them: python train_with_sklearn.py FOLDER."""

import json
import sys

import numpy
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

folder = sys.argv[1]


def write(name, x, y, **expected):
    columns = [f"x{i}" for i in range(x.shape[1])]
    with open(f"{folder}/{name}.csv", "w") as file:
        file.write(",".join(columns) + ",y\n")
        for row, target in zip(x.tolist(), y.tolist()):
            file.write(",".join(map(repr, row)) + f",{target!r}\n")
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump({key: numpy.asarray(value).ravel().tolist() for key, value in expected.items()}, file)


def linear(name, x, y, model=LinearRegression(tol=0)):  # by default it drops directions whose share is below 1e-6
    model.fit(x, y)
    # So much of the target each coefficient stands for: columns may differ by orders of magnitude.
    shares = model.coef_ * x.std(axis=0)
    write(name, x, y, shares=shares, deviations=x.std(axis=0), intercept=model.intercept_, prediction=model.predict(x))


def logistic(name, x, y, l2):
    model = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-12, max_iter=10_000).fit(x, y)
    probabilities = model.predict_proba(x)
    loss = -numpy.log(probabilities[numpy.arange(len(y)), y]).sum() + l2 / 2 * (model.coef_**2).sum()
    write(name, x, y, loss=loss, accuracy=model.score(x, y), probabilities=probabilities, label=model.predict(x))


def softmax(name, x, y, l2):
    """The same of three classes and more by scipy, on columns of one scale: scikit-learn's solvers end early where scales differ."""
    scale = numpy.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    z = numpy.column_stack([(x - x.mean(axis=0)) / scale, numpy.ones(len(x))])
    strength = numpy.append(l2 / scale**2, 0)
    right = numpy.eye(y.max() + 1)[y]

    def loss(flat):
        w = flat.reshape(right.shape[1], -1)
        margins = z @ w.T
        logarithms = margins - logsumexp(margins, axis=1, keepdims=True)
        gradient = (numpy.exp(logarithms) - right).T @ z + strength * w
        return -(right * logarithms).sum() + (strength * w**2).sum() / 2, gradient.ravel()

    found = minimize(loss, numpy.zeros(right.shape[1] * z.shape[1]), jac=True, options={"gtol": 1e-9, "maxiter": 10_000})
    margins = z @ found.x.reshape(right.shape[1], -1).T
    label = margins.argmax(axis=1)
    probabilities = numpy.exp(margins - logsumexp(margins, axis=1, keepdims=True))
    write(name, x, y, loss=found.fun, accuracy=(label == y).mean(), probabilities=probabilities, label=label)


def clusters(name, x, k, starts=None):
    starts = x[:: len(x) // k][:k] if starts is None else numpy.array(starts, float)
    model = KMeans(k, init=starts, n_init=1, tol=0, max_iter=1_000, algorithm="lloyd").fit(x)
    write(name, x, numpy.zeros(len(x), int), starts=starts, inertia=model.inertia_, label=model.labels_)


linear("diabetes", *load_diabetes(return_X_y=True))

# Columns a million deviations from zero that are nearly the same: where sums of squares in doubles keep no digit.
random = numpy.random.default_rng(7)
common = random.normal(size=(2_000, 1))
x = 1e6 + common + 1e-2 * random.normal(size=(2_000, 6))
linear("far", x, x @ numpy.array([3, -2, 0.5, 1, -1, 2]) + random.normal(size=2_000))

# Deviations from a thousandth to a million, one column that is the same everywhere.
scales = numpy.array([1, 1e6, 1e-3, 5, 100, 0])
x = random.normal(size=(600, 6)) * scales + numpy.array([0, 5e6, 1, -3, 1_000, 7])
latent = x @ numpy.array([1, 2e-6, 300, -0.4, 0.01, 0])
linear("scales", x, latent + random.normal(size=600) / 10)
softmax("scales-of-three", x, numpy.digitize(latent + random.normal(size=600), numpy.quantile(latent, [0.3, 0.7])), 0.5)

# As many rows as there are numbers to find, and fewer rows than columns, which only a penalty decides.
x = random.normal(size=(13, 12))
linear("just-enough", x, random.normal(size=13))
x = random.normal(size=(20, 50)) * 30
linear("wide", x, x[:, 0] + random.normal(size=20), Ridge(alpha=0.5, solver="svd"))
logistic("wide-classes", x, (x[:, 0] > 0).astype(int), 0.1)

# Powers of one number: the normal equations have a condition of 1e13.
x = numpy.linspace(0, 2, 300)[:, None] ** numpy.arange(1, 8)
linear("powers", x, numpy.sin(3 * x[:, 0]) + random.normal(size=300) / 100)

# Two columns that are one, and classes that a line parts.
x = random.normal(size=(200, 3)) * 1e6
x = numpy.column_stack([x, x[:, 0] - x[:, 1]])
logistic("twins", x, (x[:, 3] > 0).astype(int) + (x[:, 2] > 0), 1.0)

logistic("cancer", *load_breast_cancer(return_X_y=True), 1.0)
logistic("iris", *load_iris(return_X_y=True), 0.25)
logistic("digits", *load_digits(return_X_y=True), 2.0)
clusters("iris-clusters", load_iris().data, 3)
clusters("digits-clusters", load_digits().data, 10)
# Rows as far from one centre as from another, and centres that lose their rows at once.
grid = numpy.array([(a, b) for a in range(6) for b in range(6)], float)
clusters("ties", grid, 4, [(0, 0), (0, 4), (4, 0), (4, 4)])
clusters("lost", load_iris().data, 5, [(5, 3, 1, 0), (90, 9, 9, 9), (6, 3, 4, 1), (-80, 0, 0, 0), (7, 3, 6, 2)])
