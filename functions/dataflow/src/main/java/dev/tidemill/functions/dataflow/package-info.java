/** Tidemill's own functions. Each is thin: an event, one call into core, an event. */
@NullMarked
package dev.tidemill.functions.dataflow;

import org.jspecify.annotations.NullMarked;
