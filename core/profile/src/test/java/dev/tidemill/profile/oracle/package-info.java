/** DuckDB, asked in-process about the same bytes, as the judge of what a profile says. */
@NullMarked
package dev.tidemill.profile.oracle;

import org.jspecify.annotations.NullMarked;
