package dev.tidemill.functions.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void readsWhatTheEnvironmentSays() {
        var settings = Settings.of(
                Map.of(
                        "PORT",
                        "8012",
                        "TIDEMILL_GATE",
                        "{\"function\":8081,\"callers\":[{\"audience\":\"a\",\"subjects\":[\"system:serviceaccount:n:s\"]}],\"keys\":\"https://kubernetes.default.svc\",\"deliveries\":\"/words\"}"));
        assertThat(settings.port()).isEqualTo(8012);
        assertThat(settings.access().function()).isEqualTo(8081);
        assertThat(settings.access().callers())
                .containsExactly(new Settings.Callers("a", List.of("system:serviceaccount:n:s")));
        assertThat(settings.access().keys()).isEqualTo(URI.create("https://kubernetes.default.svc"));
        assertThat(settings.access().deliveries()).isEqualTo(Path.of("/words"));
        assertThat(settings.access().token()).isNull();
    }

    @Test
    void withoutItTheGateDoesNotStart() {
        assertThatThrownBy(() -> Settings.of(Map.of())).hasMessageContaining("TIDEMILL_GATE is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{                                                    | cannot be read",
                "{\"keys\":\"https://k\"}                              | the port of the function",
                "{\"function\":8081,\"callers\":[{}],\"keys\":\"https://k\"} | audience",
                "{\"function\":8081}                                   | keys"
            })
    void whatIsMissingIsNamed(String json, String message) {
        assertThatThrownBy(() -> Settings.of(Map.of("TIDEMILL_GATE", json)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TIDEMILL_GATE")
                .hasMessageContaining(message);
    }
}
