package dev.tidemill.operator.store;

import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.Trust;
import io.minio.MinioClient;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;

/** Clients of minio's library for what is no data: administration and notifications. */
final class StoreHttp {

    private StoreHttp() {}

    /** In the course of a reconcile, so with little patience: a store that does not answer is asked again by the next one. */
    static OkHttpClient http(StoreConfig config) {
        var http = new OkHttpClient.Builder()
                .connectTimeout(5, TimeUnit.SECONDS)
                .readTimeout(10, TimeUnit.SECONDS)
                .writeTimeout(10, TimeUnit.SECONDS);
        if (config.caPem() != null) {
            Trust.addTo(http, config.caPem());
        }
        return http.build();
    }

    static MinioClient s3(StoreConfig config) {
        var credentials = config.credentials().get();
        var client = MinioClient.builder()
                .endpoint(config.endpoint().toString())
                .region(config.region())
                .credentials(credentials.accessKey(), credentials.secretKey())
                .httpClient(http(config))
                .build();
        if (config.pathStyle()) {
            client.disableVirtualStyleEndpoint();
        } else {
            client.enableVirtualStyleEndpoint();
        }
        return client;
    }
}
