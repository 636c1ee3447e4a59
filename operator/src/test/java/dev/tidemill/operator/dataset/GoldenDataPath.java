package dev.tidemill.operator.dataset;

import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.Specs;
import dev.tidemill.operator.Workload.StoreAccess;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;

/** What a namespace gets on first need, for the golden folders. */
public final class GoldenDataPath {

    private GoldenDataPath() {}

    public static List<HasMetadata> all(OperatorConfig config) {
        var store = Specs.store("{endpoint: 'http://minio.minio.svc:9000', credentialsSecret: tidemill-store}");
        var access = new StoreAccess(store, DataflowManifests.secret("default"), "TM01");
        var manifests = new DataflowManifests(config);
        var made = new ArrayList<HasMetadata>(List.of(
                manifests.networkPolicy("team-a"),
                manifests.materializer("team-a", "default", access),
                manifests.worker("team-a", "second", access)));
        manifests.serviceAccount("team-a").ifPresent(made::add);
        return made;
    }
}
