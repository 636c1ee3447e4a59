package dev.tidemill.operator.model;

import dev.tidemill.operator.GoldenConfig;
import dev.tidemill.operator.Specs;
import dev.tidemill.operator.Workload.StoreAccess;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.List;

/** What a Model becomes, for the golden folders: one whose first revision serves already. */
public final class GoldenModel {

    private GoldenModel() {}

    public static List<HasMetadata> of(String spec) {
        var store = Specs.store("{endpoint: 'http://minio.minio.svc:9000', credentialsSecret: tidemill-store}");
        var owner = new OwnerReferenceBuilder()
                .withApiVersion("tidemill.dev/v1alpha1")
                .withKind("Model")
                .withName("it")
                .withUid("0000")
                .build();
        return List.of(new ModelManifests(GoldenConfig.CONFIG)
                .knativeService(
                        "team-a",
                        "it",
                        owner,
                        Specs.model(spec),
                        new StoreAccess(store, ModelManifests.secret("it"), "TM01", null),
                        new Artifact.Known("sha256:00", "s3://tidemill/team-a/_models/it/00"),
                        "model-it-00001"));
    }
}
