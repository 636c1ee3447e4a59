package dev.tidemill.operator.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import dev.tidemill.store.Credentials;
import dev.tidemill.store.StoreConfig;
import io.minio.admin.MinioAdminClient;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.bouncycastle.crypto.InvalidCipherTextException;

/** Service accounts with an inline policy, through MinIO's admin API. RustFS speaks the same. */
final class MinioAdmin implements StoreAdmin {

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    /** How releases of MinIO say that there is no such account. */
    private static final List<String> GONE =
            List.of("service account is not found", "XMinioInvalidServiceAccount", "XMinioAdminServiceAccountNotFound");

    /** The API's payloads are sealed with Argon2, 64 MiB of heap each: six namespaces at once were the end of an operator of 512. */
    private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

    private static final ObjectMapper JSON = Json.mapper();

    private final MinioAdminClient admin;
    private final SecureRandom random = new SecureRandom();

    MinioAdmin(StoreConfig config) {
        var credentials = config.credentials().get();
        admin = MinioAdminClient.builder()
                .endpoint(config.endpoint().toString())
                .region(config.region())
                .credentials(credentials.accessKey(), credentials.secretKey())
                .httpClient(StoreHttp.http(config))
                .build();
    }

    @Override
    public Instant startedAt() {
        return call(
                "tell since when it runs",
                () -> admin.getServerInfo().servers().stream()
                        .map(server -> Instant.now().minusSeconds(server.uptime()))
                        .max(Instant::compareTo)
                        .orElse(Instant.EPOCH));
    }

    @Override
    public Credentials mint(String accessKey, String policy, String purpose, Instant expires) {
        var secretKey = text(40);
        return call("mint credentials for " + purpose, () -> {
            unlessGone(() -> admin.deleteServiceAccount(accessKey));
            admin.addServiceAccount(
                    accessKey, secretKey, null, document(policy), "tidemill", purpose, expires.atZone(ZoneOffset.UTC));
            return new Credentials(accessKey, secretKey);
        });
    }

    @Override
    public boolean restrict(String accessKey, String policy) {
        return call(
                "change the policy of " + accessKey,
                () -> unlessGone(
                        () -> admin.updateServiceAccount(accessKey, null, document(policy), true, null, null, null)));
    }

    @Override
    public void revoke(String accessKey) {
        call("revoke " + accessKey, () -> unlessGone(() -> admin.deleteServiceAccount(accessKey)));
    }

    private static boolean unlessGone(AdminAction action)
            throws IOException, GeneralSecurityException, InvalidCipherTextException {
        try {
            action.run();
            return true;
        } catch (IOException | RuntimeException e) {
            var message = String.valueOf(e.getMessage());
            if (GONE.stream().anyMatch(message::contains)) {
                return false;
            }
            throw e;
        }
    }

    private static Map<String, Object> document(String policy) throws JsonProcessingException {
        return JSON.readValue(policy, new TypeReference<>() {});
    }

    private String text(int length) {
        return random.ints(length, 0, ALPHABET.length())
                .collect(StringBuilder::new, (text, i) -> text.append(ALPHABET.charAt(i)), StringBuilder::append)
                .toString();
    }

    private static <T> T call(String doing, AdminCall<T> call) {
        ONE_AT_A_TIME.lock();
        try {
            return call.run();
        } catch (IOException | GeneralSecurityException | InvalidCipherTextException | RuntimeException e) {
            throw new AdminException("the store's admin API did not " + doing + ": " + e.getMessage(), e);
        } finally {
            ONE_AT_A_TIME.unlock();
        }
    }

    private interface AdminAction {
        void run() throws IOException, GeneralSecurityException, InvalidCipherTextException;
    }

    private interface AdminCall<T> {
        T run() throws IOException, GeneralSecurityException, InvalidCipherTextException;
    }
}
