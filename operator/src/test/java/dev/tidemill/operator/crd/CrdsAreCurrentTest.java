package dev.tidemill.operator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CrdsAreCurrentTest {

    private static final boolean UPDATE = System.getProperty("crds.update") != null;
    private static final String REMEDY = "%s differs from the types: run  " + Crds.REMEDY;

    @Test
    void theCrdsAreWhatTheTypesSay() throws IOException {
        var made = Crds.files();
        var folder = Crds.root().resolve("k8s/crds");
        if (UPDATE) {
            Files.createDirectories(folder);
            for (var file : made.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue());
            }
        }
        var committed = new TreeMap<String, String>();
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                committed.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        assertThat(committed).as(REMEDY, "k8s/crds").isEqualTo(made);
    }

    @Test
    void theReferencePageDocumentsEveryField() throws Exception {
        var page = Reference.page();
        var file = Crds.root().resolve("docs/reference/resources.md");
        if (UPDATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, page);
        }
        assertThat(Files.readString(file))
                .as(REMEDY, "docs/reference/resources.md")
                .isEqualTo(page);
    }
}
