package dev.tidemill.api;

import dev.tidemill.api.Condition.Status;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Derives conditions from verdicts: {@code Ready} is computed, never set by hand.
 *
 * <pre>{@code
 * var conditions = Conditions.of(clock, generation, status.conditions())
 *         .requires(Verdict.yes("Committed", "Granted"))
 *         .requires(Verdict.no("ParentReady", "ParentMissing", "dataset raw does not exist: create it"))
 *         .notes(Verdict.yes("Progressing", "Dispatching"))
 *         .derive();
 * }</pre>
 *
 * {@code Ready} is True when every required verdict is; else it takes status, reason and message of the first that is False, or, with
 * none False, of the first that is Unknown. While something holds that was {@link #keeps kept} from an earlier generation, a {@code
 * Ready} that is True says that generation: who waits for the newer one, as {@code kubectl wait} does, goes on waiting. A condition whose status stays keeps its transition time, and one that does not change at
 * all is the same value, so that nothing is written.
 */
public final class Conditions {

    /** How long a message may be, in UTF-8 bytes; with {@link #MOST} of them a status stays small. */
    static final int MESSAGE_BYTES = 512;

    static final int MOST = 8;

    /** The same of Functions and Models, which have more of them and no columns. */
    static final int MOST_SERVED = 10;

    private final Clock clock;
    private final @Nullable Long generation;
    private final Map<String, Condition> before = new LinkedHashMap<>();
    private final List<Verdict> required = new ArrayList<>();
    private final List<Verdict> noted = new ArrayList<>();
    private final Set<String> kept = new HashSet<>();

    private Conditions(Clock clock, @Nullable Long generation, List<Condition> before) {
        this.clock = clock;
        this.generation = generation;
        before.forEach(condition -> this.before.put(condition.type(), condition));
    }

    /**
     * Begins with what was observed before.
     *
     * @param generation of the spec that is observed now
     */
    public static Conditions of(Clock clock, @Nullable Long generation, List<Condition> before) {
        return new Conditions(clock, generation, before);
    }

    /** Adds a verdict without which there is no {@code Ready}. */
    public Conditions requires(Verdict verdict) {
        required.add(verdict);
        return this;
    }

    /** The same of what holds as it was observed last, perhaps of an earlier generation: the present one is not there yet. */
    public Conditions keeps(Verdict verdict) {
        kept.add(verdict.type());
        return requires(verdict);
    }

    /** Adds a verdict that leaves {@code Ready} alone, such as {@code Progressing} or {@code Degraded}. */
    public Conditions notes(Verdict verdict) {
        noted.add(verdict);
        return this;
    }

    /** All conditions, {@code Ready} first. */
    public List<Condition> derive() {
        var observed = required.stream().map(this::observe).toList();
        var oldest = observed.stream()
                .map(Condition::observedGeneration)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(generation);
        var ready = ready();
        var all = new ArrayList<Condition>();
        all.add(observe(ready, ready.status() == Status.True ? oldest : generation));
        all.addAll(observed);
        noted.stream().map(this::observe).forEach(all::add);
        return List.copyOf(all);
    }

    private Verdict ready() {
        var worst = first(Status.False);
        if (worst == null) {
            worst = first(Status.Unknown);
        }
        if (worst == null) {
            var reason = required.isEmpty() ? "Ready" : required.getLast().reason();
            return Verdict.yes(Condition.READY, reason);
        }
        return new Verdict(Condition.READY, worst.status(), worst.reason(), worst.message());
    }

    private @Nullable Verdict first(Status status) {
        for (var verdict : required) {
            if (verdict.status() == status) {
                return verdict;
            }
        }
        return null;
    }

    private Condition observe(Verdict verdict) {
        var old = before.get(verdict.type());
        return observe(
                verdict,
                kept.contains(verdict.type()) && old != null && old.status() == verdict.status()
                        ? old.observedGeneration()
                        : generation);
    }

    private Condition observe(Verdict verdict, @Nullable Long of) {
        var now = Instant.now(clock);
        var fresh = new Condition(
                verdict.type(),
                verdict.status(),
                of,
                now,
                verdict.reason(),
                Text.cut(verdict.message(), MESSAGE_BYTES));
        var old = before.get(verdict.type());
        if (old == null || old.status() != fresh.status()) {
            return fresh;
        }
        return old.sameAs(fresh)
                ? old
                : new Condition(
                        fresh.type(),
                        fresh.status(),
                        fresh.observedGeneration(),
                        old.lastTransitionTime(),
                        fresh.reason(),
                        fresh.message());
    }

    /** Conditions small enough for any status: the first {@value #MOST}, each message cut to {@value #MESSAGE_BYTES} bytes. */
    static List<Condition> trim(@Nullable List<Condition> conditions) {
        return trim(conditions, MOST);
    }

    /** The same of what is served, of which the first {@value #MOST_SERVED} are kept. */
    static List<Condition> trimServed(@Nullable List<Condition> conditions) {
        return trim(conditions, MOST_SERVED);
    }

    private static List<Condition> trim(@Nullable List<Condition> conditions, int most) {
        return Defaults.list(conditions).stream()
                .limit(most)
                .map(condition -> new Condition(
                        condition.type(),
                        condition.status(),
                        condition.observedGeneration(),
                        condition.lastTransitionTime(),
                        condition.reason(),
                        Text.cut(condition.message(), MESSAGE_BYTES)))
                .toList();
    }

    /**
     * One sub-verdict.
     *
     * @param type becomes the condition's type
     * @param reason one CamelCase word
     * @param message what to do about it; empty when all is well
     */
    public record Verdict(String type, Status status, String reason, String message) {

        public static Verdict yes(String type, String reason) {
            return new Verdict(type, Status.True, reason, "");
        }

        public static Verdict no(String type, String reason, String message) {
            return new Verdict(type, Status.False, reason, message);
        }

        public static Verdict unknown(String type, String reason, String message) {
            return new Verdict(type, Status.Unknown, reason, message);
        }
    }
}
