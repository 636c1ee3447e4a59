package dev.tidemill.functions.dataflow;

import dev.tidemill.api.EventTypes;
import dev.tidemill.functions.sdk.Row;
import dev.tidemill.functions.sdk.Table;
import dev.tidemill.functions.sdk.Tidemill;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import io.quarkus.funqy.knative.events.EventAttribute;
import java.io.IOException;

/** The rows of a shard with every number plus one, in the format that they came in. */
public class AddOneFunction {

    private final Tidemill tidemill;

    AddOneFunction(Tidemill tidemill) {
        this.tidemill = tidemill;
    }

    @Funq("add_one.shard")
    @CloudEventMapping(
            trigger = EventTypes.SHARD,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.ADD_ONE))
    public CloudEvent<byte[]> shard(CloudEvent<byte[]> event) {
        return tidemill.shard(event, shard -> {
            Table out = shard.table();
            shard.rows(row -> plusOne(row, out));
            return out.result();
        });
    }

    private static void plusOne(Row row, Table out) throws IOException {
        for (String column : out.columns()) {
            switch (row.type(column)) {
                case INT64 -> {
                    if (row.integer(column) < Long.MAX_VALUE) {
                        out.set(column, row.integer(column) + 1);
                    } else {
                        out.set(column, 0x1p63);
                    }
                }
                case DOUBLE -> out.set(column, row.number(column) + 1);
                case NULL, BOOLEAN, DATE, TIMESTAMP, STRING -> out.copy(row, column);
            }
        }
        out.end();
    }
}
