package dev.tidemill.profile.internal.range;

import dev.tidemill.profile.internal.column.TableSummary;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The range {@code [from, to)} of one object, whose first record start depends on what lies before: a range may begin inside quotes.
 * Each start that is possible has its candidate; when none of them is the true one, the range lies inside one record altogether.
 */
public record Fragment(String object, long size, long from, long to, List<Candidate> candidates) {

    /**
     * The range, if its first record starts at {@code start}.
     *
     * @param next where the first record behind the range starts; meaningless with an error
     * @param table the records that start in the range, or null when there is an error
     * @param error what is wrong with them, or null
     */
    public record Candidate(
            long start,
            long next,
            @Nullable TableSummary table,
            @Nullable Problem error) {}

    /** A format error that counts only if its candidate turns out to be the true one. */
    public record Problem(long line, long byteOffset, String text) {}

    public void write(DataOutput out) throws IOException {
        writeText(out, object);
        out.writeLong(size);
        out.writeLong(from);
        out.writeLong(to);
        out.writeInt(candidates.size());
        for (Candidate candidate : candidates) {
            out.writeLong(candidate.start);
            out.writeLong(candidate.next);
            out.writeBoolean(candidate.table != null);
            if (candidate.table != null) {
                candidate.table.write(out);
            }
            out.writeBoolean(candidate.error != null);
            if (candidate.error != null) {
                out.writeLong(candidate.error.line);
                out.writeLong(candidate.error.byteOffset);
                writeText(out, candidate.error.text);
            }
        }
    }

    public static Fragment read(DataInput in) throws IOException {
        String object = readText(in);
        long size = in.readLong();
        long from = in.readLong();
        long to = in.readLong();
        List<Candidate> candidates = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
            long start = in.readLong();
            long next = in.readLong();
            TableSummary table = in.readBoolean() ? TableSummary.read(in) : null;
            Problem error = in.readBoolean() ? new Problem(in.readLong(), in.readLong(), readText(in)) : null;
            candidates.add(new Candidate(start, next, table, error));
        }
        return new Fragment(object, size, from, to, candidates);
    }

    static void writeText(DataOutput out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static String readText(DataInput in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
