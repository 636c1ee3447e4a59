package dev.tidemill.charts;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.yaml.snakeyaml.Yaml;

/** The chart, rendered by Helm itself without a cluster. */
final class Chart {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    static final Path FOLDER = ROOT.resolve("charts/tidemill");
    static final boolean UPDATE = System.getProperty("chart.update") != null;
    static final String REMEDY = "%s is not what charts/tidemill/values.yaml and the templates say: run  "
            + "./mvnw -pl charts test -Dchart.update";

    private Chart() {}

    private static final String KUBERNETES = "1.34.0";

    /** Everything as one stream of documents, as {@code helm template} prints it; an error says why it was refused. */
    static String render(Path values) {
        return render(values, KUBERNETES);
    }

    static String render(Path values, String kubernetes) {
        try (var nowhere = Looked.nowhere()) {
            return render(values, kubernetes, nowhere);
        }
    }

    /** As {@code helm install} would on that cluster. */
    static String render(Path values, String kubernetes, @SuppressWarnings("unused") Looked cluster) {
        return new Helm(FOLDER)
                .template()
                .withName("tidemill")
                .withNamespace("tidemill-system")
                .withKubeVersion(kubernetes)
                .withValuesFile(values)
                .call();
    }

    static String render(String values, Looked cluster) {
        return withFile(values, file -> render(file, KUBERNETES, cluster));
    }

    static String render(String values) {
        return withFile(values, Chart::render);
    }

    private static String withFile(String values, Function<Path, String> use) {
        try {
            var file = Files.createTempFile("values", ".yaml");
            try {
                Files.writeString(file, values);
                return use.apply(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its objects. */
    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> objects(String rendered) {
        var objects = new ArrayList<Map<String, Object>>();
        new Yaml().loadAll(rendered).forEach(document -> {
            if (document != null) {
                objects.add((Map<String, Object>) document);
            }
        });
        return objects;
    }

    static String kind(Map<String, Object> object) {
        return String.valueOf(object.get("kind"));
    }

    static String name(Map<String, Object> object) {
        return object.get("metadata") instanceof Map<?, ?> metadata ? String.valueOf(metadata.get("name")) : "";
    }
}
