/** What a run shows while it goes: bars on a terminal, lines in a log, JSON for a program. */
@NullMarked
package dev.tidemill.local.display;

import org.jspecify.annotations.NullMarked;
