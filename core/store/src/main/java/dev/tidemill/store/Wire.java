package dev.tidemill.store;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.Multimap;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.MinioAsyncClient;
import io.minio.S3Escaper;
import io.minio.errors.MinioException;
import io.minio.http.Method;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * minio-java's signing and addressing over a connection pool of our own, one request at a time: every answer is a
 * {@link Response} that the caller closes, or an {@link IOException}, of which a {@link Rejection} is one.
 *
 * <p>It goes below minio-java's own methods for two reasons. They read answers by reflection, which costs more than the
 * request itself (a listing's page: tens of milliseconds), and they hide the status of an error and its {@code Retry-After}.
 */
final class Wire extends MinioAsyncClient {

    private final OkHttpClient http;

    private Wire(MinioAsyncClient client, OkHttpClient http) {
        super(client);
        this.http = http;
    }

    static Wire open(StoreConfig config, StoreClock clock) {
        OkHttpClient http = http(config, clock);
        MinioAsyncClient client = MinioAsyncClient.builder()
                .endpoint(config.endpoint().toString())
                .region(config.region())
                .credentialsProvider(() -> {
                    Credentials c = config.credentials().get();
                    return new io.minio.credentials.Credentials(c.accessKey(), c.secretKey(), c.sessionToken(), null);
                })
                .httpClient(http)
                .build();
        Wire wire = new Wire(client, http);
        if (config.pathStyle()) {
            wire.disableVirtualStyleEndpoint();
        } else {
            wire.enableVirtualStyleEndpoint();
        }
        return wire;
    }

    private static OkHttpClient http(StoreConfig config, StoreClock clock) {
        Dispatcher dispatcher = new Dispatcher(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("store-", 0).factory()));
        // OkHttp's own limit is five a host.
        dispatcher.setMaxRequests(config.connections());
        dispatcher.setMaxRequestsPerHost(config.connections());
        OkHttpClient.Builder http = new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                // Shorter than any server's idle limit, so that a pooled connection is rarely a dead one.
                .connectionPool(new ConnectionPool(config.connections(), 20, TimeUnit.SECONDS))
                .protocols(List.of(Protocol.HTTP_1_1))
                .connectTimeout(5, TimeUnit.SECONDS)
                .readTimeout(60, TimeUnit.SECONDS)
                .writeTimeout(60, TimeUnit.SECONDS)
                // A request that is repeated behind our back could be a conditional write that had taken effect.
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .addInterceptor(chain -> {
                    Response response = chain.proceed(chain.request());
                    clock.observe(response.header("Date"));
                    return Rejection.throwUnlessSuccessful(chain, response);
                });
        if (config.caPem() != null) {
            Trust.addTo(http, config.caPem());
        }
        if ("http".equalsIgnoreCase(config.endpoint().getScheme())) {
            // Else OkHttp would read the platform's certificates, more than a hundred, at every start.
            http.connectionSpecs(List.of(ConnectionSpec.CLEARTEXT));
        }
        return http.build();
    }

    /** Sends one signed request and waits for its head. */
    Response send(
            Method method,
            @Nullable String bucket,
            @Nullable String key,
            Map<String, String> headers,
            Map<String, String> query,
            byte @Nullable [] body)
            throws IOException {
        Multimap<String, String> parameters = HashMultimap.create();
        query.forEach(parameters::put);
        try {
            return await(executeAsync(
                    method,
                    bucket,
                    key,
                    region,
                    Headers.of(headers),
                    parameters,
                    body,
                    body == null ? 0 : body.length));
        } catch (MinioException | GeneralSecurityException e) {
            throw new IOException("the request could not be made: " + e.getMessage(), e);
        }
    }

    /** Signs a reading of one object; nothing is sent. */
    URI presign(String bucket, String key, Duration validFor) {
        try {
            return URI.create(getPresignedObjectUrl(GetPresignedObjectUrlArgs.builder()
                    .method(Method.GET)
                    .bucket(bucket)
                    .object(key)
                    .expiry(Math.toIntExact(validFor.toSeconds()))
                    .build()));
        } catch (MinioException | GeneralSecurityException | IOException e) {
            throw new IllegalStateException("nothing was sent, so that nothing can fail", e);
        }
    }

    /** Sends one request as it is, signed by its own query. */
    Response fetch(URI presigned) throws IOException {
        return http.newCall(new Request.Builder().url(HttpUrl.get(presigned)).build())
                .execute();
    }

    /** minio-java drops empty segments, so that {@code a//b} would reach {@code a/b}. */
    @Override
    protected HttpUrl buildUrl(
            Method method,
            @Nullable String bucket,
            @Nullable String key,
            String region,
            @Nullable Multimap<String, String> query)
            throws NoSuchAlgorithmException {
        if (key == null) {
            return super.buildUrl(method, bucket, null, region, query);
        }
        Multimap<String, String> parameters = query == null ? HashMultimap.create() : query;
        String path = Arrays.stream(key.split("/", -1)).map(S3Escaper::encode).collect(Collectors.joining("/"));
        return super.buildUrl(method, bucket, null, region, parameters)
                .newBuilder()
                .addEncodedPathSegments(path)
                .build();
    }

    /** Waits for what minio-java does on other threads. Interrupted, it gives up at once and leaves no connection open. */
    static <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.thenAccept(late -> {
                if (late instanceof Response response) {
                    response.close();
                }
            });
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the store");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            while (cause instanceof CompletionException && cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw cause instanceof IOException io ? io : new IOException(String.valueOf(cause), cause);
        }
    }

    @Override
    public void close() {
        http.dispatcher().cancelAll();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}
