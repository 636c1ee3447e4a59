"""Writes the Parquet files beside it, of many small pages (pyarrow 26.0.1): `python3 pages.py`.

Columns of 700 rows in row groups of 300: of few values, of runs, of so many values that the dictionary is given up in the middle of
a row group, required and optional ones. What is in them is not compared with this script but with what DuckDB reads.
"""

import random

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 700
numbers = random.Random(6)

columns = {
    "few": (pa.float32(), [numbers.randrange(17) for _ in range(ROWS)]),
    "runs": (pa.int32(), [i // 90 * (-1) ** (i // 300) for i in range(ROWS)]),
    "same": (pa.float64(), [0.1] * ROWS),
    "many": (pa.float32(), [numbers.randrange(8) if i % 300 < 90 else numbers.uniform(-9, 9) for i in range(ROWS)]),
    "wide": (pa.float64(), [numbers.gauss(0, 1e9) for _ in range(ROWS)]),
    "big": (pa.int64(), [numbers.getrandbits(63) - 2**62 for _ in range(ROWS)]),
    "unsigned": (pa.uint32(), [2**32 - 1 - i % 300 for i in range(ROWS)]),
}
table = pa.table(
    [pa.array(values, type) for type, values in columns.values()],
    pa.schema([pa.field(name, type, nullable=i % 2 == 0) for i, (name, (type, _)) in enumerate(columns.items())]),
)

for name, version, compression, checksum in [
    ("first-snappy", "1.0", "snappy", False),
    ("first-none-checked", "1.0", "none", True),
    ("second-zstd-checked", "2.0", "zstd", True),
    ("second-lz4", "2.0", "lz4", False),
]:
    pq.write_table(
        table,
        name + ".parquet",
        version="2.6",
        row_group_size=300,
        data_page_size=400,
        write_batch_size=50,
        dictionary_pagesize_limit=500,
        data_page_version=version,
        compression=compression,
        write_page_checksum=checksum,
        store_schema=False,
    )
