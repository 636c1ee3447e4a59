package dev.tidemill.profile.oracle;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * DuckDB with one table in it. NaN is left out of every figure by a filter: DuckDB orders NaN above all numbers, so that it would be
 * the maximum, and makes every mean with a NaN a NaN; a profile counts them apart instead, because a mean that says nothing helps
 * nobody.
 */
final class Oracle implements AutoCloseable {

    /** What DuckDB says of one column; numbers as they print, dates and timestamps as ISO 8601 with a blank. */
    record Answer(
            String name,
            String type,
            long count,
            long nulls,
            long nan,
            @Nullable String min,
            @Nullable String max,
            @Nullable Double mean,
            @Nullable Double stddev,
            long distinct) {

        Answer withDeviation(@Nullable Double deviation) {
            return new Answer(name, type, count, nulls, nan, min, max, mean, deviation, distinct);
        }

        boolean isFloating() {
            return type.equals("DOUBLE") || type.equals("FLOAT");
        }

        boolean isNumber() {
            return isFloating() || type.endsWith("INT") || type.endsWith("INTEGER") || type.startsWith("DECIMAL");
        }
    }

    /** A value that is said to be one of a column's quantiles. */
    record Claim(Answer column, double quantile, String value) {}

    /** Share of a column's values below, and not above, some value: the ranks that the value can claim. */
    record Rank(double below, double notAbove) {}

    private static final int COLUMNS_A_QUERY = 20;
    private static final String CSV = "sample_size = -1, delim = ',', quote = '\"', escape = '\"'";

    private final Connection connection;
    private final Statement statement;

