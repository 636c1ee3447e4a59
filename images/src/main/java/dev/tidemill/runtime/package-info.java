/** What starts AWS' own Java client in a runtime image, alone in the class path with it. */
@NullMarked
package dev.tidemill.runtime;

import org.jspecify.annotations.NullMarked;
