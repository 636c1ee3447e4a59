package dev.tidemill.store;

import org.jspecify.annotations.Nullable;

/** An S3 access key; {@code sessionToken} where it is a temporary one. Prints without its secrets. */
public record Credentials(
        String accessKey, String secretKey, @Nullable String sessionToken) {

    public Credentials {
        if (accessKey.isBlank() || secretKey.isBlank()) {
            throw new IllegalArgumentException(
                    "S3 credentials need an access key and a secret key; one of them is empty");
        }
    }

    public Credentials(String accessKey, String secretKey) {
        this(accessKey, secretKey, null);
    }

    @Override
    public String toString() {
        return "Credentials[" + accessKey + "]";
    }
}
