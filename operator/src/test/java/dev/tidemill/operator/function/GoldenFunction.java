package dev.tidemill.operator.function;

import dev.tidemill.api.S3Prefix;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.Specs;
import dev.tidemill.operator.Workload.StoreAccess;
import dev.tidemill.operator.events.EventingManifests;
import dev.tidemill.operator.events.EventingManifests.Delivery;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a Function becomes, for the golden folders. */
public final class GoldenFunction {

    private static final URI DEAD_LETTERS =
            URI.create("http://tidemill-operator.tidemill-system.svc/events/team-a/token/dead/it");

    private GoldenFunction() {}

    /**
     * All of it.
     *
     * @param probesSidecars as Knative may be told
     * @param byTokens whether Eventing shows tokens
     */
    public static List<HasMetadata> of(OperatorConfig config, String spec, boolean probesSidecars, boolean byTokens) {
        var function = Specs.function(spec);
        var data = new LinkedHashMap<String, S3Prefix>();
        function.data()
                .forEach(binding -> data.put(
                        binding.name(),
                        new S3Prefix(
                                "AWS_S3_Prefix",
                                String.valueOf(binding.bucket()),
                                String.valueOf(binding.s3Prefix()),
                                null,
                                null,
                                null,
                                null)));
        var store = Specs.store("{endpoint: 'http://minio.minio.svc:9000', credentialsSecret: tidemill-store}");
        var owner = new OwnerReferenceBuilder()
                .withApiVersion("tidemill.dev/v1alpha1")
                .withKind("Function")
                .withName("it")
                .withUid("0000")
                .build();
        var made = new ArrayList<HasMetadata>();
        var manifests = new FunctionManifests(config);
        made.add(manifests.networkPolicy("team-a", "it", owner));
        made.add(manifests.knativeService(
                "team-a",
                "it",
                owner,
                function,
                data,
                data.isEmpty() && function.code() == null
                        ? null
                        : new StoreAccess(store, "tidemill-function-it", "TM01", null),
                byTokens ? List.of("system:serviceaccount:team-a:it-mine-oidc") : List.of(),
                probesSidecars));
        var path = config.sidecars().gated() ? "/_tidemill/deliver/word/" : null;
        var delivery = byTokens ? new Delivery(null, "tidemill.dev/team-a/it") : new Delivery(path, null);
        if (function.path() != null) {
            var routes = new TreeMap<>(Map.of(function.path(), "http://it.team-a.svc.cluster.local"));
            made.add(manifests.router("team-a", List.of(owner), routes));
            made.add(manifests.routerPolicy("team-a", List.of(owner)));
        }
        for (var event : function.events()) {
            made.add(
                    event.schedule() == null
                            ? EventingManifests.trigger(
                                    "team-a",
                                    "it",
                                    owner,
                                    event,
                                    event.detail() == null
                                            ? delivery
                                            : new Delivery("/_tidemill/matching/" + event.name() + path, null),
                                    DEAD_LETTERS)
                            : EventingManifests.schedule("team-a", "it", owner, event, delivery));
            if (event.schedule() != null && path != null) {
                made.add(EventingManifests.cronJob(
                        "team-a",
                        "it",
                        owner,
                        event,
                        config.sidecars().gate(),
                        config.imagePullPolicy(),
                        "http://it.team-a.svc.cluster.local" + path));
            }
        }
        return made;
    }
}
