/**
 * What the data looks like: readers, kernels and summaries that merge. Knows bytes only.
 *
 * <p>Open {@link dev.tidemill.profile.Profiler} first: it reads a {@link dev.tidemill.profile.ByteSource} in a {@link
 * dev.tidemill.profile.Format} and gives a {@link dev.tidemill.profile.Profile}. {@link dev.tidemill.profile.ColumnReader} and {@link
 * dev.tidemill.profile.RecordReader} read the same sources for functions, {@link dev.tidemill.profile.RecordIndex} finds where to cut
 * them.
 */
@NullMarked
package dev.tidemill.profile;

import org.jspecify.annotations.NullMarked;
