package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.batch.Batcher;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What has been inferred, at {@code /metrics} in Prometheus' text format 0.0.4. */
@Singleton
final class Meter {

    /** Upper bounds of the histogram in seconds: a small model on a CPU to a large one that waits. */
    private static final double[] BOUNDS = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
    };

    private final Serving serving;
    private final Intake intake;
    private final Map<String, LongAdder> answers = new ConcurrentSkipListMap<>();
    private final LongAdder[] within = new LongAdder[BOUNDS.length + 1];
    private final LongAdder nanos = new LongAdder();

    Meter(Serving serving, Intake intake) {
        this.serving = serving;
        this.intake = intake;
        Arrays.setAll(within, _ -> new LongAdder());
    }

    void register(@Observes Router router) {
        router.route(HttpMethod.GET, "/metrics")
                .order(0)
                .handler(route -> route.response()
                        .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(text()));
    }

    /**
     * Counts an answered inference.
     *
     * @param status in HTTP's numbers, whichever the transport
     */
    void answered(Transport transport, int status, long sinceNanos) {
        String labels =
                "transport=\"%s\",status=\"%d\"".formatted(transport.name().toLowerCase(Locale.ROOT), status);
        answers.computeIfAbsent(labels, _ -> new LongAdder()).increment();
        long took = System.nanoTime() - sinceNanos;
        nanos.add(took);
        int bucket = 0;
        while (bucket < BOUNDS.length && took > BOUNDS[bucket] * 1e9) {
            bucket++;
        }
        within[bucket].increment();
    }

    /** The way that a request came by. */
    enum Transport {
        REST,
        GRPC
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        head(text, "tidemill_model_requests_total", "counter", "Inferences answered, by transport and HTTP status.");
        answers.forEach((labels, count) -> line(text, "tidemill_model_requests_total{" + labels + "}", count.sum()));
        head(text, "tidemill_model_request_seconds", "histogram", "From the whole request to its answer.");
        long cumulated = 0;
        for (int i = 0; i <= BOUNDS.length; i++) {
            cumulated += within[i].sum();
            String bound = i == BOUNDS.length ? "+Inf" : Double.toString(BOUNDS[i]);
            line(text, "tidemill_model_request_seconds_bucket{le=\"" + bound + "\"}", cumulated);
        }
        line(text, "tidemill_model_request_seconds_sum", nanos.sum() / 1e9);
        line(text, "tidemill_model_request_seconds_count", cumulated);
        head(text, "tidemill_model_held_bytes", "gauge", "Memory of the requests in flight.");
        line(text, "tidemill_model_held_bytes", intake.taken());
        head(text, "tidemill_model_ready", "gauge", "Whether the model is loaded and computes.");
        line(text, "tidemill_model_ready", serving.live() && serving.ready().isPresent() ? 1 : 0);
        serving.ready().ifPresent(model -> {
            Batcher.Counts counts = model.counts();
            head(text, "tidemill_model_batches_total", "counter", "Runs of the graph.");
            line(text, "tidemill_model_batches_total", counts.batches());
            head(text, "tidemill_model_rows_total", "counter", "Rows that the graph was run on.");
            line(text, "tidemill_model_rows_total", counts.rows());
            head(text, "tidemill_model_graph_seconds_total", "counter", "Time that the graph has run.");
            line(text, "tidemill_model_graph_seconds_total", counts.nanos() / (double) TimeUnit.SECONDS.toNanos(1));
            head(text, "tidemill_model_waiting_requests", "gauge", "Requests that wait for a run.");
            line(text, "tidemill_model_waiting_requests", counts.waiting());
        });
        return text.toString();
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
    }

    private static void line(StringBuilder text, String name, Number value) {
        text.append(name).append(' ').append(value).append('\n');
    }
}
