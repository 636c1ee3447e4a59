package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {

    @Test
    void writesTheResourcesWhereItIsTold(@TempDir Path folder) throws IOException {
        Path out = folder.resolve("out.yaml");
        int status = Main.execute(
                "import",
                "src/test/resources/import/serverless-minimal/in.yml",
                "--registry",
                "r.example/team",
                "--out",
                out.toString());
        assertThat(status).isZero();
        assertThat(Files.readString(out)).contains("kind: Function", "image: r.example/team/hello:nodejs20.x");
    }

    @Test
    void aFileThatIsNotThereIsWrongUsage(@TempDir Path folder) {
        assertThat(Main.execute("import", folder.resolve("none.yaml").toString()))
                .isEqualTo(2);
    }

    @Test
    void aPlaceThatCannotBeWrittenIsAFailure(@TempDir Path folder) {
        Path out = folder.resolve("no/such/folder/out.yaml");
        assertThat(Main.execute(
                        "import", "src/test/resources/import/serverless-minimal/in.yml", "--out", out.toString()))
                .isEqualTo(1);
    }
}
