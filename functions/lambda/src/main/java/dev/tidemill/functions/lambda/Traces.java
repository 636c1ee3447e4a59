package dev.tidemill.functions.lambda;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Trace context as X-Ray's SDKs in handlers read it, made of W3C's where there is no other (AWS X-Ray, "Tracing header"). */
final class Traces {

    private static final Pattern W3C = Pattern.compile("00-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})");

    private Traces() {}

    static @Nullable String of(HttpHeaders headers) {
        String given = headers.get("X-Amzn-Trace-Id");
        String w3c = headers.get("traceparent", headers.get("ce-traceparent", ""));
        Matcher parts = W3C.matcher(w3c);
        return given != null || !parts.matches()
                ? given
                : "Root=1-%s-%s;Parent=%s;Sampled=%d"
                        .formatted(
                                parts.group(1),
                                parts.group(2),
                                parts.group(3),
                                Integer.parseInt(parts.group(4), 16) & 1);
    }
}
