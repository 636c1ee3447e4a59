/** What is to be done and what is committed: inventory, shards, ledger, dispatch, commit. */
@NullMarked
package dev.tidemill.dataflow;

import org.jspecify.annotations.NullMarked;
