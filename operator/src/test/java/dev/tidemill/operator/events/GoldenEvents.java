package dev.tidemill.operator.events;

import io.fabric8.knative.eventing.v1.BrokerBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.net.URI;
import java.util.List;

/** What a namespace gets of Knative Eventing, for the golden folders. */
public final class GoldenEvents {

    private GoldenEvents() {}

    public static List<HasMetadata> all() {
        return List.of(
                EventingManifests.broker("team-a", "MTChannelBasedBroker"),
                EventingManifests.senders(
                        new BrokerBuilder()
                                .withNewMetadata()
                                .withNamespace("team-a")
                                .withUid("0000")
                                .endMetadata()
                                .build(),
                        "system:serviceaccount:tidemill-system:tidemill-operator"),
                EventingManifests.wakeUps(
                        "team-a", URI.create("http://tidemill-operator.tidemill-system.svc/events/team-a/token")));
    }
}
