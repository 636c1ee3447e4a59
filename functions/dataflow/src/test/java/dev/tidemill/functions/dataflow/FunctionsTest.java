package dev.tidemill.functions.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec.Column;
import dev.tidemill.api.DatasetSpec.Distribution;
import dev.tidemill.api.DatasetSpec.Generate;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.GenerateData;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.dataflow.HttpFunctionClient;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** The functions as the dispatcher meets them: CloudEvents over HTTP, through its own client. */
@QuarkusTest
class FunctionsTest {

    private final URI app = URI.create(ConfigProvider.getConfig().getValue("test.url", String.class) + "/");
    private final HttpFunctionClient client = new HttpFunctionClient();

    @Test
    void generateAnswersWithTheObjectByteForByte() throws Exception {
        Generate spec = new Generate(
                4L, List.of(new Column("é", Distribution.Sequence, null, null, null, null, List.of(), 0)), 0L, 2);
        Reply reply = send("", EventTypes.GENERATE, Json.bytes(new GenerateData(spec, 1, DataFormat.Type.Auto)));
        assertThat(reply).isInstanceOfSatisfying(Reply.Result.class, result -> {
            assertThat(result.contentType()).isEqualTo("text/csv");
            assertThat(new String(result.body(), StandardCharsets.UTF_8)).isEqualTo("é\n2\n3\n");
        });
    }

    @Test
    void dataThatIsNoRequestIsAFinalFailureWithAReason() throws Exception {
        Reply reply = send("", EventTypes.GENERATE, "{\"generate\":".getBytes(StandardCharsets.UTF_8));
        assertThat(reply)
                .isInstanceOfSatisfying(
                        Reply.Final.class,
                        refused -> assertThat(refused.failure())
                                .returns("BadRequest", failure -> failure.reason())
                                .satisfies(
                                        failure -> assertThat(failure.message()).contains("is not a GenerateData")));
    }

    private Reply send(String path, String type, byte[] data) throws InterruptedException {
        return client.call(
                app.resolve("/" + path),
                new Event("1", "/test", type, null, "application/json", Map.of(), data),
                Duration.ofSeconds(30));
    }
}
