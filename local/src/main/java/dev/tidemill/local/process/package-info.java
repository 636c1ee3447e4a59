/** Programs that this command starts and that never outlive it. Open {@link dev.tidemill.local.process.GuardedProcess} first. */
@NullMarked
package dev.tidemill.local.process;

import org.jspecify.annotations.NullMarked;
