package dev.tidemill.operator.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.amazonaws.services.lambda.runtime.events.S3Event;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import dev.tidemill.api.Json;
import dev.tidemill.operator.events.StoreRecords.StoreEvent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What MinIO really sent: two puts, and a multi-delete of both keys under one request id. */
class StoreRecordsTest {

    private static final String STRANGE = "a b+c/ü.txt";

    private static List<StoreEvent> recorded() throws IOException {
        var events = new ArrayList<StoreEvent>();
        for (var line : Files.readAllLines(Path.of("src/test/resources/events/minio-webhook.jsonl"))) {
            events.addAll(StoreRecords.read(line.getBytes(UTF_8), "us-east-1"));
        }
        return events;
    }

    @Test
    void theSubjectIsTheKeyAsItIs() throws IOException {
        assertThat(recorded())
                .extracting(event -> event.event().subject())
                .containsExactly(STRANGE, "z.txt", STRANGE, "z.txt");
    }

    @Test
    void typeAndSourceAreThoseOfTheCloudEventsAdapter() throws IOException {
        var event = recorded().getFirst().event();
        assertThat(event.type()).isEqualTo("com.amazonaws.s3.ObjectCreated:Put");
        assertThat(event.source()).isEqualTo("minio:s3.us-east-1.lake");
        assertThat(event.extensions())
                .containsEntry("partitionkey", "lake/" + STRANGE)
                .containsEntry("time", "2026-11-22T16:59:53.329Z");
    }

    @Test
    void twoObjectsOfOneRequestAreTwoEventsAndARepetitionIsTheSame() throws IOException {
        var ids = recorded().stream().map(event -> event.event().id()).toList();
        assertThat(ids).doesNotHaveDuplicates().hasSize(4);
        assertThat(recorded()).extracting(event -> event.event().id()).isEqualTo(ids);
    }

    @Test
    void awsOwnClassesReadTheData() throws IOException {
        var serializer =
                LambdaEventSerializers.serializerFor(S3Event.class, getClass().getClassLoader());
        var parsed = 0;
        for (var event : recorded()) {
            var notification = "{\"Records\":[" + new String(event.event().data(), UTF_8) + "]}";
            S3Event read = serializer.fromJson(new ByteArrayInputStream(notification.getBytes(UTF_8)));
            var record = read.getRecords().getFirst();
            assertThat(record.getS3().getObject().getUrlDecodedKey()).isEqualTo(event.key());
            assertThat(record.getEventName()).startsWith("Object");
            assertThat(record.getAwsRegion()).isEqualTo("us-east-1");
            parsed++;
        }
        assertThat(parsed).isEqualTo(4);
    }

    @Test
    void theDataKeepsTheStoresEscaping() throws IOException {
        var data = Json.mapper().readTree(recorded().getFirst().event().data());
        assertThat(data.at("/s3/object/key").asText()).isEqualTo("a+b%2Bc%2F%C3%BC.txt");
    }

    @Test
    void saysWhatIsWrongWithAPayload() {
        assertThatIOException()
                .isThrownBy(() -> StoreRecords.read("{}".getBytes(UTF_8), "us-east-1"))
                .withMessageContaining("array Records");
        assertThatIOException()
                .isThrownBy(() -> StoreRecords.read("{\"Records\":[{\"eventName\":\"x\"}]}".getBytes(UTF_8), "r"))
                .withMessageContaining("s3.bucket.name");
    }
}
