/** Which objects there are, compared with what is committed. Open {@link Inventory} first. */
@NullMarked
package dev.tidemill.dataflow.internal.inventory;

import org.jspecify.annotations.NullMarked;
