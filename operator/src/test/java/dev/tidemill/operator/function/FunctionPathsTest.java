package dev.tidemill.operator.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.operator.Specs;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FunctionPathsTest {

    private static FunctionResource function(String name, String created, String path) {
        var function = new FunctionResource();
        function.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace("team-a")
                .withCreationTimestamp(created)
                .build());
        function.setSpec(Specs.function(path.isEmpty() ? "image: i" : "{image: i, path: %s}".formatted(path)));
        return function;
    }

    private static Stream<String> table(FunctionResource... functions) {
        return FunctionPaths.table(Stream.of(functions)).stream()
                .map(routed -> routed.path() + " " + routed.function().name());
    }

    @Test
    void theOldestOfThoseThatAskForAPathHasIt() {
        var young = function("a", "2026-11-23T00:00:02Z", "/mean");
        var old = function("b", "2026-11-23T00:00:01Z", "/mean/");
        assertThat(table(young, old, function("c", "2026-11-23T00:00:00Z", "/other")))
                .containsExactly("/mean b", "/other c");
        old.getMetadata().setDeletionTimestamp("2026-11-23T00:00:03Z");
        assertThat(table(young, old)).containsExactly("/mean a");
    }

    @Test
    void whoHasNoPathIsNotThere() {
        assertThat(table(function("a", "2026-11-23T00:00:00Z", ""))).isEmpty();
    }
}
