package dev.tidemill.operator;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Prints, when all is done, every promise that this run did not show, and why. */
public final class NotShown implements TestExecutionListener {

    private final Map<String, String> promises = new ConcurrentSkipListMap<>();

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        promises.put(test.getDisplayName(), reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == Status.ABORTED) {
            promises.put(
                    test.getDisplayName(),
                    result.getThrowable().map(Throwable::getMessage).orElse("aborted"));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (!promises.isEmpty()) {
            var table = new StringBuilder("Not shown by this run:\n");
            promises.forEach((promise, reason) -> table.append("  %-40s %s%n".formatted(promise, reason)));
            System.out.print(table);
        }
    }
}
