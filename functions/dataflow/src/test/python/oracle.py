"""Writes arrays and tables into a folder, and what numpy and pyarrow say of them into oracle.json."""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

folder = Path(sys.argv[1])
rng = np.random.default_rng(7)


def iso(microseconds):
    return (np.datetime64(0, "us") + np.timedelta64(int(microseconds), "us")).item().isoformat()


def figures(values, null=None):
    """Of one column; times are told as ISO texts, quantiles as the values one rank per cent below and above."""
    nulls = int(null.sum()) if null is not None else 0
    values = values[~null] if null is not None else values
    count = values.size
    times = values.dtype.kind == "M"
    numbers = values.astype("datetime64[us]").astype(np.int64) if times else values
    nan = int(np.isnan(numbers).sum()) if numbers.dtype.kind == "f" else 0
    if nan:
        numbers = numbers[~np.isnan(numbers)]
    tell = iso if times else (lambda value: value.item())
    answer = {"count": count, "nulls": nulls, "nan": nan, "distinct": int(np.unique(numbers).size),
              "min": tell(numbers.min()), "max": tell(numbers.max())}
    if not times and numbers.dtype.kind != "b":
        exact = numbers.astype(np.float64)
        answer["mean"] = float(np.mean(exact))
        answer["stddev"] = float(np.std(exact, ddof=1))
        for name, q in (("p25", 0.25), ("p50", 0.5), ("p75", 0.75)):
            answer[name] = [float(np.quantile(exact, r, method="inverted_cdf")) for r in (q - 0.01, q + 0.01)]
    return answer


def columns(array):
    if array.dtype.names:
        return [figures(array[name], np.isnat(array[name]) if array[name].dtype.kind == "M" else None)
                for name in array.dtype.names]
    table = array.reshape(array.shape[0], -1)
    return [figures(table[:, i]) for i in range(table.shape[1])]


normal = rng.normal(3, 1e6, 50_000)
gaps = normal[:20_000].reshape(5_000, 4).copy()
gaps[rng.random(gaps.shape) < 0.1] = np.nan
records = np.zeros(3_000, dtype=[("id", "<i8"), ("at", "<M8[s]"), ("half", "<f2")])
records["id"] = rng.permutation(3_000)
records["at"] = np.datetime64("1969-12-31T23:00:00") + rng.integers(0, 10**9, 3_000).astype("m8[s]")
records["at"][::7] = np.datetime64("NaT")
records["half"] = rng.normal(0, 10, 3_000)

arrays = {
    "float64": normal,
    "float64-rows-with-nan": gaps,
    "float64-fortran": np.asfortranarray(normal[:9_000].reshape(3_000, 3)),
    "float32": normal[:10_000].astype("<f4"),
    "float64-big-endian": normal[:10_000].astype(">f8"),
    "int16-big-endian": rng.integers(-2**15, 2**15, 20_000).astype(">i2"),
    "int64": rng.integers(-2**53, 2**53, 20_000),
    "uint8": rng.integers(0, 256, (500, 28, 28)).astype("u1").reshape(500, -1)[:, :40],
    "boolean": rng.random(1_000) < 0.25,
    "records": records,
}
answers = {}
for name, array in arrays.items():
    np.save(folder / f"{name}.npy", array)
    answers[f"{name}.npy"] = columns(array)

microseconds = np.concatenate([
    [-62_135_596_800_000_000 // 8, -1, 0, 1, 951_782_399_999_999],  # before 1970, around it, and the last of a 28 February
    rng.integers(-10**15, 2 * 10**15, 2_000)])
moments = [None if i % 9 == 0 else int(m) for i, m in enumerate(microseconds)]
table = pa.table({"at": pa.array(moments, pa.timestamp("us")), "x": pa.array(rng.normal(0, 1, len(moments)))})
for name, old in (("int96", True), ("int64-times", False)):
    file = folder / f"{name}.parquet"
    pq.write_table(table, file, use_deprecated_int96_timestamps=old)
    physical = pq.ParquetFile(file).schema.column(0).physical_type
    assert physical == ("INT96" if old else "INT64"), physical
    read = pq.read_table(file)
    at = read["at"].to_numpy().astype("datetime64[us]")
    answers[f"{name}.parquet"] = [figures(at, np.isnat(at)), figures(read["x"].to_numpy())]

(folder / "oracle.json").write_text(json.dumps(answers))
