package com.example.wines;

import io.minio.GetObjectArgs;
import io.minio.MinioClient;
import io.minio.errors.MinioException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Reads objects. Address and credentials stand in the environment, under the names that every S3 SDK knows. */
@ApplicationScoped
class Store {

    private final MinioClient client;

    Store(
            @ConfigProperty(name = "AWS_ENDPOINT_URL_S3") String endpoint,
            @ConfigProperty(name = "AWS_ACCESS_KEY_ID") String accessKey,
            @ConfigProperty(name = "AWS_SECRET_ACCESS_KEY") String secretKey,
            @ConfigProperty(name = "AWS_REGION", defaultValue = "us-east-1") String region) {
        client = MinioClient.builder()
                .endpoint(endpoint)
                .credentials(accessKey, secretKey)
                .region(region)
                .build();
    }

    /** The version that is meant, or an exception: then the shard is sent again, cut from what is there by then. */
    String read(String bucket, Shard.Item item) throws IOException {
        var get = GetObjectArgs.builder()
                .bucket(bucket)
                .object(item.key())
                .matchETag(item.etag())
                .build();
        try (var body = client.getObject(get)) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (MinioException | GeneralSecurityException e) {
            throw new IOException("s3://" + bucket + "/" + item.key() + ": " + e.getMessage(), e);
        }
    }
}
