/** The CSV reader: dialect, structural index, records, ranges. */
@NullMarked
package dev.tidemill.profile.internal.csv;

import org.jspecify.annotations.NullMarked;
