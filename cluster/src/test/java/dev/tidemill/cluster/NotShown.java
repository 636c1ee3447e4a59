package dev.tidemill.cluster;

import java.util.Map;
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
        if (test.isTest()) {
            promises.put(test.getDisplayName(), reason);
        } else if (plan != null) {
            plan.getDescendants(test).stream()
                    .filter(TestIdentifier::isTest)
                    .forEach(each -> promises.put(each.getDisplayName(), reason));
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == Status.ABORTED) {
            executionSkipped(
                    test, result.getThrowable().map(Throwable::getMessage).orElse("aborted"));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan finished) {
        if (!promises.isEmpty()) {
            var table = new StringBuilder("Not shown by this run:\n");
            promises.forEach((promise, reason) -> table.append("  %-80s %s%n".formatted(promise, reason)));
            System.out.print(table);
        }
    }
}
