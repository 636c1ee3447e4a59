package dev.tidemill.operator.serving;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.tidemill.operator.KnativeSays;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.RevisionBuilder;
import io.fabric8.knative.serving.v1.RevisionStatus;
import io.fabric8.knative.serving.v1.RevisionStatusBuilder;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.knative.serving.v1.ServiceStatus;
import io.fabric8.knative.serving.v1.ServiceStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What Knative Serving 1.15 says of a service and its revisions in one case, and what that means. {@code knative/cases.yaml} was written by
 * Knative's own code: the functions of {@code pkg/apis/serving/v1} of knative.dev/serving v0.42.2 were called as its reconcilers call
 * them. Names stand in for {@code it-name} and {@code it-namespace}.
 *
 * @param canary how many of a hundred requests the newest revision is to get; 0 for all
 */
public record KnativeCase(
        @JsonProperty("case") String title,
        Means means,
        int canary,
        ServiceStatus service,
        Map<String, RevisionStatus> revisions) {

    private static final Path CASES = Path.of("src/test/resources/knative/cases.yaml");

    /**
     * @param deployed status and reason of the condition
     * @param rolledOut the same
     * @param active number of the revision; 0 for none
     * @param target the same
     * @param lastFailure its reason, and a star where it is the artifact's; null for none
     */
    public record Means(
            String deployed,
            String rolledOut,
            int active,
            int target,
            @Nullable String lastFailure) {}

    public static List<KnativeCase> all() {
        return of("it-namespace", "it-name");
    }

    /** Those of a service of that name. */
    public static List<KnativeCase> of(String namespace, String name) {
        try (var values = Serialization.yamlMapper()
                .readerFor(new TypeReference<KnativeCase>() {})
                .<KnativeCase>readValues(Files.readString(CASES)
                        .replace("it-namespace", namespace)
                        .replace("it-name", name))) {
            return values.readAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The one of that title. */
    public static KnativeCase named(String title, List<KnativeCase> cases) {
        return cases.stream()
                .filter(said -> said.title().equals(title))
                .findFirst()
                .orElseThrow();
    }

    /** The same, with the time that the API server would have: Knative's own functions write none. */
    public KnativeCase since(Instant time) {
        var told = new TreeMap<String, RevisionStatus>();
        revisions.forEach((revision, status) -> {
            var then = new RevisionStatusBuilder(status).build();
            then.getConditions().forEach(condition -> condition.setLastTransitionTime(time.toString()));
            told.put(revision, then);
        });
        return new KnativeCase(title, means, canary, service, told);
    }

    /** Before a revision was ever ready. */
    public boolean isFirst() {
        return means.active == 0;
    }

    /** Says so on an API server. */
    public void say(KubernetesClient client, String namespace, String name) {
        var services = client.resources(Service.class).inNamespace(namespace).withName(name);
        revisions.forEach((revision, status) -> {
            var found = client.resources(Revision.class).inNamespace(namespace).withName(revision);
            KnativeSays.made(client, services.get(), revision);
            found.editStatus(now -> new RevisionBuilder(now).withStatus(status).build());
        });
        services.editStatus(now -> new ServiceBuilder(now)
                .withStatus(observed(now.getMetadata().getGeneration()))
                .build());
    }

    ServiceStatus observed(long generation) {
        return new ServiceStatusBuilder(service)
                .withObservedGeneration(generation)
                .build();
    }

    @Override
    public String toString() {
        return title;
    }
}
