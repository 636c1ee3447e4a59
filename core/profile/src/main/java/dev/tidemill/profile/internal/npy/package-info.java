/** NumPy's file format: {@link dev.tidemill.profile.internal.npy.NpyHeader} says what the bytes after it are. */
@NullMarked
package dev.tidemill.profile.internal.npy;

import org.jspecify.annotations.NullMarked;
