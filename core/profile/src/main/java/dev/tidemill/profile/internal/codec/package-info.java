/** Compressed streams that name the byte where they break. */
@NullMarked
package dev.tidemill.profile.internal.codec;

import org.jspecify.annotations.NullMarked;
