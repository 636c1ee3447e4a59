/** Parts of one source that were cut anywhere, and how they find together. */
@NullMarked
package dev.tidemill.profile.internal.range;

import org.jspecify.annotations.NullMarked;
