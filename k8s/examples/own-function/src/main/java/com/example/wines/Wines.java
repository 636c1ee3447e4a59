package com.example.wines;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.util.List;

/** What the function is about: plain Java that knows no event and no store. */
final class Wines {

    private Wines() {}

    /**
     * The wines with more alcohol than {@code percent}, a JSON object and a newline each.
     *
     * @param csv with a header; numbers only, so no field is quoted
     */
    static String strongerThan(BigDecimal percent, String csv) throws BadRowException {
        var lines = csv.lines().toList();
        var columns = List.of(lines.getFirst().split(","));
        var alcohol = columns.indexOf("alcohol");
        if (alcohol < 0) {
            throw new BadRowException(1, "there is no column \"alcohol\" among " + columns);
        }
        var found = new StringBuilder();
        for (var i = 1; i < lines.size(); i++) {
            var fields = lines.get(i).split(",", -1);
            if (fields.length != columns.size()) {
                throw new BadRowException(
                        i + 1, "%d fields where the header has %d".formatted(fields.length, columns.size()));
            }
            var wine = JsonNodeFactory.instance.objectNode();
            for (var column = 0; column < fields.length; column++) {
                wine.put(columns.get(column), number(fields[column], i + 1));
            }
            if (wine.get("alcohol").decimalValue().compareTo(percent) > 0) {
                found.append(wine).append('\n');
            }
        }
        return found.toString();
    }

    private static BigDecimal number(String field, int line) throws BadRowException {
        try {
            return new BigDecimal(field);
        } catch (NumberFormatException e) {
            throw new BadRowException(line, "\"" + field + "\" is not a number");
        }
    }
}
