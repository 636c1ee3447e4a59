package dev.tidemill.profile.internal.parquet;

import dev.hardwood.metadata.RepetitionType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.schema.ColumnSchema;
import dev.hardwood.schema.FileSchema;
import dev.hardwood.schema.SchemaNode;
import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.internal.ColumnVector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One column of the profile and the leaf that it is read from. A profile has one value a record and column, so
 *
 * <ul>
 *   <li>a field of a struct is a column named by its path, {@code address.zip};
 *   <li>a list or a map is the column of its lengths, {@code tags.length}: what is in it is not looked at.
 * </ul>
 */
sealed interface ParquetColumn {

    String name();

    /** The leaf's path, as hardwood names it. */
    String leaf();

    ColumnVector read(ColumnReader reader);

    /** The values as they are laid down in the file, where that are numbers. */
    default NumberTable.@Nullable Column number(FileSchema schema) {
        return null;
    }

    /** A leaf that no list is around. */
    record Value(String name, String leaf, Conversion conversion) implements ParquetColumn {
        @Override
        public ColumnVector read(ColumnReader reader) {
            return conversion.read(reader);
        }

        @Override
        public NumberTable.@Nullable Column number(FileSchema schema) {
            ColumnSchema column = schema.getColumn(leaf);
            NumberType type = conversion.number(column.type());
            return type == null ? null : new NumberTable.Column(column, type);
        }
    }

    /**
     * The number of elements of the outermost list around a leaf.
     *
     * @param filled the least definition level of an element; one less is an empty list, anything below is none
     */
    record Length(String name, String leaf, int filled) implements ParquetColumn {
        @Override
        public ColumnVector read(ColumnReader reader) {
            int[] repetition = reader.getRepetitionLevels();
            int[] definition = reader.getDefinitionLevels();
            int records = reader.getRecordCount();
            var lengths = new long[records];
            var nulls = new boolean[records];
            int record = -1;
            for (int i = 0; i < repetition.length; i++) {
                if (repetition[i] == 0 && ++record == records) {
                    break;
                }
                if (repetition[i] == 0) {
                    nulls[record] = definition[i] < filled - 1;
                    lengths[record] = definition[i] >= filled ? 1 : 0;
                } else if (repetition[i] == 1) {
                    lengths[record]++;
                }
            }
            return new ColumnVector.Longs(ColumnType.INT64, lengths, nulls);
        }
    }

    /** The columns of a file, in its order. */
    static List<ParquetColumn> of(FileSchema schema) {
        var columns = new ArrayList<ParquetColumn>();
        schema.getRootNode().children().forEach(node -> add(schema, node, "", columns));
        return List.copyOf(columns);
    }

    private static void add(FileSchema schema, SchemaNode node, String prefix, List<ParquetColumn> into) {
        String name = prefix + node.name();
        if (node.repetitionType() == RepetitionType.REPEATED) {
            into.add(length(schema, node, name));
            return;
        }
        switch (node) {
            case SchemaNode.PrimitiveNode primitive -> {
                ColumnSchema leaf = schema.getColumn(primitive.columnIndex());
                into.add(new Value(name, leaf.fieldPath().toString(), Conversion.of(leaf)));
            }
            case SchemaNode.GroupNode group
            when (group.isList() || group.isMap()) && group.children().size() == 1 ->
                into.add(length(schema, group.children().getFirst(), name));
            case SchemaNode.GroupNode group -> group.children().forEach(child -> add(schema, child, name + ".", into));
        }
    }

    private static ParquetColumn length(FileSchema schema, SchemaNode repeated, String name) {
        ColumnSchema leaf = schema.getColumn(firstLeaf(repeated).columnIndex());
        return new Length(name + ".length", leaf.fieldPath().toString(), repeated.maxDefinitionLevel());
    }

    private static SchemaNode.PrimitiveNode firstLeaf(SchemaNode node) {
        return switch (node) {
            case SchemaNode.PrimitiveNode primitive -> primitive;
            case SchemaNode.GroupNode group -> firstLeaf(group.children().getFirst());
        };
    }
}
