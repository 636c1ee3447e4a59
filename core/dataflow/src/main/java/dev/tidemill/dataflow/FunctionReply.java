package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.dataflow.FunctionClient.Reply;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP answer of a function means. Pure.
 *
 * <p>Between the caller and a function stand routers and proxies, and their 4xx (a route still being programmed, a token being
 * rotated) say nothing about the input. So a 4xx is the function's own, and final, only if it bears CloudEvents headers or
 * {@code Tidemill-Verdict: final}.
 */
final class FunctionReply {

    /** Set by functions: {@code final} on a 4xx, {@code no-capacity} on a 503. */
    static final String VERDICT = "tidemill-verdict";

    /** The type of a reply that says that this input will fail however often it is sent. */
    static final String FAILURE = "dev.tidemill.failure";

    private static final String STRUCTURED = "application/cloudevents+json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int QUOTED = 1_000;

    private FunctionReply() {}

    static Reply of(URI function, int status, HttpHeaders headers, ReplyBody body, Instant now) {
        if (!body.whole()) {
            return status / 100 == 2 ? tooLarge(function) : transientReply(function, status, headers, body, now);
        }
        Optional<Content> read = Content.read(headers, body.bytes());
        if (read.isEmpty()) {
            return new Reply.Transient(
                    status, printable(function) + " answered " + status + " with a CloudEvent that is not JSON", null);
        }
        Content content = read.get();
        if (FAILURE.equals(content.type)) {
            return new Reply.Final(failure(content, "FunctionFailed"));
        }
        if (status / 100 == 2) {
            return new Reply.Result(content.type, content.contentType, content.data);
        }
        if (status == 503 && isVerdict(headers, "no-capacity")) {
            return new Reply.NoCapacity(quote(content.data));
        }
        boolean ownWord = content.isEvent || isVerdict(headers, "final");
        if (status / 100 == 4 && status != 408 && status != 425 && status != 429 && ownWord) {
            return new Reply.Final(failure(content, "FunctionRefused"));
        }
        return transientReply(function, status, headers, body, now);
    }

    private static Reply tooLarge(URI function) {
        return new Reply.Final(Failure.lasting(
                "ReplyTooLarge",
                "the reply of " + printable(function) + " is larger than " + (BoundedBody.LIMIT >> 20)
                        + " MiB: let the function write its output to the store and answer with key, ETag and size,"
                        + " or make the shards smaller (partition.targetBytes)"));
    }

    private static Reply transientReply(URI function, int status, HttpHeaders headers, ReplyBody body, Instant now) {
        String said = quote(body.bytes());
        String hint = switch (status / 100) {
            case 3 ->
                headers.firstValue("location")
                        .map(to -> " and points to " + to + ": give that address")
                        .orElse("");
            case 4 ->
                said.isEmpty()
                        ? " without CloudEvents headers, so it may be a proxy's word and is tried again"
                        : ": " + said;
            default -> said.isEmpty() ? "" : ": " + said;
        };
        return new Reply.Transient(
                status, printable(function) + " answered " + status + hint, retryAfter(headers, now));
    }

    /** Seconds, or a date, which is read by the sender's own clock where it tells it. */
    static @Nullable Instant retryAfter(HttpHeaders headers, Instant now) {
        String value = headers.firstValue("retry-after").map(String::strip).orElse("");
        if (value.isEmpty()) {
            return null;
        }
        if (value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            // More than nine digits are more than thirty years.
            return now.plusSeconds(value.length() > 9 ? 999_999_999 : Long.parseLong(value));
        }
        Optional<Instant> date = date(value);
        Instant theirNow =
                headers.firstValue("date").flatMap(FunctionReply::date).orElse(now);
        return date.map(then -> now.plus(Duration.between(theirNow, then))).orElse(null);
    }

    private static Optional<Instant> date(String value) {
        try {
            return Optional.of(ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static boolean isVerdict(HttpHeaders headers, String verdict) {
        return headers.firstValue(VERDICT)
                .map(String::strip)
                .filter(verdict::equalsIgnoreCase)
                .isPresent();
    }

    /** The members {@code reason, message, object, line, byte}, each optional, or else the text as the message. */
    private static Failure failure(Content content, String defaultReason) {
        JsonNode data = json(content.data);
        if (data == null || !data.isObject()) {
            String said = quote(content.data);
            return Failure.lasting(defaultReason, said.isEmpty() ? "the function gave no reason" : said);
        }
        String message = data.path("message").asText("");
        return new Failure(
                data.path("reason").asText(defaultReason),
                message.isEmpty() ? quote(content.data) : cut(message),
                data.path("object").isTextual() ? data.path("object").asText() : null,
                data.path("line").asLong(-1),
                data.path("byte").asLong(-1),
                true);
    }

    private static @Nullable JsonNode json(byte[] data) {
        try {
            return JSON.readTree(data);
        } catch (IOException e) {
            return null;
        }
    }

    /** The address without what may be a secret. */
    static String printable(URI function) {
        try {
            return new URI(
                            function.getScheme(),
                            null,
                            function.getHost(),
                            function.getPort(),
                            function.getPath(),
                            null,
                            null)
                    .toString();
        } catch (URISyntaxException e) {
            return "the function";
        }
    }

    private static String quote(byte[] data) {
        return cut(new String(data, 0, Math.min(data.length, 4 * QUOTED), StandardCharsets.UTF_8)
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip());
    }

    private static String cut(String text) {
        return text.length() <= QUOTED ? text : text.substring(0, QUOTED) + " …";
    }

    /** The reply's content in whichever of the two content modes it came. */
    private record Content(@Nullable String type, String contentType, byte[] data, boolean isEvent) {

        static Optional<Content> read(HttpHeaders headers, byte[] body) {
            String contentType = headers.firstValue("content-type").orElse("application/octet-stream");
            if (contentType.toLowerCase(Locale.ROOT).startsWith(STRUCTURED)) {
                return structured(body);
            }
            String type =
                    headers.firstValue("ce-type").map(CloudEventHeaders::decode).orElse(null);
            boolean isEvent =
                    type != null || headers.firstValue("ce-specversion").isPresent();
            return Optional.of(new Content(type, contentType, body, isEvent));
        }

        private static Optional<Content> structured(byte[] body) {
            try {
                JsonNode event = JSON.readTree(body);
                if (!event.path("type").isTextual()) {
                    return Optional.empty();
                }
                JsonNode data = event.path("data");
                byte[] bytes = event.has("data_base64")
                        ? event.get("data_base64").binaryValue()
                        : data.isTextual()
                                ? data.asText().getBytes(StandardCharsets.UTF_8)
                                : data.isMissingNode() ? new byte[0] : JSON.writeValueAsBytes(data);
                String contentType = event.path("datacontenttype").asText("application/json");
                return Optional.of(new Content(event.path("type").asText(), contentType, bytes, true));
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }
}
