package dev.tidemill.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoreConfigTest {

    private static final Map<String, String> ENVIRONMENT = Map.of(
            "AWS_ENDPOINT_URL_S3", "http://minio:9000",
            "AWS_ACCESS_KEY_ID", "key",
            "AWS_SECRET_ACCESS_KEY", "secret",
            "AWS_SESSION_TOKEN", "token",
            "AWS_REGION", "eu-north-7");

    @Test
    void readsWhatEveryS3ToolReads() {
        StoreConfig config = StoreConfig.fromEnvironment(ENVIRONMENT);

        assertThat(config.endpoint()).isEqualTo(URI.create("http://minio:9000"));
        assertThat(config.region()).isEqualTo("eu-north-7");
        assertThat(config.credentials().get()).isEqualTo(new Credentials("key", "secret", "token"));
        assertThat(config.toString()).doesNotContain("secret").doesNotContain("token");
    }

    @Test
    void bucketsAreInThePathUnlessTheEnvironmentSaysOtherwise() {
        Map<String, String> virtual = new HashMap<>(ENVIRONMENT);
        virtual.put("TIDEMILL_STORE_PATH_STYLE", "false");

        assertThat(StoreConfig.fromEnvironment(ENVIRONMENT).pathStyle()).isTrue();
        assertThat(StoreConfig.fromEnvironment(virtual).pathStyle()).isFalse();
    }

    @Test
    void namesTheVariableThatIsMissing() {
        assertThatThrownBy(() -> StoreConfig.fromEnvironment(Map.of("AWS_ENDPOINT_URL_S3", "http://minio:9000")))
                .hasMessage("the environment variable AWS_ACCESS_KEY_ID is not set");
    }

    @Test
    void refusesAnEndpointThatIsNone() {
        Credentials credentials = new Credentials("key", "secret");

        assertThatThrownBy(() -> StoreConfig.of(URI.create("minio:9000"), credentials))
                .hasMessage("the store's endpoint \"minio:9000\" is no http:// or https:// URL with a host");
        assertThatThrownBy(() -> StoreConfig.of(URI.create("http://minio:9000/lake"), credentials))
                .hasMessageContaining("has a path");
        assertThatThrownBy(() -> new Credentials("key", " ")).hasMessageContaining("one of them is empty");
        assertThat(credentials).hasToString("Credentials[key]");
    }
}
