/** The object client and what a store was measured to do. Open {@link ObjectClient} first. */
@NullMarked
package dev.tidemill.store;

import org.jspecify.annotations.NullMarked;
