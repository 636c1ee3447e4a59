package dev.tidemill.profile.internal.csv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.Chunks;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.kernel.Kernels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How a source is cut into chunks does not show in its records. */
class ChunkTest {

    @Test
    void everyChunkSizeGivesTheSameRecords() throws IOException {
        Random random = new Random(6);
        int compared = 0;
        for (int round = 0; round < 300; round++) {
            byte[] csv = csv(random).getBytes(UTF_8);
            ByteSource source = ByteSource.of("t.csv", csv);
            Dialect dialect =
                    Sniffer.sniff(source, Format.Csv.DEFAULT.withDelimiter(',').withHeader(Format.Header.ABSENT));
            List<String> whole = records(source, dialect, csv.length + 1);
            for (int size : new int[] {1, 2, 3, 5, 8, 13, 64, 65, 200}) {
                assertThat(records(source, dialect, size))
                        .as("chunks of %d", size)
                        .isEqualTo(whole);
                compared += whole.size();
            }
        }
        assertThat(compared).isGreaterThan(50_000);
    }

    private static List<String> records(ByteSource source, Dialect dialect, int size) throws IOException {
        CsvCutter cutter = new CsvCutter(source, dialect, Kernels.best());
        List<String> records = new ArrayList<>();
        try (Chunks chunks = new Chunks(source, cutter, dialect.dataStart(), Long.MAX_VALUE, size, size);
                BatchReader reader = new CsvRecords(source, dialect, Kernels.best()).reader(chunks)) {
            for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                for (int row = 0; row < batch.rows(); row++) {
                    StringBuilder record = new StringBuilder();
                    for (int i = 0; i < batch.columns(); i++) {
                        Texts texts = (Texts) batch.vector(i);
                        int length = Math.max(0, texts.lengths()[row]);
                        record.append('[')
                                .append(new String(texts.buffer(), texts.starts()[row], length, UTF_8))
                                .append(']');
                    }
                    records.add(record.toString());
                }
            }
        }
        return records;
    }

    @Test
    void chunksHoldWholeRecordsAndEveryByte() throws IOException {
        byte[] csv = csv(new Random(1)).getBytes(UTF_8);
        ByteSource source = ByteSource.of("t.csv", csv);
        Dialect dialect =
                Sniffer.sniff(source, Format.Csv.DEFAULT.withDelimiter(',').withHeader(Format.Header.ABSENT));
        Chunk chunk = new Chunk();
        long position = dialect.dataStart();
        try (Chunks chunks =
                new Chunks(source, new CsvCutter(source, dialect, Kernels.best()), position, Long.MAX_VALUE, 7, 7)) {
            while (chunks.next(chunk)) {
                assertThat(chunk.position(chunk.from)).isEqualTo(position);
                position = chunk.position(chunk.to);
                assertThat(chunks.position()).isEqualTo(position);
            }
        }
        assertThat(position).isEqualTo(csv.length);
    }

    private static String csv(Random random) {
        String[] fields = {
            "1",
            "abc",
            "",
            "\"\"",
            "\"x,y\"",
            "\"a\"\"b\"",
            "\"\r\n\"",
            "\"\n\n\"",
            "é",
            "5\" pipe",
            "\"q\"tail",
            "0123456789012345678901234567890"
        };
        String[] ends = random.nextBoolean() ? new String[] {"\n"} : new String[] {"\n", "\r\n", "\r"};
        int kinds = random.nextBoolean() ? fields.length : 3;
        StringBuilder csv = new StringBuilder();
        for (int row = random.nextInt(50) + 1; row > 0; row--) {
            csv.append(fields[random.nextInt(kinds)]).append(',').append(fields[random.nextInt(kinds)]);
            csv.append(row > 1 || random.nextBoolean() ? ends[random.nextInt(ends.length)] : "");
        }
        return csv.toString();
    }
}
