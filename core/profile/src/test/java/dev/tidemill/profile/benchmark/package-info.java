/** Profiling speed against DuckDB on the same file; started by {@code benchmarks/profile-vs-duckdb}. */
@NullMarked
package dev.tidemill.profile.benchmark;

import org.jspecify.annotations.NullMarked;
