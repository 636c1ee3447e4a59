package dev.tidemill.operator.model;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelStatus.LastFailure;
import dev.tidemill.api.ModelStatus.Versions;
import dev.tidemill.operator.KnativeReadiness;
import io.fabric8.knative.serving.v1.Service;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What Knative's word on the service means for the Model.
 *
 * @param versions the revision that serves, and the one that is being brought up
 * @param failure of the one that is being brought up
 */
record ModelServing(
        Verdict verdict,
        Versions versions,
        @Nullable LastFailure failure,
        @Nullable String url) {

    private static final String DEPLOYED = "Deployed";

    static ModelServing of(ModelSpec spec, Service service) {
        var said = KnativeReadiness.verdict(DEPLOYED, service);
        var status = service.getStatus();
        var ready = status == null ? null : status.getLatestReadyRevisionName();
        var created = status == null ? null : status.getLatestCreatedRevisionName();
        var url = status == null || status.getAddress() == null
                ? null
                : status.getAddress().getUrl();
        var versions = new Versions(ready, Objects.equals(ready, created) ? null : created);
        if (said.status() == Condition.Status.True) {
            return new ModelServing(said, versions, null, url);
        }
        if (waitsForCapacity(said)) {
            return new ModelServing(
                    Verdict.unknown(DEPLOYED, "WaitingForCapacity", "no node fits: " + said.message()),
                    versions,
                    null,
                    url);
        }
        var failure = said.status() == Condition.Status.False
                ? new LastFailure(location(spec), said.reason(), said.message())
                : null;
        return new ModelServing(said, versions, failure, url);
    }

    /** As the scheduler words it, which Knative passes on. */
    private static boolean waitsForCapacity(Verdict said) {
        return said.reason().contains("Unschedulable")
                || Optional.ofNullable(said.message()).orElse("").matches("(?s).*nodes are available.*");
    }

    private static @Nullable String location(ModelSpec spec) {
        var source = spec.source();
        return source == null ? null : "s3://" + source.bucket() + "/" + source.key();
    }
}
