package dev.tidemill.dataflow;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counters of a running dispatch, to be read at any time from any thread. */
final class Progress {

    final LongAdder calls = new LongAdder();
    final LongAdder written = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder stale = new LongAdder();
    final LongAdder retried = new LongAdder();
    final AtomicInteger running = new AtomicInteger();
    volatile Gate.@Nullable Hold hold;
}
