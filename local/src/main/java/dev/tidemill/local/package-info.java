/** The {@code tidemill} command: the same core and the same functions on one machine. Open {@link Main} first. */
@NullMarked
package dev.tidemill.local;

import org.jspecify.annotations.NullMarked;
