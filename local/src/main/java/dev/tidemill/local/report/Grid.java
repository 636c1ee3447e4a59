package dev.tidemill.local.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Lines of cells under a head, aligned. */
public final class Grid {

    private Grid() {}

    /**
     * The lines, each ending with a newline.
     *
     * @param left how many columns stand left; the others, numbers, stand right
     */
    public static String of(List<String> head, List<List<String>> cells, int left) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(head);
        lines.addAll(cells);
        int[] widths = IntStream.range(0, head.size())
                .map(i -> lines.stream()
                        .mapToInt(line -> width(line.get(i)))
                        .max()
                        .orElse(0))
                .toArray();
        StringBuilder grid = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - width(line.get(i)));
                row.append(i == 0 ? "" : "  ").append(i < left ? line.get(i) + padding : padding + line.get(i));
            }
            grid.append(row.toString().stripTrailing()).append('\n');
        }
        return grid.toString();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
