package dev.tidemill.dataflow;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one cause brings about, from a store's event to the commit and on to what is derived from it: the trace id of a W3C
 * {@code traceparent} (Trace Context, section 3.2).
 *
 * @param id 32 hexadecimal digits, not all zero
 * @param flags two hexadecimal digits: whether the trace is sampled
 */
public record Trace(String id, String flags) {

    private static final Pattern TRACE_PARENT =
            Pattern.compile("[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})(-.*)?");

    /** The trace of whoever caused it, or a new one when nobody tells, or not in the form of the standard. */
    public static Trace of(@Nullable String traceparent, RandomGenerator random) {
        var matcher = TRACE_PARENT.matcher(traceparent == null ? "" : traceparent);
        if (matcher.matches()) {
            return new Trace(matcher.group(1), matcher.group(2));
        }
        HexFormat hex = HexFormat.of();
        return new Trace(hex.toHexDigits(random.nextLong() | 1) + hex.toHexDigits(random.nextLong()), "01");
    }

    /** What is sent along with one request. A request that is repeated is the same step. */
    public String parent(String step) {
        String span = HexFormat.of().toHexDigits(step.hashCode() * 0x9E3779B97F4A7C15L | 1);
        return "00-" + id + "-" + span + "-" + flags;
    }
}
