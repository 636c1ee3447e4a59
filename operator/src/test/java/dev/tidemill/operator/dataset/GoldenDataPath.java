package dev.tidemill.operator.dataset;

import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.Specs;
import dev.tidemill.operator.Workload.PrivateCa;
import dev.tidemill.operator.Workload.StoreAccess;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;

/** What a namespace gets on first need, for the golden folders. */
public final class GoldenDataPath {

    private GoldenDataPath() {}

    public static List<HasMetadata> all(OperatorConfig config) {
        var store = Specs.store("{endpoint: 'http://minio.minio.svc:9000', credentialsSecret: tidemill-store}");
        return all(config, new StoreAccess(store, DataflowManifests.secret("default"), "TM01", null));
    }

    /** The same with a store that has a CA of its own, and buckets in host names. */
    public static List<HasMetadata> ofPrivateStore(OperatorConfig config) {
        var store = Specs.store(
                "{endpoint: 'https://s3.example', credentialsSecret: tidemill-store, pathStyle: false, caSecret: ca}");
        var secret = DataflowManifests.secret("default");
        return all(config, new StoreAccess(store, secret, "TM01", new PrivateCa(secret, "5f1d")));
    }

    private static List<HasMetadata> all(OperatorConfig config, StoreAccess access) {
        var manifests = new DataflowManifests(config);
        var made = new ArrayList<HasMetadata>(List.of(
                manifests.networkPolicy("team-a"),
                manifests.materializer("team-a", "default", access),
                manifests.worker("team-a", "second", access)));
        manifests.serviceAccount("team-a").ifPresent(made::add);
        return made;
    }
}
