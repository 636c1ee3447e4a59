package dev.tidemill.profile.internal.csv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.kernel.Kernels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The index and the byte-wise splitter find the same fields. */
class SplitterTest {
    private static final Dialect DIALECT = new Dialect(
            (byte) ',',
            (byte) '"',
            false,
            List.of("a", "b", "c"),
            0,
            0,
            List.of("NA".getBytes(UTF_8)),
            Format.Ragged.PAD);

    @Test
    void splitsAsTheSpecificationDoes() throws IOException {
        Random random = new Random(5);
        int compared = 0;
        int odd = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] csv = csv(random, round % 5 == 0).getBytes(UTF_8);
            IndexSplitter byIndex = new IndexSplitter(DIALECT, Kernels.best());
            Chunk chunk = chunk(csv);
            if (!byIndex.accept(chunk)) {
                odd++;
                continue;
            }
            List<String> actual = records(byIndex, chunk);
            List<String> expected = records(new ScalarSplitter(DIALECT), chunk(csv));

            assertThat(actual).as(new String(csv, UTF_8)).isEqualTo(expected);
            compared += expected.size();
        }
        assertThat(compared).as("records compared").isGreaterThan(50_000);
        assertThat(odd).as("files whose quotes are odd").isGreaterThan(100);
    }

    private static Chunk chunk(byte[] csv) {
        Chunk chunk = new Chunk();
        // What lies beyond the chunk must not matter.
        chunk.bytes = Arrays.copyOf(csv, csv.length + Batch.SLACK);
        Arrays.fill(chunk.bytes, csv.length, chunk.bytes.length, (byte) (csv.length % 2 == 0 ? '\n' : '"'));
        chunk.to = csv.length;
        return chunk;
    }

    private static List<String> records(Splitter splitter, Chunk chunk) throws IOException {
        Rows rows = new Rows(ByteSource.of("t", new byte[0]), DIALECT);
        List<String> records = new ArrayList<>();
        while (chunk.from < chunk.to) {
            int n = splitter.split(chunk, rows);
            for (int row = 0; row < n; row++) {
                StringBuilder record = new StringBuilder();
                for (int i = 0; i < rows.columns; i++) {
                    int length = rows.lengths[i][row];
                    record.append('[');
                    record.append(length < 0 ? "null" : new String(chunk.bytes, rows.starts[i][row], length, UTF_8));
                    record.append(']');
                }
                records.add(record.toString());
            }
        }
        return records;
    }

    private static String csv(Random random, boolean stray) {
        String[] fields = {
            "1",
            "abc",
            "",
            "NA",
            "\"\"",
            "\"x,y\"",
            "\"\"\"\"",
            "\"a\"\"b\"",
            "\"\r\n\"",
            "\"NA\"",
            "é",
            "0123456789012345678901234567890"
        };
        StringBuilder csv = new StringBuilder();
        String end = random.nextBoolean() ? "\n" : random.nextBoolean() ? "\r\n" : "\r";
        for (int row = random.nextInt(50) + 1; row > 0; row--) {
            int n = random.nextInt(12) == 0 ? 1 + random.nextInt(5) : 3;
            for (int i = 0; i < n; i++) {
                csv.append(i > 0 ? "," : "").append(fields[random.nextInt(fields.length)]);
                if (stray && random.nextInt(20) == 0) {
                    csv.append("x\"y");
                }
            }
            csv.append(row > 1 || random.nextBoolean() ? end : "");
        }
        return csv.toString();
    }
}
