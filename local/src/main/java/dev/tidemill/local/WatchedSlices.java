package dev.tidemill.local;

import dev.tidemill.dataflow.DatasetRef;
import dev.tidemill.dataflow.FunctionTarget;
import dev.tidemill.dataflow.SliceReply;
import dev.tidemill.dataflow.SliceRequest;
import dev.tidemill.dataflow.Slices;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Slices on a machine whose processes we own. A materializer whose process has ended cannot still be at work, so that nobody waits
 * for its lease; and a function that did not come back from a call is ended and started anew, as a cluster would do.
 */
final class WatchedSlices implements Slices {

    private static final String TIMED_OUT = "FunctionTimedOut";

    private final Slices slices;
    private final Functions functions;
    private final Set<DatasetRef> orphaned = ConcurrentHashMap.newKeySet();

    WatchedSlices(Slices slices, Functions functions) {
        this.slices = slices;
        this.functions = functions;
    }

    @Override
    public Outcome send(SliceRequest request, Duration patience) throws InterruptedException {
        int endings = functions.materializerEndings();
        boolean orphan = orphaned.remove(request.task().dataset());
        Outcome outcome = slices.send(orphan ? request.takingOver() : request, patience);
        switch (outcome) {
            case Outcome.Replied(SliceReply reply) -> {
                restartWhatHangs(request, reply);
                if (reply.state() == SliceReply.State.BUSY) {
                    return new Outcome.Replied(askAgainSoon(reply));
                }
            }
            case Outcome.NotStarted _ -> {
                if (orphan) {
                    orphaned.add(request.task().dataset());
                }
            }
            case Outcome.Lost(String message) -> {
                if (hasEnded(endings)) {
                    orphaned.add(request.task().dataset());
                    return new Outcome.NotStarted(message);
                }
            }
        }
        return outcome;
    }

    /**
     * Another command works on the Dataset. Its lease may go on for minutes, and it gives it back as soon as it is done: asking
     * costs one small request here.
     */
    private static SliceReply askAgainSoon(SliceReply busy) {
        return new SliceReply(
                busy.state(),
                busy.reason(),
                busy.message(),
                busy.items(),
                busy.objects(),
                busy.bytes(),
                busy.rows(),
                busy.revision(),
                busy.profileRevision(),
                busy.manifest(),
                busy.columns(),
                busy.profile(),
                busy.result(),
                busy.failures(),
                null);
    }

    /** A connection breaks a moment before the process is seen to have ended. */
    private boolean hasEnded(int endings) throws InterruptedException {
        for (int i = 0; i < 20 && functions.materializerEndings() == endings; i++) {
            Thread.sleep(50);
        }
        return functions.materializerEndings() > endings;
    }

    private void restartWhatHangs(SliceRequest request, SliceReply reply) {
        if (reply.failures().stream().anyMatch(failure -> failure.reason().equals(TIMED_OUT))) {
            Stream.of(
                            request.task().function(),
                            request.task().combine(),
                            request.task().profiler())
                    .filter(target -> target != null)
                    .map(FunctionTarget::url)
                    .distinct()
                    .forEach(functions::restart);
        }
    }
}
