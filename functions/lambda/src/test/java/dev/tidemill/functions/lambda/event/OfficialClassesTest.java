package dev.tidemill.functions.lambda.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.amazonaws.services.lambda.runtime.events.S3Event;
import com.amazonaws.services.lambda.runtime.events.ScheduledEvent;
import com.amazonaws.services.lambda.runtime.events.models.s3.S3EventNotification;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import dev.tidemill.api.FunctionSpec.EventFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we hand to handlers, read by the classes and the serializers with which AWS hands it to theirs. */
class OfficialClassesTest {

    private static final HandlerEvents AUTO = new HandlerEvents(EventFormat.Auto, "eu-central-1");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain.csv",
                "a folder/with spaces.csv",
                "1+1=2&3%.csv",
                "größe/数据/\u00e9.csv",
                "tilde~star*(x)'.csv"
            })
    void aKeyComesOutOfS3sEventAsItIsInTheStore(String key) {
        byte[] payload =
                AUTO.payload(event("com.amazonaws.s3.ObjectCreated:Put", "aws:s3.eu-west-1.lake", key, null, ""));
        S3EventNotification.S3EventNotificationRecord record =
                read(S3Event.class, payload).getRecords().getFirst();
        assertThat(record.getS3().getObject().getUrlDecodedKey()).isEqualTo(key);
        assertThat(record.getS3().getBucket().getName()).isEqualTo("lake");
        assertThat(record.getEventName()).isEqualTo("ObjectCreated:Put");
        assertThat(record.getAwsRegion()).isEqualTo("eu-central-1");
        assertThat(record.getEventTime().getYear()).isEqualTo(2026);
    }

    @Test
    void whatMinioWritesInItsOwnWayIsPutRight() {
        String minio = """
                {"EventName": "s3:ObjectCreated:Put", "Key": "lake/a+b", "Records": [{"eventVersion": "2.0", "eventSource": "minio:s3",
                 "awsRegion": "", "eventTime": "2026-11-22T10:00:00.123Z", "eventName": "s3:ObjectCreated:Put",
                 "userIdentity": {"principalId": "minio"}, "requestParameters": {"sourceIPAddress": "10.0.0.1"},
                 "responseElements": {"x-amz-request-id": "17"}, "s3": {"s3SchemaVersion": "1.0", "configurationId": "Config",
                 "bucket": {"name": "lake", "ownerIdentity": {"principalId": "minio"}, "arn": "arn:aws:s3:::lake"},
                 "object": {"key": "a+b%2Bc.csv", "size": 12, "eTag": "e", "sequencer": "17A"}}}]}""";
        byte[] payload = AUTO.payload(
                event("com.amazonaws.s3.ObjectCreated:Put", "minio", "a b+c.csv", "application/json", minio));
        S3EventNotification.S3EventNotificationRecord record =
                read(S3Event.class, payload).getRecords().getFirst();
        assertThat(record.getEventName()).isEqualTo("ObjectCreated:Put");
        assertThat(record.getEventSource()).isEqualTo("aws:s3");
        assertThat(record.getAwsRegion()).isEqualTo("eu-central-1");
        assertThat(record.getS3().getObject().getUrlDecodedKey()).isEqualTo("a b+c.csv");
        assertThat(record.getS3().getObject().getSizeAsLong()).isEqualTo(12);
        assertThat(record.getRequestParameters().getSourceIPAddress()).isEqualTo("10.0.0.1");
    }

    @Test
    void aScheduleIsEventBridgesScheduledEvent() {
        byte[] payload = AUTO.payload(event(
                "dev.knative.sources.ping",
                "/apis/v1/namespaces/default/pingsources/nightly",
                null,
                "application/json",
                "{\"n\": 1}"));
        ScheduledEvent event = read(ScheduledEvent.class, payload);
        assertThat(event.getSource()).isEqualTo("aws.events");
        assertThat(event.getDetailType()).isEqualTo("Scheduled Event");
        assertThat(event.getDetail()).containsEntry("n", 1);
        assertThat(event.getResources()).containsExactly("/apis/v1/namespaces/default/pingsources/nightly");
    }

    @Test
    void theArticlesEventComesInEventBridgesEnvelopeWhetherItIsOneAlreadyOrNot() {
        String data = "{\"functionName\": \"lambda_function\"}";
        ScheduledEvent bare = read(
                ScheduledEvent.class, AUTO.payload(event("my_event", "aws.lambda", null, "application/json", data)));
        ScheduledEvent whole = read(
                ScheduledEvent.class,
                AUTO.payload(event(
                        "my_event",
                        "/anybody",
                        null,
                        "application/json",
                        "{\"source\": \"aws.lambda\", \"detail\": " + data + "}")));
        for (ScheduledEvent event : List.of(bare, whole)) {
            assertThat(event.getSource()).isEqualTo("aws.lambda");
            assertThat(event.getDetailType()).isEqualTo("my_event");
            assertThat(event.getDetail()).containsEntry("functionName", "lambda_function");
        }
    }

    @Test
    void anHttpRequestIsApiGatewaysAndItsAnswerIsReadBack() {
        Incoming.Http request = new Incoming.Http(
                UUID.randomUUID(),
                "POST",
                "/a%20b/%C3%A9",
                "x=1&x=2&y=a%2Bb+c",
                "HTTP/1.1",
                List.of(
                        Map.entry("Host", "api.example:8080"),
                        Map.entry("Cookie", "k=v; l=w"),
                        Map.entry("X-Twice", "1"),
                        Map.entry("x-twice", "2"),
                        Map.entry("Content-Type", "application/octet-stream")),
                "10.1.2.3",
                new byte[] {1, 2, -1});
        APIGatewayV2HTTPEvent event = read(APIGatewayV2HTTPEvent.class, AUTO.payload(request));
        assertThat(event.getVersion()).isEqualTo("2.0");
        assertThat(event.getRawPath()).isEqualTo("/a b/é");
        assertThat(event.getRawQueryString()).isEqualTo("x=1&x=2&y=a%2Bb+c");
        assertThat(event.getQueryStringParameters()).containsEntry("x", "1,2").containsEntry("y", "a+b c");
        assertThat(event.getHeaders()).containsEntry("x-twice", "1,2");
        assertThat(event.getCookies()).containsExactly("k=v", "l=w");
        assertThat(event.getRequestContext().getHttp().getMethod()).isEqualTo("POST");
        assertThat(event.getRequestContext().getHttp().getSourceIp()).isEqualTo("10.1.2.3");
        assertThat(event.getIsBase64Encoded()).isTrue();
        assertThat(Base64.getDecoder().decode(event.getBody())).containsExactly(1, 2, -1);

        ApiGatewayReply reply = ApiGatewayReply.of(write(APIGatewayV2HTTPResponse.builder()
                .withStatusCode(418)
                .withHeaders(Map.of("X-Kind", "tea"))
                .withCookies(List.of("a=1"))
                .withBody(Base64.getEncoder().encodeToString(new byte[] {-1, 0}))
                .withIsBase64Encoded(true)
                .build()));
        assertThat(reply.status()).isEqualTo(418);
        assertThat(reply.headers()).containsExactly(Map.entry("X-Kind", "tea"), Map.entry("set-cookie", "a=1"));
        assertThat(reply.body()).containsExactly(-1, 0);
    }

    @Test
    void anAnswerWithoutAStatusIsItselfTheBodyAndAWrongOneIsNamed() {
        assertThat(ApiGatewayReply.of("{\"hello\": 1}".getBytes(StandardCharsets.UTF_8)))
                .returns(200, ApiGatewayReply::status)
                .returns("{\"hello\": 1}", reply -> new String(reply.body(), StandardCharsets.UTF_8));
        assertThatThrownBy(() -> ApiGatewayReply.of("{\"statusCode\": 99}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnfitEventException.class)
                .hasMessageContaining("99");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json|{\"a\":1}|{\"a\":1}",
                "text/csv|a,b|\"a,b\"",
                "image/png|png|\"cG5n\"",
                "application/json||{}"
            })
    void allElseIsTheData(String row) {
        String[] columns = row.split("\\|", -1);
        byte[] payload = AUTO.payload(event("my.type", "/me", null, columns[0], columns[1]));
        assertThat(new String(payload, StandardCharsets.UTF_8)).isEqualTo(columns[2]);
    }

    @Test
    void dataThatIsNotWhatItSaysIsRefusedAndNamed() {
        assertThatThrownBy(() -> AUTO.payload(event("t", "/me", null, "application/json", "{half")))
                .isInstanceOf(UnfitEventException.class)
                .hasMessageContaining("is said to be JSON (application/json) and is not: {half");
    }

    @Test
    void aFormThatTheFunctionAsksForIsMadeOfAnyEvent() {
        Incoming.CloudEvent event = event("t", "/me", "sub", "application/json", "{\"a\":1}");
        assertThat(new String(new HandlerEvents(EventFormat.CloudEvent, "r").payload(event), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/me\",\"type\":\"t\",\"subject\":\"sub\",\"time\":\"2026-11-22T10:00:00Z\",\"datacontenttype\":\"application/json\",\"data\":{\"a\":1}}");
        assertThat(read(APIGatewayV2HTTPEvent.class, new HandlerEvents(EventFormat.ApiGatewayV2, "r").payload(event))
                        .getHeaders())
                .containsEntry("ce-subject", "sub");
        assertThatThrownBy(() -> new HandlerEvents(EventFormat.S3, "r")
                        .payload(event("t", "/me", null, "application/json", "{}")))
                .hasMessageContaining("neither a record of S3's as its data nor a key as its subject");
    }

    private static Incoming.CloudEvent event(
            String type, String source, @Nullable String subject, @Nullable String contentType, String data) {
        return new Incoming.CloudEvent(
                "1",
                source,
                type,
                subject,
                "2026-11-22T10:00:00Z",
                contentType,
                Map.of(),
                data.getBytes(StandardCharsets.UTF_8));
    }

    private static <T> T read(Class<T> type, byte[] json) {
        return LambdaEventSerializers.serializerFor(type, OfficialClassesTest.class.getClassLoader())
                .fromJson(new ByteArrayInputStream(json));
    }

    @SuppressWarnings("unchecked")
    private static byte[] write(APIGatewayV2HTTPResponse response) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory.getInstance()
                .getSerializer(APIGatewayV2HTTPResponse.class)
                .toJson(response, json);
        return json.toByteArray();
    }
}
