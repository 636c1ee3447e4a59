package dev.tidemill.functions.dataflow;

import dev.tidemill.api.EventTypes;
import dev.tidemill.api.ShardData;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.RecordReader;
import dev.tidemill.profile.RecordWriter;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import io.quarkus.funqy.knative.events.EventAttribute;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The rows of a shard with every number plus one, in the format that they came in. */
public class AddOneFunction {

    private final Shards shards;

    AddOneFunction(Shards shards) {
        this.shards = shards;
    }

    @Funq("add_one.shard")
    @CloudEventMapping(
            trigger = EventTypes.SHARD,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.ADD_ONE))
    public CloudEvent<byte[]> shard(CloudEvent<byte[]> event) {
        return Answer.to(event, ShardData.class, data -> plusOne(shards.of(data).pieces()));
    }

    private static Answer.Body plusOne(List<Shards.Piece> pieces) throws IOException {
        // JSON Lines may bring a new column with any record, and CSV needs them all in its first line.
        Set<String> names = new LinkedHashSet<>();
        for (Shards.Piece piece : pieces) {
            try (RecordReader rows = piece.records()) {
                while (rows.next()) {
                    // Only the columns are wanted.
                }
                names.addAll(rows.columns());
            }
        }
        List<String> columns = List.copyOf(names);
        Format format =
                pieces.isEmpty() ? Format.Csv.DEFAULT : pieces.getFirst().writable();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean json = format instanceof Format.JsonLines;
        try (RecordWriter writer = format instanceof Format.Csv csv
                ? RecordWriter.csv(out, columns, csv)
                : RecordWriter.jsonLines(out, columns)) {
            for (Shards.Piece piece : pieces) {
                try (RecordReader rows = piece.records()) {
                    while (rows.next()) {
                        plusOne(rows, columns, writer);
                    }
                }
            }
        }
        return new Answer.Body(out.toByteArray(), json ? Generator.Form.JSON_LINES.contentType : "text/csv");
    }

    private static void plusOne(RecordReader row, List<String> columns, RecordWriter writer) throws IOException {
        for (String name : columns) {
            int column = row.columns().indexOf(name);
            if (column < 0) {
                writer.skip();
                continue;
            }
            switch (row.type(column)) {
                case INT64 -> {
                    if (row.integer(column) < Long.MAX_VALUE) {
                        writer.integer(row.integer(column) + 1);
                    } else {
                        writer.number(0x1p63);
                    }
                }
                case DOUBLE -> writer.number(row.number(column) + 1);
                case NULL, BOOLEAN, DATE, TIMESTAMP, STRING -> writer.copy(row, column);
            }
        }
        writer.end();
    }
}
