package dev.tidemill.api;

/** The CloudEvents extension attributes that Tidemill reads and writes. */
public final class EventExtensions {

    /** Events with the same key are to be kept in order: the Dataset's source. */
    public static final String PARTITION_KEY = "partitionkey";

    /** Where the data lies when the event does not carry it, {@code s3://bucket/key}. */
    public static final String DATAREF = "dataref";

    /** W3C trace context, passed on as it came. */
    public static final String TRACE_PARENT = "traceparent";

    /** How many of Tidemill's functions an event has come through. */
    public static final String HOPS = "tidemillhops";

    /** An event with this many hops is not delivered: it goes round in a loop. */
    public static final int MOST_HOPS = 16;

    private EventExtensions() {}
}
