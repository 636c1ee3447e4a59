package dev.tidemill.dataflow;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Calls functions by binary-mode CloudEvents over HTTP/1.1 with kept-alive connections. What an answer means is said by
 * {@link FunctionReply}; this class only carries it.
 *
 * <p>A request that times out is given up but not cut off: as long as its connection stands the function may be at work, and its
 * permit stays taken. After as long again, and at least 15 seconds, the connection is closed and the
 * permit given back whatever the function does: behind Knative it has been stopped long before, because its revision has the same
 * timeout.
 */
public final class HttpFunctionClient implements FunctionClient, AutoCloseable {

    static final Duration LEAST_PATIENCE = Duration.ofSeconds(15);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final Clock clock;
    private final Duration leastPatience;
    private final @Nullable Path token;
    private final HttpClient http;

    public HttpFunctionClient() {
        this(Clock.systemUTC(), LEAST_PATIENCE, null);
    }

    /** @param tls whom it trusts */
    public HttpFunctionClient(SSLContext tls) {
        this(Clock.systemUTC(), LEAST_PATIENCE, null, builder().sslContext(tls).build());
    }

    /** @param token a file with the bearer token that every call carries; it may be replaced at any time */
    public HttpFunctionClient(@Nullable Path token) {
        this(Clock.systemUTC(), LEAST_PATIENCE, token);
    }

    HttpFunctionClient(Clock clock, Duration leastPatience) {
        this(clock, leastPatience, null);
    }

    private HttpFunctionClient(Clock clock, Duration leastPatience, @Nullable Path token) {
        this(clock, leastPatience, token, builder().build());
    }

    private HttpFunctionClient(Clock clock, Duration leastPatience, @Nullable Path token, HttpClient http) {
        this.clock = clock;
        this.leastPatience = leastPatience;
        this.token = token;
        this.http = http;
    }

    private static HttpClient.Builder builder() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(Executors.newVirtualThreadPerTaskExecutor());
    }

    @Override
    public Reply call(URI function, Event event, Duration timeout) throws InterruptedException {
        String bearer;
        try {
            bearer = token == null ? null : Files.readString(token).strip();
        } catch (IOException e) {
            return new Reply.Transient(0, "the token of this caller cannot be read: " + e, null);
        }
        return call(function, event, timeout, bearer);
    }

    /** The same with that bearer token, or none, whatever other calls carry. */
    public Reply call(URI function, Event event, Duration timeout, @Nullable String bearer)
            throws InterruptedException {
        HttpRequest request = request(function, event, bearer);
        CompletableFuture<HttpResponse<ReplyBody>> exchange =
                http.sendAsync(request, head -> new BoundedBody(head.headers()));
        try {
            HttpResponse<ReplyBody> response = exchange.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return FunctionReply.of(
                    function, response.statusCode(), response.headers(), response.body(), clock.instant());
        } catch (ExecutionException e) {
            return new Reply.Transient(neverConnected(e.getCause()) ? 0 : -1, describe(function, e.getCause()), null);
        } catch (TimeoutException e) {
            return new Reply.TimedOut(timeout, whenDone(exchange, timeout));
        } catch (InterruptedException e) {
            exchange.cancel(true);
            throw e;
        }
    }

    /** Ends all calls at once. */
    @Override
    public void close() {
        http.shutdownNow();
    }

    private static HttpRequest request(URI function, Event event, @Nullable String bearer) {
        var request = HttpRequest.newBuilder(function)
                .header("Content-Type", event.contentType())
                .header("ce-specversion", "1.0")
                .header("ce-id", CloudEventHeaders.encode(event.id()))
                .header("ce-source", CloudEventHeaders.encode(event.source()))
                .header("ce-type", CloudEventHeaders.encode(event.type()))
                .POST(BodyPublishers.ofByteArray(event.data()));
        if (bearer != null) {
            request.header("Authorization", "Bearer " + bearer);
        }
        if (event.subject() != null) {
            request.header("ce-subject", CloudEventHeaders.encode(event.subject()));
        }
        event.extensions().forEach((name, value) -> {
            request.header("ce-" + name, CloudEventHeaders.encode(value));
            // The distributed tracing extension is carried twice: tracers look at the HTTP header of W3C Trace Context.
            if (name.equals("traceparent") || name.equals("tracestate")) {
                request.header(name, value);
            }
        });
        return request.build();
    }

    private CompletableFuture<Void> whenDone(CompletableFuture<HttpResponse<ReplyBody>> exchange, Duration timeout) {
        Duration patience = timeout.compareTo(leastPatience) > 0 ? timeout : leastPatience;
        CompletableFuture.delayedExecutor(patience.toNanos(), TimeUnit.NANOSECONDS, Thread::startVirtualThread)
                .execute(() -> exchange.cancel(true));
        return exchange.handle((_, _) -> null);
    }

    private static boolean neverConnected(@Nullable Throwable cause) {
        return cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException;
    }

    private static String describe(URI function, @Nullable Throwable cause) {
        String place = FunctionReply.printable(function);
        String detail = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
        return switch (cause) {
            case HttpConnectTimeoutException _ ->
                "cannot connect to " + place + " within " + CONNECT_TIMEOUT.toSeconds() + " s: is it running?";
            case ConnectException e
            when e.getCause() instanceof UnresolvedAddressException ->
                "cannot connect to " + place + ": nobody knows the host " + function.getHost();
            case ConnectException _ -> "cannot connect to " + place + ": is it running?";
            case ProtocolException _ -> "what " + place + " answered is not HTTP" + detail;
            case IOException e
            when e.getCause() instanceof ProtocolException -> "what " + place + " answered is not HTTP" + detail;
            case IOException _ -> place + " closed the connection before its reply was whole" + detail;
            case null, default -> "the call of " + place + " failed" + detail;
        };
    }
}
