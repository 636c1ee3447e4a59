package dev.tidemill.local;

import dev.tidemill.local.process.FunctionProcess.StartFailedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Processes that come up side by side. */
final class Starts {

    private final List<Thread> threads = new ArrayList<>();
    private volatile @Nullable StartFailedException failed;

    /** What returns when its process answers. */
    interface Start {
        void run() throws InterruptedException;
    }

    void begin(Start start) {
        threads.add(Thread.startVirtualThread(() -> {
            try {
                start.run();
            } catch (StartFailedException e) {
                failed = e;
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /**
     * Waits for all of them.
     *
     * @throws StartFailedException if one did not come up that nobody else answers for
     */
    void await() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        if (failed != null) {
            throw failed;
        }
    }
}
