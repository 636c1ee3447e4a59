package dev.tidemill.charts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The chart's {@code README.md}: how to install it, and every value. */
final class ValuesPage {

    private static final String HEAD = """
            # tidemill

            Installs the operator, the definitions of the four resources, and on request a store: data declared in YAML, on Knative.

            ```
            ./mvnw package -Pimages -Dimage.registry=registry.example/tidemill -Dimage.tag=1
            helm install tidemill charts/tidemill --namespace tidemill-system --create-namespace --wait \\
              --set images.operator=registry.example/tidemill/operator:1 \\
              --set images.dataflow=registry.example/tidemill/dataflow:1 \\
              --set objectStore.bundled.enabled=true --set objectStore.bundled.image=registry.example/minio@sha256:...
            kubectl wait --for=condition=Ready objectstore/default
            kubectl apply -f k8s/examples/01-rand-data.yaml
            kubectl wait --for=condition=Ready dataset/rand-data
            ```

            It needs Kubernetes 1.30 and Knative Serving 1.15, or newer, and refuses to be installed without. `helm test` looks whether
            operator and store are ready. `helm upgrade` upgrades the definitions too. `helm uninstall` leaves the definitions, all
            resources, the bundled store's volume and its Secret where they are; installing again goes on with them. Without the
            bundled store, the notes after installing say how to name one of yours.

            This page is made from [values.yaml](values.yaml): `./mvnw -pl charts test -Dchart.update`
            """;

    private static final ObjectMapper JSON = new ObjectMapper();

    private ValuesPage() {}

    static String of(Value root) throws JsonProcessingException {
        var page = new StringBuilder(HEAD);
        for (var section : root.children()) {
            page.append("\n## ").append(section.name()).append("\n\n");
            if (!section.text().isEmpty()) {
                page.append(cell(section.text())).append("\n\n");
            }
            page.append("| Value | Default | |\n|---|---|---|\n");
            rows(section, page);
        }
        return page.toString();
    }

    private static void rows(Value parent, StringBuilder page) throws JsonProcessingException {
        for (var value : parent.children()) {
            var leaf = value.children().isEmpty();
            page.append("| `%s` | %s | %s |\n"
                    .formatted(
                            value.path(),
                            leaf ? "`" + cell(JSON.writeValueAsString(value.value())) + "`" : "",
                            cell(value.text() + choices(value))));
            rows(value, page);
        }
    }

    private static String choices(Value value) {
        return value.schema().get("enum") instanceof Iterable<?> choices
                ? " One of `%s`.".formatted(String.join("`, `", strings(choices)))
                : "";
    }

    private static Iterable<String> strings(Iterable<?> values) {
        var strings = new java.util.ArrayList<String>();
        values.forEach(each -> strings.add(String.valueOf(each)));
        return strings;
    }

    private static String cell(String text) {
        return text.strip().replace("|", "\\|");
    }
}
