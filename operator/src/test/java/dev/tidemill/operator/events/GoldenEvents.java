package dev.tidemill.operator.events;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.net.URI;
import java.util.List;

/** What a namespace gets of Knative Eventing, for the golden folders. */
public final class GoldenEvents {

    private GoldenEvents() {}

    public static List<HasMetadata> all() {
        return List.of(
                EventingManifests.broker("team-a", "MTChannelBasedBroker"),
                EventingManifests.wakeUps(
                        "team-a", URI.create("http://tidemill-operator.tidemill-system.svc/events/team-a/token")));
    }
}
