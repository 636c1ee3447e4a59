package dev.tidemill.operator;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Prints, when all is done, every promise that this run did not show, and why. */
public final class NotShown implements TestExecutionListener {

    private final Map<String, String> promises = new ConcurrentSkipListMap<>();
    private @Nullable TestPlan plan;

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        plan = started;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        add(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == Status.ABORTED) {
            add(test, result.getThrowable().map(Throwable::getMessage).orElse("aborted"));
        }
    }

    /** A class that is skipped keeps its promises to itself; they are told one by one. */
    private void add(TestIdentifier test, String reason) {
        var children = plan == null ? Set.<TestIdentifier>of() : plan.getChildren(test);
        if (children.isEmpty()) {
            promises.put(test.getDisplayName(), reason);
        }
        children.forEach(child -> add(child, reason));
    }

    @Override
    public void testPlanExecutionFinished(TestPlan finished) {
        if (!promises.isEmpty()) {
            var table = new StringBuilder("Not shown by this run:\n");
            promises.forEach((promise, reason) -> table.append("  %s%n      %s%n".formatted(promise, reason)));
            System.out.print(table);
        }
    }
}
