package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.Format;
import java.util.List;

/**
 * How one CSV file is written, nothing left open.
 *
 * @param header whether the first record names the columns
 * @param names of the columns, all different
 * @param headerStart where the first record starts
 * @param dataStart where the first record that holds data starts
 * @param nulls texts that mean "no value"
 */
public record Dialect(
        byte delimiter,
        byte quote,
        boolean header,
        List<String> names,
        long headerStart,
        long dataStart,
        List<byte[]> nulls,
        Format.Ragged ragged) {}
