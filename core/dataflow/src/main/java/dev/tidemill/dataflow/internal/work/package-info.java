/** What of a plan is done, failed, or still to do. Open {@link WorkList} first. */
@NullMarked
package dev.tidemill.dataflow.internal.work;

import org.jspecify.annotations.NullMarked;
