/** How input is cut into calls, and what identifies a call's result. Open {@link ShardCutter} first. */
@NullMarked
package dev.tidemill.dataflow.internal.shards;

import org.jspecify.annotations.NullMarked;
