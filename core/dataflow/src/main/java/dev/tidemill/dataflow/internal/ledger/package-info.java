/** The records of the ledger, how they are encoded and under which names they lie. Open {@link Ledger} first. */
@NullMarked
package dev.tidemill.dataflow.internal.ledger;

import org.jspecify.annotations.NullMarked;
