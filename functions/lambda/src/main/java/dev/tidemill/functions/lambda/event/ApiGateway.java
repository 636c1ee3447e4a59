package dev.tidemill.functions.lambda.event;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** API Gateway's payload format 2.0, which a Lambda function URL has too (API Gateway Developer Guide, "Lambda proxy integrations"). */
final class ApiGateway {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);

    ObjectNode event(Incoming.Http http) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        http.headers()
                .forEach(header -> headers.computeIfAbsent(
                                header.getKey().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                        .add(header.getValue()));
        return event(
                http.requestId().toString(),
                http.method(),
                http.path(),
                http.query(),
                http.protocol(),
                headers,
                http.peer(),
                http.data());
    }

    /** A function behind a broker and behind a gateway alike sees an event as the POST that it was. */
    ObjectNode event(Incoming.CloudEvent event) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("ce-specversion", List.of("1.0"));
        headers.put("ce-id", List.of(event.id()));
        headers.put("ce-source", List.of(event.source()));
        headers.put("ce-type", List.of(event.type()));
        put(headers, "ce-subject", event.subject());
        put(headers, "ce-time", event.time());
        put(headers, "content-type", event.contentType());
        event.extensions().forEach((name, value) -> headers.put("ce-" + name, List.of(value)));
        return event(event.requestId().toString(), "POST", "/", "", "HTTP/1.1", headers, "127.0.0.1", event.data());
    }

    private static void put(Map<String, List<String>> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.put(name, List.of(value));
        }
    }

    private static ObjectNode event(
            String id,
            String method,
            String path,
            String query,
            String protocol,
            Map<String, List<String>> headers,
            String peer,
            byte[] body) {
        String decodedPath = decoded(path.replace("+", "%2B"));
        String host = first(headers, "host");
        ObjectNode event = HandlerEvents.JSON.createObjectNode();
        event.put("version", "2.0");
        event.put("routeKey", "$default");
        event.put("rawPath", decodedPath);
        event.put("rawQueryString", query);
        List<String> cookies = headers.get("cookie");
        if (cookies != null) {
            var array = event.putArray("cookies");
            cookies.forEach(line -> List.of(line.split("; *")).forEach(array::add));
        }
        ObjectNode all = event.putObject("headers");
        headers.forEach((name, values) -> all.put(name, String.join(",", values)));
        if (!query.isEmpty()) {
            ObjectNode parameters = event.putObject("queryStringParameters");
            parameters(query).forEach((name, values) -> parameters.put(name, String.join(",", values)));
        }
        ObjectNode context = event.putObject("requestContext");
        context.put("accountId", "000000000000");
        context.put("apiId", "tidemill");
        context.put("domainName", host);
        context.put("domainPrefix", host.split("[.:]", 2)[0]);
        context.putObject("http")
                .put("method", method)
                .put("path", decodedPath)
                .put("protocol", protocol)
                .put("sourceIp", peer)
                .put("userAgent", first(headers, "user-agent"));
        Instant now = Instant.now();
        context.put("requestId", id);
        context.put("routeKey", "$default");
        context.put("stage", "$default");
        context.put("time", TIME.format(now));
        context.put("timeEpoch", now.toEpochMilli());
        if (body.length > 0) {
            boolean text = HandlerEvents.isText(first(headers, "content-type"));
            event.put("body", text ? HandlerEvents.text(body) : HandlerEvents.base64(body));
            event.put("isBase64Encoded", !text);
        } else {
            event.put("isBase64Encoded", false);
        }
        return event;
    }

    private static Map<String, List<String>> parameters(String query) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            if (!pair.isEmpty()) {
                String[] both = pair.split("=", 2);
                parameters
                        .computeIfAbsent(decoded(both[0]), _ -> new ArrayList<>())
                        .add(both.length == 2 ? decoded(both[1]) : "");
            }
        }
        return parameters;
    }

    private static String first(Map<String, List<String>> headers, String name) {
        List<String> values = headers.get(name);
        return values == null ? "" : values.getFirst();
    }

    /** A stray percent sign is what the caller wrote, and no reason to refuse the request. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
