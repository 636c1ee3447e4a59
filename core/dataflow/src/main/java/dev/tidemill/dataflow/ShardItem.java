package dev.tidemill.dataflow;

import dev.tidemill.api.OutputTarget;
import dev.tidemill.dataflow.internal.shards.Shard;
import dev.tidemill.dataflow.internal.work.Note;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One shard on its way through the dispatcher. */
final class ShardItem implements WorkItem {

    private final StageRun stage;
    private final Shard shard;
    private final String partId;
    private final @Nullable Note before;
    private final Map<Integer, OutputTarget> outputs = new ConcurrentHashMap<>();

    ShardItem(StageRun stage, Shard shard, String partId, @Nullable Note before) {
        this.stage = stage;
        this.shard = shard;
        this.partId = partId;
        this.before = before;
    }

    Shard shard() {
        return shard;
    }

    /** What earlier slices or runs left. */
    @Nullable
    Note before() {
        return before;
    }

    /** Where this attempt's function may write, null where its reply is the value. */
    @Nullable
    OutputTarget output(int attempt) {
        return outputs.get(attempt);
    }

    @Override
    public String partId() {
        return partId;
    }

    @Override
    public int attemptsMade() {
        return before != null && before.kind() == Note.Kind.POSTPONED ? before.attempts() : 0;
    }

    @Override
    public int objects() {
        return shard.pieces().size();
    }

    @Override
    public boolean divisible() {
        return objects() > 1 && !stage.function().takesAllOrNothing();
    }

    @Override
    public FunctionClient.Event event(int attempt) {
        OutputTarget output = stage.outputFor(this);
        if (output != null) {
            outputs.put(attempt, output);
        }
        return stage.calls().shard(shard, partId, output);
    }

    @Override
    public List<? extends WorkItem> halves() {
        return stage.halve(this);
    }
}
