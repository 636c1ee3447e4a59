/** Bytes into values without a String between: numbers, dates, UTF-8, hashes. */
@NullMarked
package dev.tidemill.profile.internal.text;

import org.jspecify.annotations.NullMarked;
