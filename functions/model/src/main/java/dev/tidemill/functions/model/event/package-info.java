/** CloudEvents: one inference, or the rows of a shard of a Dataset. */
@NullMarked
package dev.tidemill.functions.model.event;

import org.jspecify.annotations.NullMarked;