    private Oracle(String table) throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        statement = connection.createStatement();
        statement.execute("SET threads = 2");
        statement.execute("SET TimeZone = 'UTC'");
        statement.execute("CREATE TABLE t AS SELECT * FROM " + table);
    }

    /** Every row is looked at before a type is chosen, as the profile does. */
    static Oracle ofCsv(Path file) throws SQLException {
        return new Oracle("read_csv(" + quoted(file) + ", header = true, " + CSV + ")");
    }

    /** A file without a header, whose columns are numbered from 0. */
    static Oracle ofCsv(Path file, int columns) throws SQLException {
        String names =
                IntStream.range(0, columns).mapToObj(i -> "'column" + i + "'").collect(Collectors.joining(", "));
        return new Oracle("read_csv(" + quoted(file) + ", header = false, names = [" + names + "], " + CSV + ")");
    }

    static Oracle ofJsonLines(Path file) throws SQLException {
        return new Oracle("read_json(" + quoted(file) + ", format = 'newline_delimited', sample_size = -1)");
    }

    static Oracle ofParquet(Path file) throws SQLException {
        return new Oracle("read_parquet(" + quoted(file) + ")");
    }

    /** A table made by a query. */
    static Oracle ofQuery(String select) throws SQLException {
        return new Oracle("(" + select + ")");
    }

    private static String quoted(Path file) {
        return "'" + file.toString().replace("'", "''") + "'";
    }

    private static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    void copyTo(Path file, String options) throws SQLException {
        statement.execute("COPY t TO " + quoted(file) + " (" + options + ")");
    }

    long rows() throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT count(*) FROM t")) {
            result.next();
            return result.getLong(1);
        }
    }

    List<Answer> answers() throws SQLException {
        var names = new ArrayList<String>();
        var types = new ArrayList<String>();
        try (ResultSet columns = statement.executeQuery("DESCRIBE t")) {
            while (columns.next()) {
                names.add(columns.getString(1));
                types.add(columns.getString(2));
            }
        }
        var answers = new ArrayList<Answer>();
        for (int from = 0; from < names.size(); from += COLUMNS_A_QUERY) {
            int to = Math.min(names.size(), from + COLUMNS_A_QUERY);
            answers.addAll(answers(names.subList(from, to), types.subList(from, to)));
        }
        return answers;
    }

    private List<Answer> answers(List<String> names, List<String> types) throws SQLException {
        var select = new ArrayList<String>();
        for (int i = 0; i < names.size(); i++) {
            String column = identifier(names.get(i));
            Answer shape = new Answer("", types.get(i), 0, 0, 0, null, null, null, null, 0);
            String finite = shape.isFloating() ? " FILTER (NOT isnan(" + column + "))" : "";
            select.add("count(" + column + ")");
            select.add("count(*) - count(" + column + ")");
            select.add(shape.isFloating() ? "count(*) FILTER (isnan(" + column + "))" : "0");
            String wide = shape.isFloating() ? "CAST(" + column + " AS DOUBLE)" : column;
            select.add("CAST(min(" + wide + ")" + finite + " AS VARCHAR)");
            select.add("CAST(max(" + wide + ")" + finite + " AS VARCHAR)");
            // favg adds with Kahan's compensation; avg of integers is exact
            select.add(
                    shape.isFloating()
                            ? "favg(CAST(" + column + " AS DOUBLE))" + finite
                            : shape.isNumber() ? "avg(" + column + ")" : "NULL");
            select.add("count(DISTINCT " + column + ")" + finite);
        }
        var answers = new ArrayList<Answer>();
        try (ResultSet row = statement.executeQuery("SELECT " + String.join(", ", select) + " FROM t")) {
            row.next();
            for (int i = 0; i < names.size(); i++) {
                int at = 7 * i;
                answers.add(new Answer(
                        names.get(i),
                        types.get(i),
                        row.getLong(at + 1),
                        row.getLong(at + 2),
                        row.getLong(at + 3),
                        row.getString(at + 4),
                        row.getString(at + 5),
                        number(row, at + 6),
                        null,
                        row.getLong(at + 7)));
            }
        }
        return withDeviation(answers);
    }

    /**
     * DuckDB's running deviation loses digits where the mean is large, and other ones with every run of its threads: 0.99388281053 and
     * 0.99388282751 for the same 5,000 values around 1e9. Less its mean, a column has the same deviation and all its digits.
     */
    private List<Answer> withDeviation(List<Answer> answers) throws SQLException {
        String select = answers.stream()
                .map(answer -> {
                    String column = identifier(answer.name());
                    String finite = answer.isFloating() ? " FILTER (NOT isnan(" + column + "))" : "";
                    return answer.mean() == null
                            ? "NULL"
                            : "stddev_samp(CAST(" + column + " AS DOUBLE) - CAST(" + answer.mean() + " AS DOUBLE))"
                                    + finite;
                })
                .collect(Collectors.joining(", "));
        var complete = new ArrayList<Answer>();
        try (ResultSet row = statement.executeQuery("SELECT " + select + " FROM t")) {
            row.next();
            for (int i = 0; i < answers.size(); i++) {
                complete.add(answers.get(i).withDeviation(number(row, i + 1)));
            }
        }
        return complete;
    }

    private static @Nullable Double number(ResultSet row, int column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }

    /** Where each value lies among the values of its column. */
    List<Rank> ranks(List<Claim> claims) throws SQLException {
        var ranks = new ArrayList<Rank>();
        for (int from = 0; from < claims.size(); from += COLUMNS_A_QUERY) {
            List<Claim> some = claims.subList(from, Math.min(claims.size(), from + COLUMNS_A_QUERY));
            String select = some.stream().map(Oracle::shares).collect(Collectors.joining(", "));
            try (ResultSet row = statement.executeQuery("SELECT " + select + " FROM t")) {
                row.next();
                for (int i = 0; i < some.size(); i++) {
                    ranks.add(new Rank(row.getDouble(2 * i + 1), row.getDouble(2 * i + 2)));
                }
            }
        }
        return ranks;
    }

    private static String shares(Claim claim) {
        String name = identifier(claim.column().name());
        String present = claim.column().isFloating() ? " FILTER (NOT isnan(" + name + "))" : "";
        String value = "CAST('" + claim.value() + "' AS "
                + (claim.column().isNumber() ? "DOUBLE" : claim.column().type()) + ")";
        return "avg(CAST(%s < %s AS INT))%s, avg(CAST(%s <= %s AS INT))%s"
                .formatted(name, value, present, name, value, present);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
