package dev.tidemill.operator.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.CloudEventReader;
import dev.tidemill.operator.events.Declarations.Kind;
import dev.tidemill.operator.events.Declarations.Prefix;
import dev.tidemill.operator.events.Declarations.Resource;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InboxTest {

    private final Declarations declarations = new Declarations();
    private final Map<String, Set<String>> woken = new TreeMap<>();
    private final Inbox inbox = new Inbox(
            new EventsAddress(
                    new KubernetesClientBuilder().build(), URI.create("http://it"), "system", Clock.systemUTC()),
            declarations,
            (namespace, name, keys, _) -> woken.put(namespace + "/" + name, keys));

    @BeforeEach
    void declare() {
        dataset("team-a", "raw", "raw/");
        dataset("team-a", "sales", "sales/");
        dataset("team-b", "raw", "raw/");
    }

    private void dataset(String namespace, String name, String prefix) {
        declarations.declare(
                new Resource(Kind.Dataset, namespace, name), List.of(new Prefix("default", "lake", prefix)));
    }

    private boolean receive(String type, String data) throws IOException {
        var headers = Map.of(
                "ce-specversion",
                "1.0",
                "ce-id",
                "1",
                "ce-source",
                "test",
                "Ce-Type",
                type,
                "content-type",
                "application/json");
        return inbox.receive("team-a", CloudEventReader.read(headers, data.getBytes(UTF_8)));
    }

    @Test
    void wakesTheDatasetThatItNames() throws IOException {
        assertThat(receive("dev.tidemill.dataset.changed", "{\"dataset\":\"raw\",\"keys\":[\"raw/a\"]}"))
                .isTrue();
        assertThat(woken).containsOnly(Map.entry("team-a/raw", Set.of("raw/a")));
    }

    @Test
    void wakesWhoHoldsTheKeysAndNobodyOfAnotherNamespace() throws IOException {
        assertThat(receive("dev.tidemill.dataset.changed", "{\"bucket\":\"lake\",\"keys\":[\"raw/a\",\"other/b\"]}"))
                .isTrue();
        assertThat(woken).containsOnly(Map.entry("team-a/raw", Set.of("raw/a")));
    }

    @Test
    void withoutDataEverythingOfTheNamespaceMayHaveChanged() throws IOException {
        assertThat(receive("dev.tidemill.dataset.changed", "")).isTrue();
        assertThat(woken).containsOnlyKeys("team-a/raw", "team-a/sales");
    }

    @Test
    void readsTheStructuredModeAsWell() throws IOException {
        var event = """
                {"specversion": "1.0", "type": "dev.tidemill.dataset.changed", "id": "1", "source": "test", "n": 1,
                 "data": {"dataset": "raw"}}""";
        var headers = Map.of("Content-Type", "application/cloudevents+json; charset=utf-8");
        assertThat(inbox.receive("team-a", CloudEventReader.read(headers, event.getBytes(UTF_8))))
                .isTrue();
        assertThat(woken).containsOnlyKeys("team-a/raw");
    }

    @Test
    void anythingElseIsRefusedForGood() throws IOException {
        assertThat(receive("dev.tidemill.dataset.materialized", "{}")).isFalse();
        assertThat(receive("dev.tidemill.dataset.changed", "{\"dataset\":")).isFalse();
        assertThat(receive("dev.tidemill.dataset.changed", "{\"keys\":{\"a\":1}}"))
                .isFalse();
        assertThat(woken).isEmpty();
    }
}
