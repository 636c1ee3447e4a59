package dev.tidemill.store;

import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * An answer other than 2xx, thrown through minio-java as an {@link IOException} so that there is one place that reads errors.
 */
final class Rejection extends IOException {

    private static final Pattern CODE = Pattern.compile("<Code>([^<]*)</Code>");
    private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]*)</Message>");
    private static final int SHOWN = 300;

    /** HTTP status. */
    final int status;

    /** The S3 error code, or the empty string where the answer was not the store's (a proxy's page) or had no body (HEAD). */
    final String code;

    final @Nullable Duration retryAfter;

    private final boolean html;

    private Rejection(int status, String code, String message, @Nullable Duration retryAfter, boolean html) {
        super(message);
        this.status = status;
        this.code = code;
        this.retryAfter = retryAfter;
        this.html = html;
    }

    static Response throwUnlessSuccessful(Interceptor.Chain chain, Response response) throws IOException {
        if (response.isSuccessful()) {
            return response;
        }
        try (ResponseBody body = response.body()) {
            String text = chain.request().method().equals("HEAD") ? "" : body.string();
            String type = response.header("Content-Type", "");
            String code = find(CODE, text);
            if (code.isEmpty()) {
                code = response.header("x-minio-error-code", "");
            }
            String said = find(MESSAGE, text);
            if (said.isEmpty()) {
                said = text.strip();
            }
            if (said.length() > SHOWN) {
                said = said.substring(0, SHOWN) + "…";
            }
            throw new Rejection(
                    response.code(),
                    code == null ? "" : code,
                    said,
                    retryAfter(response.header("Retry-After")),
                    type != null && type.startsWith("text/html"));
        }
    }

    /** The store itself refused before doing anything, so that even a conditional write may be sent again. */
    boolean hadNoEffect() {
        return !code.isEmpty() && (status == 429 || status == 503 || code.equals("ConditionalRequestConflict"));
    }

    /** Another attempt may well succeed. */
    boolean passing() {
        return switch (status) {
            case 408, 425, 429, 500, 502, 503, 504 -> true;
            default -> code.equals("ConditionalRequestConflict") || code.equals("OperationAborted");
        };
    }

    boolean credentialsExpired() {
        return switch (code) {
            case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidTokenId" -> true;
            default -> false;
        };
    }

    /** A web page where XML was due: something else than an S3 API listens there. */
    boolean isWebPage() {
        return html && code.isEmpty();
    }

    /** What the store said, for a message: {@code 403 AccessDenied, "Access Denied."} */
    String answer() {
        StringBuilder s = new StringBuilder("HTTP ").append(status);
        if (!code.isEmpty()) {
            s.append(' ').append(code);
        }
        if (getMessage() != null && !getMessage().isEmpty() && !html) {
            s.append(", \"").append(getMessage()).append('"');
        }
        return s.toString();
    }

    /** Seconds only: the date form of {@code Retry-After} would tie us to the agreement of two clocks. */
    private static @Nullable Duration retryAfter(@Nullable String header) {
        try {
            return header == null ? null : Duration.ofSeconds(Math.max(0, Long.parseLong(header.strip())));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static String find(Pattern pattern, String text) {
        Matcher m = pattern.matcher(text);
        return m.find() ? m.group(1) : "";
    }
}
