package dev.tidemill.operator.store;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.ObjectStoreStatus;
import dev.tidemill.store.StoreProbe.Ability;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A finding as a status. */
final class StoreVerdicts {

    private StoreVerdicts() {}

    static ObjectStoreStatus status(
            Clock clock,
            long generation,
            @Nullable ObjectStoreStatus before,
            StoreFinding finding,
            Instant probedAt,
            @Nullable Verdict notifications) {
        var conditions = Conditions.of(clock, generation, before == null ? List.of() : before.conditions());
        return switch (finding) {
            case StoreFinding.Unusable(var reason, var message) ->
                new ObjectStoreStatus(
                        generation,
                        conditions
                                .requires(Verdict.no(StoreFinding.REACHABLE, reason, message))
                                .derive(),
                        before == null ? null : before.probedAt());
            case StoreFinding.Measured(var probe, var scoped) -> {
                conditions
                        .requires(Verdict.yes(StoreFinding.REACHABLE, "Answers"))
                        .requires(ability(StoreFinding.CREATE, probe.conditionalCreate()))
                        .requires(ability(StoreFinding.REPLACE, probe.conditionalReplace()))
                        .notes(scoped);
                if (notifications != null) {
                    conditions.notes(notifications);
                }
                yield new ObjectStoreStatus(generation, conditions.derive(), probedAt);
            }
        };
    }

    private static Verdict ability(String type, Ability ability) {
        return new Verdict(
                type,
                ability.holds() ? Status.True : Status.False,
                ability.holds() ? "Measured" : "StoreCannotCommit",
                ability.message());
    }
}
