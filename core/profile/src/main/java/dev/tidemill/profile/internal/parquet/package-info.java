/**
 * Parquet through hardwood: {@link dev.tidemill.profile.internal.parquet.ParquetReader} hands out batches, {@code ParquetColumns}
 * decides what a column is, {@code Conversion} what its values are.
 */
@NullMarked
package dev.tidemill.profile.internal.parquet;

import org.jspecify.annotations.NullMarked;
