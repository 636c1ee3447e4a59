package dev.tidemill.profile;

import dev.tidemill.profile.internal.ProfileJson;
import dev.tidemill.profile.internal.column.TableSummary;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

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

    Profile(TableSummary table) {
        this.table = table;
    }

    /** The profile of nothing, with which every other merges to itself. */
    public static Profile empty() {
        return new Profile(new TableSummary());
    }

    public long rows() {
        return table.rows();
    }

    /** The columns in the order of the source. */
    public List<ColumnProfile> columns() {
        return table.columns();
    }

    /** The profile of both parts together; a column that one of them does not have is null there. */
    public Profile merge(Profile other) {
        TableSummary merged = copy().table;
        merged.merge(other.copy().table);
        return new Profile(merged);
    }

    private Profile copy() {
        return fromBytes(toBytes());
    }

    /** The binary form: magic number, version, and the deflated summary. */
    public byte[] toBytes() {
        var bytes = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeByte(VERSION);
            try (var body = new DataOutputStream(new DeflaterOutputStream(out, deflater, 1 << 16))) {
                table.write(body);
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
            if (bytes.length < 5 || in.readInt() != MAGIC) {
                throw new IllegalArgumentException("these bytes are not a Tidemill profile");
            }
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "this is a profile of version %d, and this program reads version %d; compute it again"
                                .formatted(version, VERSION));
            }
            return new Profile(TableSummary.read(new DataInputStream(new InflaterInputStream(in))));
        } catch (IOException e) {
            throw new IllegalArgumentException("this profile is damaged; compute it again", e);
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
