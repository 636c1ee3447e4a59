package dev.tidemill.profile.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.oracle.Oracle.Answer;
import dev.tidemill.profile.oracle.Oracle.Claim;
import dev.tidemill.profile.oracle.Oracle.Rank;
import java.math.BigInteger;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;

/**
 * What a profile owes its reader: counts, nulls, NaN, minimum and maximum exactly; mean and standard deviation to 1e-9; quantiles
 * within 1 % of the ranks; distinct values within 3 %.
 */
final class Agreement {

    private static final double RELATIVE = 1e-9;
    private static final double RANK = 0.01;
    private static final double DISTINCT = 0.03;

    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .appendPattern("yyyy-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter(Locale.ROOT);

    private Agreement() {}

    /** Compares all columns and returns how many were compared. */
    static int check(Profile profile, Oracle oracle) throws SQLException {
        List<Answer> answers = oracle.answers();
        List<ColumnProfile> columns = profile.columns();
        assertThat(profile.rows()).isEqualTo(oracle.rows());
        assertThat(columns)
                .extracting(ColumnProfile::name)
                .isEqualTo(answers.stream().map(Answer::name).toList());

        var soft = new SoftAssertions();
        var claims = new ArrayList<Claim>();
        for (int i = 0; i < answers.size(); i++) {
            ColumnProfile column = columns.get(i);
            compare(column, answers.get(i), soft);
            claims.addAll(claims(column, answers.get(i)));
        }
        List<Rank> ranks = oracle.ranks(claims);
        for (int i = 0; i < claims.size(); i++) {
            Claim claim = claims.get(i);
            Rank rank = ranks.get(i);
            soft.assertThat(rank.below() <= claim.quantile() + RANK && rank.notAbove() >= claim.quantile() - RANK)
                    .as(
                            "%s: %s as quantile %s, whose ranks are %s",
                            claim.column().name(), claim.value(), claim.quantile(), rank)
                    .isTrue();
        }
        soft.assertAll();
        return answers.size();
    }

    private static void compare(ColumnProfile column, Answer answer, SoftAssertions soft) {
        String name = column.name() + " (" + answer.type() + ") ";
        soft.assertThat(column.type()).as(name + "type").isEqualTo(type(answer));
        soft.assertThat(column.count()).as(name + "count").isEqualTo(answer.count());
        soft.assertThat(column.nulls()).as(name + "nulls").isEqualTo(answer.nulls());
        soft.assertThat(column.nan()).as(name + "nan").isEqualTo(answer.nan());
        soft.assertThat(text(column.min())).as(name + "min").isEqualTo(bound(answer, answer.min()));
        soft.assertThat(text(column.max())).as(name + "max").isEqualTo(bound(answer, answer.max()));
        close(column.mean(), answer.mean(), name + "mean", soft);
        close(column.stddev(), answer.stddev(), name + "stddev", soft);
        soft.assertThat((double) column.distinct())
                .as(name + "distinct")
                .isCloseTo(answer.distinct(), within(DISTINCT * answer.distinct()));
    }

    private static void close(@Nullable Double ours, @Nullable Double theirs, String name, SoftAssertions soft) {
        if (ours == null || theirs == null) {
            soft.assertThat(ours).as(name).isEqualTo(theirs);
        } else {
            soft.assertThat(ours).as(name).isCloseTo(theirs, within(RELATIVE * Math.abs(theirs)));
        }
    }

    private static List<Claim> claims(ColumnProfile column, Answer answer) {
        if (column.p25() == null) {
            return List.of();
        }
        return Stream.of(
                        new Claim(answer, 0.25, String.valueOf(text(column.p25()))),
                        new Claim(answer, 0.5, String.valueOf(text(column.p50()))),
                        new Claim(answer, 0.75, String.valueOf(text(column.p75()))))
                .toList();
    }

    private static ColumnType type(Answer answer) {
        if (answer.count() == 0) {
            return ColumnType.NULL;
        }
        return switch (answer.type()) {
            case "BOOLEAN" -> ColumnType.BOOLEAN;
            case "DATE" -> ColumnType.DATE;
            case "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE" -> ColumnType.TIMESTAMP;
            case "DOUBLE", "FLOAT" -> ColumnType.DOUBLE;
            // DuckDB's JSON reader calls every whole number HUGEINT
            case "HUGEINT" -> isLong(answer.min()) && isLong(answer.max()) ? ColumnType.INT64 : ColumnType.DOUBLE;
            default ->
                answer.type().startsWith("DECIMAL")
                        ? ColumnType.DOUBLE
                        : answer.isNumber() ? ColumnType.INT64 : ColumnType.STRING;
        };
    }

    private static boolean isLong(@Nullable String value) {
        return value != null && new BigInteger(value).bitLength() < Long.SIZE;
    }

    /** As {@link #text} prints it: doubles the way Java does, which is the shortest text that reads as the same number. */
    private static @Nullable String bound(Answer answer, @Nullable String value) {
        return value != null && type(answer) == ColumnType.DOUBLE
                ? Double.toString(Double.parseDouble(
                        value.equals("inf") ? "Infinity" : value.equals("-inf") ? "-Infinity" : value))
                : value;
    }

    private static @Nullable String text(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case LocalDateTime moment -> TIMESTAMP.format(moment);
            default -> value.toString();
        };
    }
}
