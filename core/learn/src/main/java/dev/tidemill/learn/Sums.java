package dev.tidemill.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What one round has found in some of the rows, and can be merged with what it has found in others. The sums that decide a result are
 * kept as two doubles each (Neumaier's compensation, and products split by fma), so that it makes no difference to it in how many shards
 * the rows lay.
 */
public final class Sums {

    private final double[] high;
    private final double[] low;
    private final double[] plain;
    private final SortedSet<String> classes = new TreeSet<>();
    private final int draws;
    private final List<Drawn> drawn = new ArrayList<>();
    private long rows;

    /** A row that was kept, and what for. */
    private record Drawn(double key, double[] row) {
        private static final Comparator<Drawn> ORDER =
                Comparator.comparingDouble(Drawn::key).thenComparing(Drawn::row, Arrays::compare);
    }

    /**
     * Nothing yet.
     *
     * @param exact sums that are compensated
     * @param plain sums that are not
     * @param draws how many rows are kept of those that are offered
     */
    Sums(int exact, int plain, int draws) {
        this(new double[exact], new double[exact], new double[plain], draws);
    }

    private Sums(double[] high, double[] low, double[] plain, int draws) {
        this.high = high;
        this.low = low;
        this.plain = plain;
        this.draws = draws;
    }

    public long rows() {
        return rows;
    }

    void countRow() {
        rows++;
    }

    void add(int i, double value) {
        double sum = high[i] + value;
        low[i] += Math.abs(high[i]) >= Math.abs(value) ? (high[i] - sum) + value : (value - sum) + high[i];
        high[i] = sum;
    }

    void addProduct(int i, double a, double b) {
        double product = a * b;
        add(i, product);
        low[i] += Math.fma(a, b, -product);
    }

    double value(int i) {
        return high[i] + low[i];
    }

    BigDecimal exact(int i) {
        return new BigDecimal(high[i]).add(new BigDecimal(low[i]));
    }

    /** The sums that are not compensated. */
    double[] plain() {
        return plain;
    }

    /** Distinct values of the target, and no more than one beyond those that could be classes. */
    Set<String> classes() {
        return classes;
    }

    void addClass(String name) {
        if (classes.size() <= Classes.MOST) {
            classes.add(name);
        }
    }

    /** Keeps the rows with the least keys of all that are offered. */
    void draw(double key, double[] row) {
        if (draws > 0 && (drawn.size() < draws || key <= drawn.getLast().key)) {
            draw(new Drawn(key, row.clone()));
        }
    }

    private void draw(Drawn offered) {
        int at = drawn.size();
        while (at > 0 && Drawn.ORDER.compare(offered, drawn.get(at - 1)) < 0) {
            at--;
        }
        drawn.add(at, offered);
        if (drawn.size() > draws) {
            drawn.removeLast();
        }
    }

    /** Those, by their keys. */
    List<double[]> drawn() {
        return drawn.stream().map(Drawn::row).toList();
    }

    /** Adds what was found in other rows by the same round. */
    public void merge(Sums other) {
        if (other.high.length != high.length || other.plain.length != plain.length || other.draws != draws) {
            throw new LearnException(
                    "BadRequest",
                    "parts of different rounds: %d and %d sums".formatted(high.length, other.high.length));
        }
        for (int i = 0; i < high.length; i++) {
            add(i, other.high[i]);
            low[i] += other.low[i];
        }
        for (int i = 0; i < plain.length; i++) {
            plain[i] += other.plain[i];
        }
        rows += other.rows;
        other.classes.forEach(this::addClass);
        other.drawn.forEach(this::draw);
    }

    /** {@code {"rows", "high", "low", "plain", "classes", "draws", "keys", "drawn"}}, numbers as their bytes in Base64. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("rows", rows);
        json.set("high", Doubles.toJson(high));
        json.set("low", Doubles.toJson(low));
        json.set("plain", Doubles.toJson(plain));
        if (!classes.isEmpty()) {
            classes.forEach(json.putArray("classes")::add);
        }
        if (draws > 0) {
            json.put("draws", draws);
            json.set(
                    "keys",
                    Doubles.toJson(drawn.stream().mapToDouble(Drawn::key).toArray()));
            drawn.forEach(kept -> json.withArray("drawn").add(Doubles.toJson(kept.row)));
        }
        return json;
    }

    public static Sums fromJson(JsonNode json) {
        Sums sums = new Sums(
                Doubles.fromJson(json.path("high")),
                Doubles.fromJson(json.path("low")),
                Doubles.fromJson(json.path("plain")),
                json.path("draws").asInt());
        sums.rows = json.path("rows").asLong();
        json.path("classes").forEach(name -> sums.addClass(name.asText()));
        double[] keys = Doubles.fromJson(json.path("keys"));
        for (int i = 0; i < keys.length; i++) {
            sums.draw(new Drawn(keys[i], Doubles.fromJson(json.path("drawn").path(i))));
        }
        return sums;
    }
}
