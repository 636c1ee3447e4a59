package dev.tidemill.local;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Function;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.api.Resource;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.local.report.Cells;
import dev.tidemill.local.report.Grid;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Resources of one kind, one a line, with the columns that {@code kubectl get} shows. */
final class ResourceTable {

    private final boolean wide;
    private final List<String> head = new ArrayList<>();
    private final List<List<String>> lines = new ArrayList<>();

    private ResourceTable(boolean wide) {
        this.wide = wide;
    }

    /** @param wide with more columns */
    static String of(List<Resource> resources, boolean wide) {
        if (resources.isEmpty()) {
            return "nothing was run here yet\n";
        }
        ResourceTable table = new ResourceTable(wide);
        resources.forEach(table::add);
        return Grid.of(table.head, table.lines, table.head.size());
    }

    private void add(Resource resource) {
        Line line = new Line();
        line.cell("NAME", resource.metadata().name());
        switch (resource) {
            case Dataset dataset -> add(line, dataset.status());
            case Model model -> add(line, model);
            case Function function -> line.cell("RUNS", runs(function));
            case Resource _ -> {}
        }
        line.cell("AGE", age(resource));
        lines.add(line.cells);
    }

    /** Names its columns on the way, which are those of every other line. */
    private final class Line {
        private final List<String> cells = new ArrayList<>();

        void cell(String column, @Nullable Object value) {
            if (head.size() == cells.size()) {
                head.add(column);
            }
            cells.add(Objects.toString(value, ""));
        }

        void wideCell(String column, @Nullable Object value) {
            if (wide) {
                cell(column, value);
            }
        }

        void ready(@Nullable Condition ready) {
            cell("READY", ready == null ? "Unknown" : ready.status());
            cell("REASON", ready == null ? "" : ready.reason());
        }
    }

    private static void add(Line line, @Nullable DatasetStatus known) {
        DatasetStatus status = Objects.requireNonNullElseGet(
                known, () -> DatasetStatus.builder().build());
        line.ready(Condition.find(status.conditions(), Condition.READY));
        line.cell("OBJECTS", status.objects());
        line.wideCell("BYTES", status.bytes());
        line.cell("ROWS", status.rows());
        line.cell("REVISION", status.revision());
        line.wideCell("RESULT", status.result() == null ? status.resultObject() : status.result());
        line.wideCell("MANIFEST", status.manifest());
    }

    private static void add(Line line, Model model) {
        ModelStatus status = Objects.requireNonNullElse(model.status(), ModelStatus.EMPTY);
        line.ready(Condition.find(status.conditions(), Condition.READY));
        line.cell("FORMAT", model.spec().format());
        line.cell("ACTIVE", ModelSummary.shortVersion(status));
        line.cell("METRICS", metrics(status));
        Condition drifted = Condition.find(status.conditions(), Drift.DRIFTED);
        line.cell("DRIFTED", drifted == null ? "" : drifted.status());
        line.wideCell("URL", status.url());
    }

    private static String metrics(ModelStatus status) {
        ModelStatus.Made made =
                status.training() == null ? null : status.training().made();
        return made == null
                ? ""
                : made.metrics().stream()
                        .map(metric -> metric.name() + "=" + Cells.value(Double.valueOf(metric.value())))
                        .collect(Collectors.joining(","));
    }

    private static String runs(Function function) {
        if (function.spec().builtin() != null) {
            return "builtin " + function.spec().builtin();
        }
        String local = function.metadata().annotation(Metadata.LOCAL);
        return local == null ? Objects.toString(function.spec().image(), "") : local;
    }

    private static String age(Resource resource) {
        Instant created = resource.metadata().creationTimestamp();
        if (created == null) {
            return "";
        }
        Duration age = Duration.between(created, Instant.now());
        if (age.toDays() > 0) {
            return age.toDays() + "d";
        }
        return age.toHours() > 0
                ? age.toHours() + "h"
                : age.toMinutes() > 0 ? age.toMinutes() + "m" : age.toSeconds() + "s";
    }
}
