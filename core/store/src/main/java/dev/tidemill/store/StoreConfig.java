package dev.tidemill.store;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a store is and how to speak to it.
 *
 * @param endpoint scheme, host and port, without a path
 * @param region always sent as it is, so that no request ever asks for a bucket's location
 * @param credentials asked before every request, so that rotated keys are picked up; it must answer from memory
 * @param pathStyle {@code endpoint/bucket/key}; otherwise {@code bucket.endpoint/key}
 * @param caPem certificates in PEM that are trusted beside the platform's own, or null
 * @param connections requests in flight at most; further ones wait in line
 */
public record StoreConfig(
        URI endpoint,
        String region,
        Supplier<Credentials> credentials,
        boolean pathStyle,
        @Nullable String caPem,
        int connections,
        RetryPolicy retry) {

    public StoreConfig {
        String scheme = endpoint.getScheme() == null ? "" : endpoint.getScheme().toLowerCase(Locale.ROOT);
        if (!(scheme.equals("http") || scheme.equals("https")) || endpoint.getHost() == null) {
            throw new IllegalArgumentException(
                    "the store's endpoint \"" + endpoint + "\" is no http:// or https:// URL with a host");
        }
        if (!(endpoint.getPath() == null
                || endpoint.getPath().isEmpty()
                || endpoint.getPath().equals("/"))) {
            throw new IllegalArgumentException("the store's endpoint \"" + endpoint
                    + "\" has a path; give scheme, host and port alone, the bucket is named elsewhere");
        }
        if (region.isBlank() || connections < 1) {
            throw new IllegalArgumentException("a store needs a region (us-east-1 does for most) and a connection");
        }
    }

    /** Region {@code us-east-1}, path style, the platform's certificates, 512 connections. */
    public static StoreConfig of(URI endpoint, Credentials credentials) {
        return new StoreConfig(endpoint, "us-east-1", () -> credentials, true, null, 512, RetryPolicy.DEFAULT);
    }

    /**
     * Reads the variables that every S3 SDK reads: {@code AWS_ENDPOINT_URL_S3} (or {@code AWS_ENDPOINT_URL}),
     * {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY}, {@code AWS_SESSION_TOKEN}, {@code AWS_REGION} (or
     * {@code AWS_DEFAULT_REGION}) and {@code AWS_CA_BUNDLE}, a PEM file; and one for which they have none,
     * {@code TIDEMILL_STORE_PATH_STYLE}, which {@code false} makes {@code bucket.endpoint/key}.
     */
    public static StoreConfig fromEnvironment(Map<String, String> env) {
        String endpoint = required(env, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
        Credentials credentials = new Credentials(
                required(env, "AWS_ACCESS_KEY_ID"),
                required(env, "AWS_SECRET_ACCESS_KEY"),
                emptyToNull(env.get("AWS_SESSION_TOKEN")));
        StoreConfig config = of(URI.create(endpoint), credentials)
                .withRegion(env.getOrDefault("AWS_REGION", env.getOrDefault("AWS_DEFAULT_REGION", "us-east-1")))
                .withPathStyle(!"false".equals(env.get("TIDEMILL_STORE_PATH_STYLE")));
        String bundle = emptyToNull(env.get("AWS_CA_BUNDLE"));
        if (bundle == null) {
            return config;
        }
        try {
            return config.withCa(Files.readString(Path.of(bundle)));
        } catch (IOException e) {
            throw new IllegalArgumentException("AWS_CA_BUNDLE names " + bundle + ", which cannot be read: " + e, e);
        }
    }

    public StoreConfig withRegion(String region) {
        return new StoreConfig(endpoint, region, credentials, pathStyle, caPem, connections, retry);
    }

    public StoreConfig withCredentials(Supplier<Credentials> credentials) {
        return new StoreConfig(endpoint, region, credentials, pathStyle, caPem, connections, retry);
    }

    public StoreConfig withPathStyle(boolean pathStyle) {
        return new StoreConfig(endpoint, region, credentials, pathStyle, caPem, connections, retry);
    }

    public StoreConfig withCa(@Nullable String caPem) {
        return new StoreConfig(endpoint, region, credentials, pathStyle, caPem, connections, retry);
    }

    public StoreConfig withRetry(RetryPolicy retry) {
        return new StoreConfig(endpoint, region, credentials, pathStyle, caPem, connections, retry);
    }

    private static String required(Map<String, String> env, String... names) {
        for (String name : names) {
            String value = emptyToNull(env.get(name));
            if (value != null) {
                return value;
            }
        }
        throw new IllegalArgumentException("the environment variable " + names[0] + " is not set");
    }

    private static @Nullable String emptyToNull(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value;
    }
}
