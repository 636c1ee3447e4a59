package dev.tidemill.profile;

import java.util.Locale;

/**
 * What all values of a column have in common. A column starts as {@code NULL} and widens as values come and as parts merge: int64
 * with double is double, date with timestamp is timestamp, every other mixture is string.
 */
public enum ColumnType {
    NULL,
    BOOLEAN,
    INT64,
    DOUBLE,
    DATE,
    TIMESTAMP,
    STRING;

    /** The narrowest type that holds the values of both. */
    public ColumnType widen(ColumnType other) {
        if (this == other || other == NULL) {
            return this;
        }
        if (this == NULL) {
            return other;
        }
        if (isNumeric() && other.isNumeric()) {
            return DOUBLE;
        }
        if (isTemporal() && other.isTemporal()) {
            return TIMESTAMP;
        }
        return STRING;
    }

    public boolean isNumeric() {
        return this == INT64 || this == DOUBLE;
    }

    public boolean isTemporal() {
        return this == DATE || this == TIMESTAMP;
    }

    /** As it is written in JSON and in tables: {@code int64}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
