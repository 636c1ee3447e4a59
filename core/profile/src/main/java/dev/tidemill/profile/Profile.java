package dev.tidemill.profile;

import dev.tidemill.profile.internal.ProfileJson;
import dev.tidemill.profile.internal.column.TableSummary;
import dev.tidemill.profile.internal.range.Ranges;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a table looks like: how many rows, and every column's figures. Immutable; profiles of parts merge to that of the whole. Merging
 * is associative and commutative: exactly for counts, bounds and texts, to the last bits for mean and standard deviation, and within
 * the stated errors for quantiles, distinct and frequent values.
 */
public final class Profile {
    /** The content type of {@link #toBytes}. */
    public static final String CONTENT_TYPE = "application/vnd.tidemill.profile";

    private static final int MAGIC = 0x544D5046; // TMPF
    private static final int VERSION = 1;

    private final TableSummary table;
    private final Ranges ranges;
    /** Computed when first asked for; two threads may both do it and get the same. */
    private volatile @Nullable List<ColumnProfile> columns;

    Profile(TableSummary table, Ranges ranges) {
        this.table = table;
        this.ranges = ranges;
    }

    /** The profile of nothing, with which every other merges to itself. */
    public static Profile empty() {
        return new Profile(new TableSummary(), new Ranges());
    }

    /**
     * The objects of which ranges are still missing, with the byte from which on: {@code orders.csv from byte 4096}. What the known
     * ranges behind that byte hold is not in the figures yet. Empty when the profile is complete.
     */
    public List<String> missing() {
        return ranges.missing();
    }

    public long rows() {
        return table.rows();
    }

    /** The columns in the order of the source. */
    public List<ColumnProfile> columns() {
        List<ColumnProfile> known = columns;
        if (known == null) {
            known = table.columns();
            columns = known;
        }
        return known;
    }

    /**
     * The profile of both parts together; a column that one of them does not have is null there.
     *
     * @throws FormatException when it shows only now, where a range's records start, that they are not what the format says
     * @throws IllegalArgumentException when both hold the same range of an object, or ranges of different states of it
     */
    public Profile merge(Profile other) throws FormatException {
        return merge(List.of(this, other));
    }

    /** The profile of all parts together: as {@link #merge(Profile)} one after the other. */
    public static Profile merge(List<Profile> parts) throws FormatException {
        Sum sum = new Sum();
        for (Profile part : parts) {
            sum.add(part);
        }
        return sum.profile();
    }

    /**
     * A growing profile: adds many parts one after the other, where {@link #merge(Profile)} would copy what it has each time. For one
     * thread.
     */
    public static final class Sum {
        private final TableSummary table = new TableSummary();
        private final Ranges ranges = new Ranges();

        /** Adds a part, as {@link Profile#merge(Profile)} does; the part itself stays as it is. */
        public void add(Profile part) throws FormatException {
            table.merge(part.table.copy());
            ranges.merge(part.ranges.copy(), table);
        }

        /** The profile of all that was added so far. */
        public Profile profile() {
            return new Profile(table.copy(), ranges.copy());
        }
    }

    /**
     * How far live data has moved from this reference, column by column of the reference. The bins of the population stability index are
     * the reference's deciles for what has an order, its twenty most frequent values and the others for texts, and one each for nulls and
     * for NaN; a part below 0.0001 counts as 0.0001. Its error is that of the ranks: exact up to 800 values, beyond them each part is within
     * 1.4 % of the rows.
     */
    public List<ColumnDrift> driftTo(Profile live) {
        return table.copy().driftTo(live.table.copy());
    }

    /** The binary form: magic number, version, and the deflated summary. */
    public byte[] toBytes() {
        return toBytes(table);
    }

    /**
     * The binary form in at most {@code limit} bytes where that can be had. A table of thousands of columns gives up precision for it,
     * first that of frequent values, then distinct and quantiles: to a standard error of 1.2 %, 2.3 % or 4.6 % and a rank error of
     * 1 %, 2 % or 4 %. Counts, bounds, mean and deviation stay as they are.
     */
    public byte[] toBytes(int limit) {
        byte[] bytes = toBytes();
        for (int level = 1; level <= 3 && bytes.length > limit; level++) {
            TableSummary coarse = table.copy();
            coarse.coarsen(level);
            bytes = toBytes(coarse);
        }
        return bytes;
    }

    private byte[] toBytes(TableSummary table) {
        var bytes = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeByte(VERSION);
            try (var body =
                    new DataOutputStream(new BufferedOutputStream(new DeflaterOutputStream(out, deflater, 1 << 16)))) {
                table.write(body);
                ranges.write(body);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }

    /**
     * Reads the binary form.
     *
     * @throws IllegalArgumentException when it is none, or of another version
     */
    public static Profile fromBytes(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            checkVersion(bytes);
            in.skipNBytes(5);
            var body = new DataInputStream(new BufferedInputStream(new InflaterInputStream(in)));
            return new Profile(TableSummary.read(body), Ranges.read(body));
        } catch (IOException | NegativeArraySizeException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("this profile is damaged; compute it again", e);
        }
    }

    private static void checkVersion(byte[] bytes) {
        if (bytes.length < 5 || ByteBuffer.wrap(bytes).getInt() != MAGIC) {
            throw new IllegalArgumentException("these bytes are not a Tidemill profile");
        }
        if (bytes[4] != VERSION) {
            throw new IllegalArgumentException(
                    "this is a profile of version %d, and this program reads version %d; compute it again"
                            .formatted(bytes[4] & 0xFF, VERSION));
        }
    }

    /** The profile as {@code tidemill profile --json} prints it: one JSON object, UTF-8. */
    public String toJson() {
        return ProfileJson.write(rows(), columns());
    }

    @Override
    public String toString() {
        return toJson();
    }
}
