/**
 * Between reading and summing up: batches of columns. A {@link dev.tidemill.profile.internal.BatchReader} fills them, one per
 * format; {@code column} sums them up.
 */
@NullMarked
package dev.tidemill.profile.internal;

import org.jspecify.annotations.NullMarked;
