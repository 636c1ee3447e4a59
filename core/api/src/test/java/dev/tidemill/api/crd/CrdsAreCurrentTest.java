package dev.tidemill.api.crd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CrdsAreCurrentTest {

    @Test
    void theFilesAreWhatTheTypesSay() throws IOException {
        var made = Crds.files();
        var folder = Crds.folder();
        if (System.getProperty("crds.update") != null) {
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
        assertThat(committed)
                .as(
                        "k8s/crds differs from the types: run  ./mvnw -pl core/api test -Dtest=CrdsAreCurrentTest -Dcrds.update")
                .isEqualTo(made);
    }
}
