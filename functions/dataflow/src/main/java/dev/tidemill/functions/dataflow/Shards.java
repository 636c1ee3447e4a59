package dev.tidemill.functions.dataflow;

import dev.tidemill.api.CombineData;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.Part;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.dataflow.Formats;
import dev.tidemill.dataflow.ObjectSource;
import dev.tidemill.profile.ColumnReader;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import dev.tidemill.profile.RecordReader;
import dev.tidemill.store.ObjectClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Opens what an event names: the objects of a shard, the results to be combined. */
@ApplicationScoped
class Shards {

    private final ObjectClient store;

    Shards(ObjectClient store) {
        this.store = store;
    }

    /** The objects to work on, in order. */
    record Shard(List<Piece> pieces) {}

    /** All of an object, or whole records of it. */
    record Piece(ObjectSource source, Format format, ObjectRange range) {

        Profile profile() throws IOException {
            return range.whole()
                    ? new Profiler().profile(source, format)
                    : new Profiler().profileRecords(source, format, range.offset(), range.length());
        }

        RecordReader records() throws IOException {
            return RecordReader.open(source, format, range.offset(), range.length());
        }

        /** The format in which to write what was read here. */
        Format writable() throws IOException {
            return writable(format);
        }

        private Format writable(Format found) throws IOException {
            return switch (found) {
                case Format.Csv _, Format.JsonLines _ -> found;
                case Format.Auto _ -> writable(Format.of(source));
                case Format.Parquet _, Format.Npy _, Format.Raw _ ->
                    throw new RefusedException(
                            "NotYetSupported",
                            source.name()
                                    + ": rows are written as Csv and JsonLines only; let the function choose one");
            };
        }

        /** The column of that name, or the only numeric one. */
        ColumnReader column(Optional<String> name) throws IOException {
            return ColumnReader.open(
                    source, format, name.isPresent() ? name.get() : onlyNumeric(), range.offset(), range.length());
        }

        private String onlyNumeric() throws IOException {
            Profile profile = profile();
            List<String> numeric = profile.columns().stream()
                    .filter(column -> column.type().isNumeric())
                    .map(column -> column.name())
                    .toList();
            if (numeric.size() == 1) {
                return numeric.getFirst();
            }
            List<String> all =
                    profile.columns().stream().map(column -> column.name()).toList();
            throw new RefusedException(
                    "ColumnNeeded",
                    numeric.isEmpty()
                            ? "%s has no numeric column; its columns are %s".formatted(source.name(), all)
                            : "%s has several numeric columns, %s: name one in the Function's env, as COLUMN"
                                    .formatted(source.name(), numeric));
        }
    }

    /** @throws RefusedException unless exactly one binding has objects */
    Shard of(ShardData data) {
        List<S3Prefix> worked = data.functionData().values().stream()
                .filter(binding -> binding.objects() != null)
                .toList();
        if (worked.size() != 1) {
            throw new RefusedException(
                    "BadRequest", "one binding of function_data has objects to work on, not " + worked.size());
        }
        S3Prefix binding = worked.getFirst();
        Format format = Formats.of(Objects.requireNonNullElse(binding.format(), DataFormat.AUTO));
        return new Shard(Objects.requireNonNull(binding.objects()).stream()
                .map(range -> new Piece(ObjectSource.of(store, binding.bucket(), range), format, range))
                .toList());
    }

    /** The results themselves, wherever they lie, in shard order. */
    List<byte[]> parts(CombineData data) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        for (Part part : data.parts()) {
            parts.add(
                    switch (part) {
                        case Part.Body body -> body.bytes();
                        case Part.Reference reference -> read(reference.dataref());
                    });
        }
        return parts;
    }

    private byte[] read(String dataref) throws IOException {
        try (var body = store.open(URI.create(dataref))) {
            return body.readAllBytes();
        } catch (IllegalArgumentException e) {
            throw new RefusedException("BadRequest", "a dataref is an address to read from, not " + dataref);
        }
    }
}
