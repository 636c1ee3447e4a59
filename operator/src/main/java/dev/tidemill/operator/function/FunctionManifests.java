package dev.tidemill.operator.function;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Json;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.Workload;
import dev.tidemill.operator.Workload.StoreAccess;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What a Function becomes. Values in, objects out. */
final class FunctionManifests {

    private static final ObjectMapper JSON = Json.mapper();

    /** Requests that a pod with a built-in function takes at a time. */
    private static final int BUILTIN_CONCURRENCY = 8;

    private final OperatorConfig config;

    FunctionManifests(OperatorConfig config) {
        this.config = config;
    }

    /** The Secret with the function's credentials. */
    static String secret(String function) {
        return "tidemill-function-" + function;
    }

    Service knativeService(
            String namespace,
            String name,
            OwnerReference owner,
            FunctionSpec spec,
            SequencedMap<String, S3Prefix> data,
            @Nullable StoreAccess store) {
        var scale = spec.scale();
        var builtin = spec.builtin();
        // What one pod can do is known of our own functions, and not of a user's; in both cases the product keeps the
        // cap.
        var concurrency = builtin == null ? scale.concurrency() : Math.min(scale.requests(), BUILTIN_CONCURRENCY);
        return new Workload(
                        namespace,
                        name,
                        builtin == null ? "function" : Labels.DATAFLOW,
                        Map.of(Labels.FUNCTION, name),
                        List.of(owner),
                        builtin == null ? String.valueOf(spec.image()) : config.dataflowImage(),
                        builtin == null ? "IfNotPresent" : config.imagePullPolicy(),
                        spec.imagePullSecrets().stream()
                                .map(FunctionSpec.NamedRef::name)
                                .toList(),
                        environment(name, spec, data),
                        store,
                        scale.min(),
                        Math.max(1, scale.requests() / concurrency),
                        concurrency,
                        spec.timeout().duration(),
                        resources(spec),
                        spec.nodeSelector(),
                        spec.tolerations().stream()
                                .map(toleration -> JSON.convertValue(toleration, Toleration.class))
                                .toList())
                .knativeService();
    }

    private static List<EnvVar> environment(String name, FunctionSpec spec, SequencedMap<String, S3Prefix> data) {
        var all = new ArrayList<EnvVar>();
        all.add(new EnvVar("FUNCTION_NAME", name, null));
        all.add(new EnvVar("FUNCTION_DATA", Json.text(data), null));
        if (spec.builtin() != null) {
            all.add(new EnvVar("TIDEMILL_BUILTIN", spec.builtin(), null));
        }
        spec.env().forEach(variable -> all.add(JSON.convertValue(variable, EnvVar.class)));
        return all;
    }

    private static ResourceRequirements resources(FunctionSpec spec) {
        if (spec.builtin() != null && spec.resources().requests().isEmpty()) {
            return new ResourceRequirementsBuilder()
                    .addToRequests("cpu", new Quantity("100m"))
                    .addToRequests("memory", new Quantity("192Mi"))
                    .addToLimits("memory", new Quantity("512Mi"))
                    .build();
        }
        return JSON.convertValue(spec.resources(), ResourceRequirements.class);
    }
}
