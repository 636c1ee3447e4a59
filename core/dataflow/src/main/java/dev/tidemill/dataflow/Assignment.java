package dev.tidemill.dataflow;

import dev.tidemill.api.DatasetStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One Dataset as the {@link Driver} is told of it: everything that its owner resolved from the resources.
 *
 * @param task what its slices are to do
 * @param caps of each function that the slice calls; none for a source that is not profiled
 * @param atMost the Dataset's own {@code maxConcurrency}, which narrows the caps, or null
 * @param node what it reads and writes
 * @param suspended whether to start no work
 * @param before the status that was written last, or null; it carries transition times over a restart
 */
public record Assignment(
        Task task,
        List<Cap> caps,
        @Nullable Integer atMost,
        Graph.Node node,
        boolean suspended,
        @Nullable DatasetStatus before) {

    public Assignment {
        caps = List.copyOf(caps);
    }

    /** The same, to be kept for long: ten thousand of them would keep ten thousand statuses that are outdated soon. */
    public Assignment withoutStatus() {
        return new Assignment(task, caps, atMost, node, suspended, null);
    }

    Graph.Id id() {
        return node.id();
    }

    /** Whether a change from the other makes a new run necessary. */
    boolean asksForTheSameAs(Assignment other) {
        return task.equals(other.task) && suspended == other.suspended;
    }

    /**
     * A function's cap.
     *
     * @param function what all callers of the function have in common, such as {@code namespace/name}
     * @param atMost calls in flight at once: {@code Function.maxConcurrency}
     */
    public record Cap(String function, int atMost) {
        public Cap {
            if (atMost < 1) {
                throw new IllegalArgumentException("the cap of " + function + " is one call or more, not " + atMost);
            }
        }
    }
}
