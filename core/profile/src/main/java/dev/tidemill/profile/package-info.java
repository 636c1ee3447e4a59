/** What the data looks like: readers, kernels and summaries that merge. Knows bytes only. */
@NullMarked
package dev.tidemill.profile;

import org.jspecify.annotations.NullMarked;
