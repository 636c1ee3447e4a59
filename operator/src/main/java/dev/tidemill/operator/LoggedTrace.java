package dev.tidemill.operator;

import dev.tidemill.dataflow.Trace;
import org.jboss.logging.MDC;

/** While it is open, what this thread logs has the trace's id in {@code mdc.traceId}. */
public final class LoggedTrace implements AutoCloseable {

    private static final String KEY = "traceId";

    public LoggedTrace(Trace trace) {
        MDC.put(KEY, trace.id());
    }

    @Override
    public void close() {
        MDC.remove(KEY);
    }
}
