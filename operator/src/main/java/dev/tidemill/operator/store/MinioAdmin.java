package dev.tidemill.operator.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import dev.tidemill.store.Credentials;
import dev.tidemill.store.StoreConfig;
import io.minio.Signer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/** Service accounts with an inline policy, through MinIO's admin API, version 3. RustFS speaks the same. */
final class MinioAdmin implements StoreAdmin {

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /** How releases of MinIO say that there is no such account. */
    private static final List<String> GONE =
            List.of("service account is not found", "XMinioInvalidServiceAccount", "XMinioAdminServiceAccountNotFound");

    private static final int NOT_IMPLEMENTED = 501;
    private static final ObjectMapper JSON = Json.mapper();
    private static final DateTimeFormatter AMZ_DATE = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");

    private final OkHttpClient http;
    private final HttpUrl endpoint;
    private final String region;
    private final Credentials root;
    private final SecureRandom random = new SecureRandom();

    MinioAdmin(StoreConfig config) {
        http = StoreHttp.http(config);
        endpoint = HttpUrl.get(config.endpoint());
        region = config.region();
        root = config.credentials().get();
    }

    @Override
    public Instant startedAt() {
        var youngest = Instant.EPOCH;
        for (var server :
                call("tell since when it runs", "GET", "info", null, null).path("servers")) {
            var started = Instant.now().minusSeconds(server.path("uptime").asLong());
            youngest = started.isAfter(youngest) ? started : youngest;
        }
        return youngest;
    }

    @Override
    public Credentials mint(String accessKey, String policy, String purpose, Instant expires) {
        var secretKey = text(40);
        revoke(accessKey);
        call(
                "mint credentials for " + purpose,
                "PUT",
                "add-service-account",
                null,
                Map.of(
                        "accessKey",
                        accessKey,
                        "secretKey",
                        secretKey,
                        "policy",
                        document(policy),
                        "name",
                        "tidemill",
                        "description",
                        purpose,
                        "expiration",
                        expires.toString()));
        return new Credentials(accessKey, secretKey);
    }

    @Override
    public boolean restrict(String accessKey, String policy) {
        return unlessGone(() -> call(
                "change the policy of " + accessKey,
                "POST",
                "update-service-account",
                accessKey,
                Map.of("newPolicy", document(policy))));
    }

    @Override
    public void revoke(String accessKey) {
        unlessGone(() -> call("revoke " + accessKey, "DELETE", "delete-service-account", accessKey, null));
    }

    private static boolean unlessGone(Runnable action) {
        try {
            action.run();
            return true;
        } catch (AdminException e) {
            var message = String.valueOf(e.getMessage());
            if (GONE.stream().anyMatch(message::contains)) {
                return false;
            }
            throw e;
        }
    }

    /** @return the answer where it is plain JSON; what the store seals tells only what was asked for */
    private JsonNode call(
            String doing, String method, String command, @Nullable String accessKey, @Nullable Map<String, ?> payload) {
        var said = "the store's admin API did not " + doing + ": ";
        var body = payload == null ? new byte[0] : SealedPayload.seal(root.secretKey(), Json.bytes(payload));
        try (var response =
                http.newCall(request(method, command, accessKey, body)).execute()) {
            var answer = response.body().bytes();
            if (!response.isSuccessful()) {
                var reason = response.code() + " " + new String(answer, StandardCharsets.UTF_8).strip();
                throw new AdminException(said + reason, mayPass(response.code()));
            }
            return method.equals("GET") ? JSON.readTree(answer) : JSON.missingNode();
        } catch (IOException e) {
            throw new AdminException(said + e.getMessage(), true);
        }
    }

    private Request request(String method, String command, @Nullable String accessKey, byte[] body) {
        var url = endpoint.newBuilder().addPathSegments("minio/admin/v3/" + command);
        if (accessKey != null) {
            url.addQueryParameter("accessKey", accessKey);
        }
        try {
            var digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(body));
            var request = new Request.Builder()
                    .url(url.build())
                    .method(method, method.equals("GET") ? null : RequestBody.create(body))
                    .header("Host", endpoint.host() + port())
                    .header("x-amz-content-sha256", digest)
                    .header("x-amz-date", ZonedDateTime.now(ZoneOffset.UTC).format(AMZ_DATE))
                    .build();
            return Signer.signV4S3(request, region, root.accessKey(), root.secretKey(), digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** As it stands in a Host header: left out where it is the scheme's own. */
    private String port() {
        return endpoint.port() == HttpUrl.defaultPort(endpoint.scheme()) ? "" : ":" + endpoint.port();
    }

    /** A server that has just been started is not ready for this before it is for objects. */
    private static boolean mayPass(int status) {
        return status >= 500 && status != NOT_IMPLEMENTED || status == 429;
    }

    private static JsonNode document(String policy) {
        try {
            return JSON.readTree(policy);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a policy is JSON", e);
        }
    }

    private String text(int length) {
        return random.ints(length, 0, ALPHABET.length())
                .collect(StringBuilder::new, (text, i) -> text.append(ALPHABET.charAt(i)), StringBuilder::append)
                .toString();
    }
}
