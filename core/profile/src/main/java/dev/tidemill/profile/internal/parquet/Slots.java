package dev.tidemill.profile.internal.parquet;

import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.Validity;
import org.jspecify.annotations.Nullable;

/**
 * Which records have a value in a leaf that no list is around. The value of record {@code i} is the {@code i}-th of the leaf.
 *
 * @param records number of records in the batch
 * @param nulls true where a record has no value, or null when all have one
 */
record Slots(int records, boolean @Nullable [] nulls) {

    static Slots of(ColumnReader reader) {
        int records = reader.getRecordCount();
        int[] levels = reader.getDefinitionLevels();
        if (levels != null) {
            int present = reader.getColumnSchema().maxDefinitionLevel();
            var nulls = new boolean[records];
            for (int i = 0; i < records; i++) {
                nulls[i] = levels[i] < present;
            }
            return new Slots(records, nulls);
        }
        Validity validity = reader.getLeafValidity();
        if (!validity.hasNulls()) {
            return new Slots(records, null);
        }
        var nulls = new boolean[records];
        for (int i = 0; i < records; i++) {
            nulls[i] = validity.isNull(i);
        }
        return new Slots(records, nulls);
    }

    boolean has(int record) {
        return nulls == null || !nulls[record];
    }
}
