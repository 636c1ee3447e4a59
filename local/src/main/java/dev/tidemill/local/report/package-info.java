/** A profile for eyes: as a table on a terminal, as a page in a browser. */
@NullMarked
package dev.tidemill.local.report;

import org.jspecify.annotations.NullMarked;
