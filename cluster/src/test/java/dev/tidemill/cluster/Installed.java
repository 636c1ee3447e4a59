package dev.tidemill.cluster;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestWatcher;

/** Skips the class where there is no cluster; hands the one {@link Installation} to whoever asks for it; it is taken away when all classes are done. */
final class Installed implements ExecutionCondition, ParameterResolver, TestWatcher {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return Cluster.missing()
                .map(ConditionEvaluationResult::disabled)
                .orElse(ConditionEvaluationResult.enabled("there is a cluster"));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Installation.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return store(context).computeIfAbsent(Installation.class, ignored -> install(), Installation.class);
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        var installation = store(context).get(Installation.class, Installation.class);
        if (installation != null) {
            System.out.println(context.getDisplayName() + ": the cluster then\n"
                    + installation.cluster().describe());
        }
    }

    private static ExtensionContext.Store store(ExtensionContext context) {
        return context.getRoot().getStore(Namespace.create(Installed.class));
    }

    private static Installation install() {
        try {
            var cluster = Cluster.find();
            try {
                return new Installation(cluster);
            } catch (Throwable e) {
                System.out.println(cluster.describe());
                cluster.close();
                throw e;
            }
        } catch (Exception e) {
            throw new AssertionError("not installed: " + e.getMessage(), e);
        }
    }
}
