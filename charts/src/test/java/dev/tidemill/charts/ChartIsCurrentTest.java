package dev.tidemill.charts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is made from the chart and committed. */
@DisplayName("What is made from the chart is current:")
class ChartIsCurrentTest {

    /** Of the rendered install; whoever applies it puts names of their own there. */
    private static final String VALUES = """
            images: {operator: registry.example/tidemill/operator:1, dataflow: registry.example/tidemill/dataflow:1}
            """;

    private static final String HEADER = """
            # The chart with its defaults, rendered: the definitions, the operator and its rights. Do not edit: ./mvnw -pl charts test -Dchart.update
            # Put your images in the place of registry.example/tidemill (kustomize does, or sed), then
            #   kubectl create namespace tidemill-system
            #   kubectl apply --server-side -f k8s/install.yaml
            # and declare an ObjectStore, as docs/reference/resources.md has it.
            """;

    @Test
    @DisplayName("values.schema.json")
    void schema() throws IOException {
        assertCurrent(Chart.FOLDER.resolve("values.schema.json"), ValuesSchema.of(values()));
    }

    @Test
    @DisplayName("README.md")
    void readme() throws IOException {
        assertCurrent(Chart.FOLDER.resolve("README.md"), ValuesPage.of(values()));
    }

    @Test
    @DisplayName("k8s/install.yaml")
    void install() throws IOException {
        assertCurrent(Chart.ROOT.resolve("k8s/install.yaml"), HEADER + Chart.render(VALUES));
    }

    private static Value values() throws IOException {
        return Value.parse(Files.readString(Chart.FOLDER.resolve("values.yaml")));
    }

    private static void assertCurrent(Path file, String wanted) throws IOException {
        if (Chart.UPDATE) {
            Files.writeString(file, wanted);
        }
        assertThat(file).as(Chart.REMEDY, file).exists();
        assertThat(Files.readString(file)).as(Chart.REMEDY, file).isEqualTo(wanted);
    }
}
