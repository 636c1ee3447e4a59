package dev.tidemill.functions.gate;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Set;

/** Headers that are between two neighbours, and not for who is behind them (RFC 9110, section 7.6.1). */
final class Hop {

    private static final Set<String> BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "upgrade",
            "expect");

    /** Who is calling, as the gate has verified it. */
    static final String CALLER = "Tidemill-Caller";

    private Hop() {}

    /** A request's head as it is passed on. */
    static HttpRequest copy(HttpRequest head, String uri) {
        var copy = new DefaultHttpRequest(HttpVersion.HTTP_1_1, head.method(), uri);
        copy.headers().set(head.headers());
        strip(copy.headers());
        return copy;
    }

    static void strip(HttpHeaders headers) {
        for (String named : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String name : named.split(",", -1)) {
                if (!name.isBlank()
                        && !name.strip().equalsIgnoreCase("transfer-encoding")
                        && !name.strip().equalsIgnoreCase("content-length")) {
                    headers.remove(name.strip());
                }
            }
        }
        BY_HOP.forEach(headers::remove);
    }

    /** Puts the verified caller in, and takes out whatever might be taken for it: servers that make variables of headers know no dash. */
    static void identify(HttpHeaders headers, String caller) {
        for (String name : new ArrayList<>(headers.names())) {
            if (name.replace('_', '-').toLowerCase(Locale.ROOT).equals(CALLER.toLowerCase(Locale.ROOT))) {
                headers.remove(name);
            }
        }
        headers.remove(HttpHeaderNames.AUTHORIZATION);
        headers.set(CALLER, caller);
    }
}
