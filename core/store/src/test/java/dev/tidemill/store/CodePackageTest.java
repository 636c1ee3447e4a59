package dev.tidemill.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.store.CodePackage.UnfitException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodePackageTest {

    private static final int FILE = 0100644;
    private static final int PROGRAM = 0100755;
    private static final int LINK = 0120777;

    @TempDir
    Path dir;

    private Path folder;

    @BeforeEach
    void makesAFolder() throws IOException {
        folder = Files.createDirectory(dir.resolve("task"));
    }

    private record Entry(String name, int mode, byte[] content) {
        Entry(String name, int mode, String content) {
            this(name, mode, content.getBytes(StandardCharsets.UTF_8));
        }
    }

    private Path zip(Entry... entries) throws IOException {
        var file = dir.resolve("code.zip");
        try (var zip = new ZipArchiveOutputStream(file)) {
            for (var each : entries) {
                var entry = new ZipArchiveEntry(each.name);
                entry.setUnixMode(each.mode);
                zip.putArchiveEntry(entry);
                zip.write(each.content);
                zip.closeArchiveEntry();
            }
        }
        return file;
    }

    @Test
    void keepsContentModesAndLinksAndMakesBootstrapExecutable() throws IOException {
        var zip = zip(
                new Entry("latest", LINK, "lib/v1.txt"),
                new Entry("./lib/v1.txt", FILE, "one"),
                new Entry("bin/tool", PROGRAM, "#!"),
                new Entry("bootstrap", FILE, "#!"));
        CodePackage.LIKE_LAMBDA.unpack(zip, folder);
        assertThat(folder.resolve("latest")).isSymbolicLink().hasContent("one");
        assertThat(folder.resolve("bin/tool")).isExecutable();
        assertThat(folder.resolve("bootstrap")).isExecutable();
        assertThat(Files.isExecutable(folder.resolve("lib/v1.txt"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../out", "a/../../out", "/tmp/out", ".."})
    void anEntryOutsideOfItsFolderIsRefused(String name) throws IOException {
        var zip = zip(new Entry(name, FILE, "x"));
        assertThatThrownBy(() -> CodePackage.LIKE_LAMBDA.unpack(zip, folder))
                .isInstanceOf(UnfitException.class)
                .hasMessageContaining("outside of itself, \"%s\"", name);
        try (var files = Files.list(dir)) {
            assertThat(files).containsExactlyInAnyOrder(folder, zip);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../secret", "deep/up/../../secret", "nowhere"})
    void aLinkThatLeadsOutOfItsFolderOrNowhereIsRefused(String target) throws IOException {
        Files.writeString(dir.resolve("secret"), "s");
        // By its text alone the third one stays inside: deep/up is the folder itself.
        var zip = zip(
                new Entry("deep/file", FILE, "x"), new Entry("deep/up", LINK, ".."), new Entry("escape", LINK, target));
        assertThatThrownBy(() -> CodePackage.LIKE_LAMBDA.unpack(zip, folder))
                .isInstanceOf(UnfitException.class)
                .hasMessageContaining("\"escape\"");
    }

    @Test
    void nothingIsWrittenThroughALink() throws IOException {
        var outside = Files.createDirectory(dir.resolve("outside"));
        var zip = zip(new Entry("a", LINK, outside.toString()), new Entry("a/planted", FILE, "x"));
        assertThatThrownBy(() -> CodePackage.LIKE_LAMBDA.unpack(zip, folder)).isInstanceOf(UnfitException.class);
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aFewBytesThatUnpackToManyAreRefusedBeforeTheyFillTheDisk() throws IOException {
        var small = new CodePackage(1 << 20, 10);
        var zip = zip(new Entry("zeros", FILE, new byte[8 << 20]));
        assertThat(Files.size(zip)).isLessThan(1 << 16);
        assertThatThrownBy(() -> small.unpack(zip, folder))
                .isInstanceOf(UnfitException.class)
                .hasMessageContaining("more than 1 MiB");
        assertThat(Files.size(folder.resolve("zeros"))).isLessThanOrEqualTo(1 << 20);
        var many = zip(Stream.iterate(0, i -> i < 11, i -> i + 1)
                .map(i -> new Entry("f" + i, FILE, ""))
                .toArray(Entry[]::new));
        assertThatThrownBy(() -> small.unpack(many, folder)).hasMessageContaining("more than 10 entries");
    }

    @Test
    void whatIsNoZipOrHasAnEntryTwiceIsSaidToBeSo() throws IOException {
        var text = Files.writeString(dir.resolve("handler.py"), "def handler(event, context): pass");
        assertThatThrownBy(() -> CodePackage.LIKE_LAMBDA.unpack(text, folder))
                .isInstanceOf(UnfitException.class)
                .hasMessageContaining("no zip");
        var twice = zip(new Entry("a.py", FILE, "1"), new Entry("./a.py", FILE, "2"));
        assertThatThrownBy(() -> CodePackage.LIKE_LAMBDA.unpack(twice, folder))
                .isInstanceOf(UnfitException.class)
                .hasMessageContaining("two entries for a.py");
    }

    @Test
    void otherBytesThanThoseThatAreMeantAreNotRun() throws IOException {
        var store = new MemoryStore();
        try (var client = store.client()) {
            client.createBucket("lake");
            client.put("lake", "f.zip", "zip".getBytes(StandardCharsets.UTF_8), "application/zip", Precondition.NONE);
            var into = dir.resolve("fetched");
            var digest = "4a0e2a4b1ab4d0a2a2c8d2d0c35a2a58c8a9e3d1d7c2e5f2e9f0c61e8f6d7a11";
            assertThatThrownBy(() -> CodePackage.LIKE_LAMBDA.fetch(client, "lake", "f.zip", digest, into))
                    .isInstanceOf(UnfitException.class)
                    .hasMessageContaining("s3://lake/f.zip has the SHA-256");
        }
    }
}
