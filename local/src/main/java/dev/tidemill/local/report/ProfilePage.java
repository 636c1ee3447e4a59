package dev.tidemill.local.report;

import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.ColumnProfile.Bin;
import dev.tidemill.profile.ColumnProfile.Frequent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A profile as one HTML file that needs nothing else: no script, no font, no picture from elsewhere, and a content security
 * policy that forbids all of it, so that a column called {@code <script>} is a name and nothing more.
 */
public final class ProfilePage {

    private static final String STYLE = """
            :root { color-scheme: light dark; --ink: #1b2a33; --soft: #5b6f7b; --line: #d5dee3; --bar: #2f7f9d; --page: #fff }
            @media (prefers-color-scheme: dark) {
              :root { --ink: #e3ebef; --soft: #93a7b2; --line: #34444d; --bar: #57aecb; --page: #141d22 }
            }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 2rem auto;
              max-width: 72rem; padding: 0 1rem }
            h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere }
            h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere }
            p { color: var(--soft); margin: .25rem 0 1.5rem }
            h2 small { color: var(--soft); font-weight: normal; margin-left: .5rem }
            section { border-top: 1px solid var(--line); padding: 1rem 0; display: grid; gap: .75rem 2rem;
              grid-template-columns: minmax(14rem, 1fr) minmax(14rem, 1fr) 320px }
            section h2 { grid-column: 1 / -1 }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0; align-content: start }
            dt { color: var(--soft) }
            dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
            svg { width: 320px; height: 96px } rect { fill: var(--bar) }
            figure { margin: 0 } figcaption { display: flex; justify-content: space-between; color: var(--soft); font-size: .8rem }
            @media (max-width: 60rem) { section { grid-template-columns: 1fr } }
            """;

    private static final int BAR_HEIGHT = 90;
    private static final int CHART_WIDTH = 320;
    private static final int FREQUENT = 8;

    private final StringBuilder page = new StringBuilder();

    private ProfilePage() {}

    /** The page, in UTF-8. */
    public static byte[] of(String title, long rows, List<ColumnProfile> columns) {
        ProfilePage writer = new ProfilePage();
        writer.head(title, rows, columns.size());
        columns.forEach(writer::column);
        return writer.page.append("</body>\n</html>\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private void head(String title, long rows, int columns) {
        page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-")
                .append(sha256(STYLE))
                .append("'; base-uri 'none'; form-action 'none'\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(escaped(title))
                .append("</title>\n<style>")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<h1>")
                .append(escaped(title))
                .append("</h1>\n<p>")
                .append(String.format(Locale.ROOT, "%,d rows, %,d columns", rows, columns))
                .append("</p>\n");
    }

    private void column(ColumnProfile column) {
        page.append("<section>\n<h2>")
                .append(escaped(column.name()))
                .append("<small>")
                .append(column.type().toString())
                .append("</small></h2>\n<dl>\n");
        figure("count", String.format(Locale.ROOT, "%,d", column.count()));
        figure("nulls", String.format(Locale.ROOT, "%,d", column.nulls()));
        if (column.nan() > 0) {
            figure("NaN", String.format(Locale.ROOT, "%,d", column.nan()));
        }
        figure("distinct", String.format(Locale.ROOT, "%,d", column.distinct()));
        figure("mean", column.mean());
        figure("stddev", column.stddev());
        page.append("</dl>\n<dl>\n");
        figure("min", column.min());
        figure("25 %", column.p25());
        figure("median", column.p50());
        figure("75 %", column.p75());
        figure("max", column.max());
        page.append("</dl>\n");
        if (column.histogram().isEmpty()) {
            frequent(column.top());
        } else {
            histogram(column.histogram());
        }
        page.append("</section>\n");
    }

    private void figure(String name, @Nullable Object value) {
        if (value != null) {
            page.append("<dt>")
                    .append(name)
                    .append("</dt><dd>")
                    .append(escaped(Cells.value(value)))
                    .append("</dd>\n");
        }
    }

    private void frequent(List<Frequent> values) {
        page.append("<dl>\n");
        values.stream()
                .limit(FREQUENT)
                .forEach(value -> page.append("<dt>")
                        .append(escaped(Cells.cut(Cells.text(value.value()), 40)))
                        .append("</dt><dd>")
                        .append(String.format(Locale.ROOT, "%,d", value.count()))
                        .append("</dd>\n"));
        page.append("</dl>\n");
    }

    /** Positions are attributes, not styles: the policy allows no inline style. */
    private void histogram(List<Bin> bins) {
        long most = Math.max(1, bins.stream().mapToLong(Bin::count).max().orElse(1));
        double width = CHART_WIDTH / (double) bins.size();
        page.append("<figure><svg viewBox=\"0 0 320 96\" role=\"img\" aria-label=\"histogram\">\n");
        for (int i = 0; i < bins.size(); i++) {
            double height = Math.max(
                    bins.get(i).count() > 0 ? 1 : 0, BAR_HEIGHT * bins.get(i).count() / (double) most);
            page.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s to %s: %,d</title></rect>\n",
                    i * width,
                    95 - height,
                    Math.max(1, width - 1),
                    height,
                    escaped(Cells.value(bins.get(i).from())),
                    escaped(Cells.value(bins.get(i).to())),
                    bins.get(i).count()));
        }
        page.append("</svg><figcaption><span>")
                .append(escaped(Cells.value(bins.getFirst().from())))
                .append("</span><span>")
                .append(escaped(Cells.value(bins.getLast().to())))
                .append("</span></figcaption></figure>\n");
    }

    private static String escaped(String text) {
        return Cells.text(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String sha256(String text) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
