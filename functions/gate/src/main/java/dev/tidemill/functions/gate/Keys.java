package dev.tidemill.functions.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The issuer's name and keys as the API server publishes them (OpenID Connect Discovery 1.0; Kubernetes, "Service account issuer
 * discovery"). Kept for ten minutes, asked for anew where a token names a key that is not among them, which is how a rotation shows; used
 * for an hour where the server cannot be reached, and then no longer.
 */
final class Keys {

    private static final ObjectMapper JSON = Json.mapper();
    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final Duration USABLE = Duration.ofHours(1);

    /** A flood of tokens with made-up keys asks the server no more often. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Settings.Access access;
    private final Clock clock;
    private volatile @Nullable Published published;
    private volatile Instant asked = Instant.MIN;
    private @Nullable CompletableFuture<Published> asking;

    Keys(Settings.Access access, Clock clock) {
        this.access = access;
        this.clock = clock;
    }

    /** What was published. */
    record Published(String issuer, List<JsonWebKey> keys, Instant at) {

        boolean has(@Nullable String keyId) {
            return keys.stream().anyMatch(key -> keyId == null || keyId.equals(key.getKeyId()));
        }
    }

    /**
     * Keys among which that one is, if it is published at all; at once where they are known.
     *
     * @param keyId null where the token names none
     * @return fails where they are out of reach
     */
    CompletableFuture<Published> having(@Nullable String keyId) {
        Published known = published;
        Instant now = clock.instant();
        if (known == null || known.at().isBefore(now.minus(USABLE))) {
            return ask();
        }
        if (!known.has(keyId)) {
            return asked.isAfter(now.minus(PAUSE)) ? CompletableFuture.completedFuture(known) : ask();
        }
        if (known.at().isBefore(now.minus(FRESH)) && asked.isBefore(now.minus(PAUSE))) {
            ask().exceptionally(e -> {
                Log.line("the keys are %s old and cannot be had anew: %s", Duration.between(known.at(), now), e);
                return known;
            });
        }
        return CompletableFuture.completedFuture(known);
    }

    /** One question at a time, however many wait for the answer. */
    private synchronized CompletableFuture<Published> ask() {
        if (asking != null) {
            return asking;
        }
        asked = clock.instant();
        var answer = new CompletableFuture<Published>();
        asking = answer;
        Thread.ofVirtual().name("keys").start(() -> {
            try {
                Published fetched = fetch();
                published = fetched;
                done();
                answer.complete(fetched);
            } catch (IOException | GeneralSecurityException | JoseException | RuntimeException e) {
                Log.line("the keys at %s cannot be had: %s", access.keys(), e);
                done();
                answer.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                done();
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private synchronized void done() {
        asking = null;
    }

    private Published fetch() throws IOException, InterruptedException, GeneralSecurityException, JoseException {
        // Certificates and token are mounted files that are replaced under us: each question reads them.
        try (HttpClient http = client()) {
            JsonNode discovery = JSON.readTree(get(http, "/.well-known/openid-configuration"));
            String issuer = discovery.path("issuer").asText();
            if (issuer.isEmpty()) {
                throw new IOException("the discovery document names no issuer");
            }
            String keys = new String(get(http, "/openid/v1/jwks"), java.nio.charset.StandardCharsets.UTF_8);
            return new Published(issuer, new JsonWebKeySet(keys).getJsonWebKeys(), clock.instant());
        }
    }

    private byte[] get(HttpClient http, String path) throws IOException, InterruptedException {
        String base = access.keys().toString();
        var request = HttpRequest.newBuilder(URI.create(base.replaceAll("/+$", "") + path))
                .timeout(Duration.ofSeconds(5));
        Path token = access.token();
        if (token != null) {
            request.header("Authorization", "Bearer " + Files.readString(token).strip());
        }
        var response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException("%s answered %d".formatted(request.build().uri(), response.statusCode()));
        }
        return response.body();
    }

    private HttpClient client() throws IOException, GeneralSecurityException {
        var client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).version(HttpClient.Version.HTTP_1_1);
        Path ca = access.ca();
        if (ca != null) {
            client.sslContext(trusting(ca));
        }
        return client.build();
    }

    private static SSLContext trusting(Path ca) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(ca)) {
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry(Integer.toString(number++), certificate);
            }
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
