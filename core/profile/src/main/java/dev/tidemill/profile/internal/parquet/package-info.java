/**
 * Parquet through hardwood: {@link dev.tidemill.profile.internal.parquet.ParquetReader} hands out batches, {@code ParquetColumn}
 * decides what a column is, {@code Conversion} what its values are. Where numbers are wanted as rows of float32 and lie in plain pages or
 * behind dictionaries, {@code NumberTable} takes them out of the pages itself.
 */
@NullMarked
package dev.tidemill.profile.internal.parquet;

import org.jspecify.annotations.NullMarked;
