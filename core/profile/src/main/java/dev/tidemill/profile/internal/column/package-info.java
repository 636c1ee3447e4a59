/** What is known of a column and of a table: accumulators and sketches, all of which merge. */
@NullMarked
package dev.tidemill.profile.internal.column;

import org.jspecify.annotations.NullMarked;
