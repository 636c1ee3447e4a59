package dev.tidemill.local;

import dev.tidemill.api.CompareData;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DriftData;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.local.display.Display;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Models of a run and what is seen of each; a change is written down at once. Safe for concurrent use. */
final class Models {

    private final ResourceBook book;
    private final Display display;
    private final Map<Graph.Id, SeenModel> seen = new LinkedHashMap<>();
    private final Map<Graph.Id, ModelStatus> statuses = new LinkedHashMap<>();
    private final Map<Graph.Id, String> refused = new HashMap<>();

    Models(ResourceBook book, Display display) {
        this.book = book;
        this.display = display;
    }

    /** Takes one in that is in the book. */
    synchronized void declare(Model model) {
        Graph.Id id = ResourceBook.id(model);
        SeenModel known = seen.get(id);
        write(id, known == null ? SeenModel.declared(model) : known.as(model));
    }

    synchronized Map<Graph.Id, Model> declared() {
        Map<Graph.Id, Model> declared = new LinkedHashMap<>();
        seen.forEach((id, sight) -> declared.put(id, sight.model()));
        return declared;
    }

    /** As they were written down last, in the order of declaration. */
    synchronized Map<Graph.Id, ModelStatus> statuses() {
        return new LinkedHashMap<>(statuses);
    }

    synchronized void serves(Graph.Id id, String url, String version) {
        refused.remove(id);
        change(id, sight -> sight.serves(url, version));
    }

    /** It cannot be brought up; nobody can call it, unless an earlier version answers. */
    synchronized void fails(Graph.Id id, String why) {
        SeenModel sight = seen.get(id);
        if (sight == null || sight.url() == null) {
            refused.put(id, why);
        }
        change(id, known -> known.fails(why));
    }

    /** Nothing is against it any more. */
    synchronized void allow(Graph.Id id) {
        refused.remove(id);
    }

    /** What is against it, or null. */
    synchronized @Nullable String refused(Graph.Id id) {
        SeenModel sight = seen.get(id);
        return refused.containsKey(id) || sight == null ? refused.get(id) : sight.untrained();
    }

    /** Those that nobody can call, and why. */
    synchronized Map<String, String> refused() {
        Map<String, String> reasons = new TreeMap<>();
        Stream.concat(refused.keySet().stream(), seen.keySet().stream())
                .distinct()
                .forEach(id -> {
                    String why = refused(id);
                    if (why != null) {
                        reasons.put(id.name(), why);
                    }
                });
        return reasons;
    }

    void learned(Graph.Id id, SeenModel.Learned learned) {
        change(id, sight -> sight.learned(learned));
    }

    void compared(Graph.Id id, CompareData asked, DriftData found) {
        change(id, sight -> sight.compared(Drift.condition(found), ModelStatus.Drift.of(asked, found)));
    }

    void notCompared(Graph.Id id, String why) {
        change(id, sight -> sight.compared(Verdict.unknown(Drift.DRIFTED, "NotCompared", why), sight.drift()));
    }

    /** No server answers any more. */
    synchronized void end() {
        seen.replaceAll((id, sight) -> sight.ended());
        seen.forEach(this::write);
    }

    private synchronized void change(Graph.Id id, UnaryOperator<SeenModel> to) {
        SeenModel known = seen.get(id);
        if (known != null) {
            write(id, to.apply(known));
        }
    }

    private void write(Graph.Id id, SeenModel sight) {
        seen.put(id, sight);
        ModelStatus status = book.update(sight.model(), before -> sight.status(before, Clock.systemUTC()));
        if (!status.equals(statuses.put(id, status))) {
            display.model(id.name(), status);
        }
    }
}
