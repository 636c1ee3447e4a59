package dev.tidemill.dataflow;

import dev.tidemill.api.EventExtensions;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.FailedData;
import dev.tidemill.api.FailureData;
import dev.tidemill.api.Json;
import dev.tidemill.api.MaterializedData;
import dev.tidemill.dataflow.SliceReply.State;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the world has yet to be told: every revision and every failure, those of one Dataset in their order, each repeated until it is
 * accepted. The driver's thread alone touches it.
 */
final class Announcements {

    /** Kept of one Dataset while its broker is away; then the oldest is dropped, which the newer ones outdate. */
    static final int MOST = 32;

    /** After so many refusals nobody waits for a broker any more, though it is asked on. */
    private static final int STALLED = 3;

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    private final Map<Graph.Id, Line> lines = new LinkedHashMap<>();

    /** One event, to be sent now. */
    record Announcement(Graph.Id id, FunctionClient.Event event) {}

    /** What is to be told of one Dataset. */
    private static final class Line {
        private final Deque<FunctionClient.Event> waiting = new ArrayDeque<>();
        private long revision;
        private @Nullable String failure;
        private boolean underWay;
        private int refusals;
        private Instant due = Instant.MIN;

        void add(FunctionClient.Event event) {
            waiting.addLast(event);
            if (waiting.size() > MOST) {
                FunctionClient.Event first = waiting.removeFirst();
                if (underWay) {
                    waiting.removeFirst();
                    waiting.addFirst(first);
                }
            }
        }
    }

    /** Takes in how a slice ended; returns whether that is a revision that nobody knows yet. */
    boolean add(Graph.Id id, DatasetRef dataset, Trace trace, SliceReply reply) {
        Line line = lines.computeIfAbsent(id, _ -> new Line());
        boolean isNew = reply.revision() > line.revision;
        if (isNew) {
            line.revision = reply.revision();
            line.add(materialized(dataset, trace, reply));
        }
        if (reply.state() == State.FAILED || reply.state() == State.HELD) {
            FunctionClient.Event event = failed(dataset, trace, reply);
            if (!event.id().equals(line.failure)) {
                line.failure = event.id();
                line.add(event);
            }
        } else if (reply.state() == State.DONE || reply.state() == State.DEGRADED) {
            line.failure = null;
        }
        return isNew;
    }

    void forget(Graph.Id id) {
        lines.remove(id);
    }

    /** The first of each Dataset whose time has come; each is under way until it is accepted or refused. */
    List<Announcement> takeDue(Instant now) {
        List<Announcement> due = new ArrayList<>();
        lines.forEach((id, line) -> {
            if (!line.underWay && !line.waiting.isEmpty() && !line.due.isAfter(now)) {
                line.underWay = true;
                due.add(new Announcement(id, line.waiting.getFirst()));
            }
        });
        return due;
    }

    void accepted(Announcement announcement) {
        Line line = lines.get(announcement.id);
        if (line != null && line.waiting.remove(announcement.event)) {
            line.underWay = false;
            line.refusals = 0;
            line.due = Instant.MIN;
        }
    }

    void refused(Announcement announcement, Instant now, RandomGenerator random) {
        Line line = lines.get(announcement.id);
        if (line != null && line.waiting.contains(announcement.event)) {
            line.underWay = false;
            line.refusals++;
            line.due = now.plus(BACKOFF.pause(line.refusals, random));
        }
    }

    /** Whether nothing is left to tell but to brokers that refuse again and again. */
    boolean areSettled() {
        return lines.values().stream().allMatch(line -> line.waiting.isEmpty() || line.refusals >= STALLED);
    }

    Instant nextMoment() {
        return lines.values().stream()
                .filter(line -> !line.underWay && !line.waiting.isEmpty())
                .map(line -> line.due)
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
    }

    private static FunctionClient.Event materialized(DatasetRef dataset, Trace trace, SliceReply reply) {
        var data = new MaterializedData(
                dataset.namespace(),
                dataset.name(),
                reply.revision(),
                reply.objects(),
                reply.bytes(),
                reply.rows(),
                reply.manifest(),
                reply.result());
        return event(EventTypes.DATASET_MATERIALIZED, dataset, trace, Long.toString(reply.revision()), data);
    }

    /** A failure that each resync meets again is the same event until what is wrong, the spec, or the revision is another one. */
    private static FunctionClient.Event failed(DatasetRef dataset, Trace trace, SliceReply reply) {
        var data = new FailedData(
                dataset.namespace(),
                dataset.name(),
                reply.revision(),
                reply.reason(),
                reply.message(),
                reply.failures().stream().map(Announcements::failure).toList());
        String what = dataset.generation() + "\n" + new String(Json.bytes(data), StandardCharsets.UTF_8);
        return event(EventTypes.DATASET_FAILED, dataset, trace, what, data);
    }

    private static FailureData failure(Failure failure) {
        return new FailureData(
                failure.reason(),
                failure.message(),
                failure.object(),
                failure.line() < 0 ? null : failure.line(),
                failure.byteOffset() < 0 ? null : failure.byteOffset());
    }

    private static FunctionClient.Event event(String type, DatasetRef dataset, Trace trace, String what, Object data) {
        String source = EventTypes.datasetSource(dataset.namespace(), dataset.name());
        String id = digest(source + "\n" + dataset.uid() + "\n" + what);
        return new FunctionClient.Event(
                id,
                source,
                type,
                dataset.name(),
                "application/json",
                Map.of(EventExtensions.PARTITION_KEY, source, EventExtensions.TRACE_PARENT, trace.parent(id)),
                Json.bytes(data));
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
