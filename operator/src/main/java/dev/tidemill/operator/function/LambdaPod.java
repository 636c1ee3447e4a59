package dev.tidemill.operator.function;

import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Json;
import dev.tidemill.operator.Containers;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.Workload.StoreAccess;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A Lambda function's pod: the bridge, which takes the requests, and the user's own image as many times as requests are to be answered
 * at a time, for a runtime takes one after the other. Of a function that brings a zip the bridge fetches it, and what runs is an image of
 * its language. What an image finds is what it finds on AWS Lambda: its handler's name as its
 * argument, the address of the Runtime API, nothing that can be written but {@code /tmp}.
 */
final class LambdaPod {

    static final String LABEL = "lambda";

    /** The bridge's container, by which a pod is known whose handlers never return. */
    static final String BRIDGE = "bridge";

    private static final String HEALTH = "/_tidemill/health/";

    /** Below are ports of Knative's queue-proxy, up to 9091. */
    private static final int FIRST_API_PORT = 9100;

    /** Where Lambda has a function's code. */
    private static final String TASK = "/var/task";

    private static final String CODE = "code";

    /** For what a zip may come to, unpacked. */
    private static final Quantity CODE_SIZE = new Quantity("1Gi");

    /** An unprivileged user, as Lambda runs images whatever user they name; AWS' own name none, which would be root. */
    private static final long USER = 65_532;

    /** What Lambda gives a function that asks for nothing else. */
    private static final Quantity TMP_SIZE = new Quantity("512Mi");

    /** For the bridge to say itself that a handler took too long, before Knative does. */
    private static final Duration LAST_WORD = Duration.ofSeconds(5);

    private static final ResourceRequirements BRIDGE_RESOURCES = new ResourceRequirementsBuilder()
            .addToRequests("cpu", new Quantity("50m"))
            .addToRequests("memory", new Quantity("96Mi"))
            .addToLimits("memory", new Quantity("384Mi"))
            .build();

    private final OperatorConfig config;
    private final boolean probesSidecars;

    /** @param probesSidecars whether Knative lets containers beside the first have probes */
    LambdaPod(OperatorConfig config, boolean probesSidecars) {
        this.config = config;
        this.probesSidecars = probesSidecars;
    }

    /**
     * The pod.
     *
     * @param store where code is fetched from
     * @param env of the handler: credentials, function data and what the user sets
     * @param longest that Knative lets a request take
     */
    FunctionPod of(
            String name,
            FunctionSpec spec,
            @Nullable StoreAccess store,
            List<EnvVar> env,
            ResourceRequirements resources,
            Duration longest) {
        var processes = Math.min(spec.scale().processes(), spec.maxConcurrency());
        var ports =
                IntStream.range(0, processes).mapToObj(i -> FIRST_API_PORT + i).toList();
        var containers = new ArrayList<Container>();
        var volumes = new ArrayList<Volume>();
        containers.add(bridge(name, spec, store, env, ports));
        volumes.add(Containers.tmp());
        if (spec.code() != null) {
            volumes.add(Containers.tmp(CODE, CODE_SIZE));
        }
        for (var port : ports) {
            var tmp = Containers.TMP + "-" + port;
            containers.add(runtime(name, spec, env, resources, port, tmp));
            volumes.add(Containers.tmp(tmp, TMP_SIZE));
        }
        var timeout = spec.timeout().duration().plus(LAST_WORD);
        return new FunctionPod(containers, volumes, processes, timeout.compareTo(longest) > 0 ? longest : timeout);
    }

    private Container bridge(
            String name, FunctionSpec spec, @Nullable StoreAccess store, List<EnvVar> env, List<Integer> ports) {
        var told = new ArrayList<EnvVar>();
        told.add(variable("AWS_LAMBDA_FUNCTION_NAME", name));
        told.add(variable("AWS_REGION", region(env)));
        told.add(variable(
                "TIDEMILL_LAMBDA_API_PORTS", ports.stream().map(String::valueOf).collect(Collectors.joining(","))));
        told.add(variable("TIDEMILL_LAMBDA_EVENT_FORMAT", spec.eventFormat().name()));
        told.add(variable("TIDEMILL_LAMBDA_TIMEOUT", spec.timeout().toString()));
        if (spec.handler() != null) {
            told.add(variable("_HANDLER", spec.handler()));
        }
        if (spec.code() != null && store != null) {
            told.removeIf(variable -> variable.getName().equals("AWS_REGION"));
            told.addAll(store.environment());
            told.add(variable("TIDEMILL_LAMBDA_CODE", Json.text(spec.code())));
            told.add(variable("LAMBDA_TASK_ROOT", TASK));
        }
        return Containers.of(
                        config.sidecars().lambda(), config.imagePullPolicy(), told, BRIDGE_RESOURCES, Containers.TMP)
                .withName(BRIDGE)
                .addAllToVolumeMounts(code(spec, false))
                // Why code cannot be run becomes the reason of the revision.
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .addNewPort()
                .withContainerPort(FunctionPod.PORT)
                .endPort()
                .editSecurityContext()
                .withReadOnlyRootFilesystem(true)
                .endSecurityContext()
                .withReadinessProbe(new ProbeBuilder()
                        .withNewHttpGet()
                        .withPath(HEALTH + "ready")
                        .endHttpGet()
                        .build())
                .build();
    }

    private Container runtime(
            String name, FunctionSpec spec, List<EnvVar> env, ResourceRequirements resources, int port, String tmp) {
        var all = new ArrayList<EnvVar>();
        all.add(variable("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + port));
        all.add(variable("AWS_LAMBDA_FUNCTION_NAME", name));
        all.add(variable("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"));
        all.add(variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory(spec)));
        all.add(variable("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + name));
        all.add(variable("AWS_LAMBDA_LOG_STREAM_NAME", Integer.toString(port)));
        all.add(variable("AWS_DEFAULT_REGION", region(env)));
        all.add(variable("TZ", ":UTC"));
        if (spec.handler() != null) {
            all.add(variable("_HANDLER", spec.handler()));
        }
        if (env.stream().noneMatch(given -> given.getName().equals("AWS_REGION"))) {
            all.add(variable("AWS_REGION", region(env)));
        }
        if (spec.code() != null) {
            all.add(variable("LAMBDA_TASK_ROOT", TASK));
        }
        all.addAll(env);
        var image = spec.code() == null ? spec.image() : spec.runtimeImage();
        return Containers.of(String.valueOf(image), "IfNotPresent", all, resources, tmp)
                .withWorkingDir(spec.code() == null ? null : TASK)
                .addAllToVolumeMounts(code(spec, true))
                .withName(port == FIRST_API_PORT ? FunctionResource.CONTAINER : FunctionResource.CONTAINER + "-" + port)
                .withArgs(spec.handler() == null ? List.of() : List.of(spec.handler()))
                .editSecurityContext()
                .withRunAsUser(USER)
                .withReadOnlyRootFilesystem(true)
                .endSecurityContext()
                // What a handler says when it cannot be imported becomes the reason of the revision.
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withLivenessProbe(probesSidecars ? alive(port) : null)
                .build();
    }

    /** The bridge puts the code there; runtimes read it. */
    private static List<VolumeMount> code(FunctionSpec spec, boolean readOnly) {
        return spec.code() == null
                ? List.of()
                : List.of(new VolumeMountBuilder()
                        .withName(CODE)
                        .withMountPath(TASK)
                        .withReadOnly(readOnly ? true : null)
                        .build());
    }

    /** Ends the container whose handler has not returned in time. Then it has a minute to ask for its next event. */
    private static Probe alive(int port) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(HEALTH + "runtime/" + port)
                .withNewPort(FunctionPod.PORT)
                .endHttpGet()
                .withInitialDelaySeconds(60)
                .build();
    }

    private static String region(List<EnvVar> env) {
        return env.stream()
                .filter(variable -> variable.getName().equals("AWS_REGION"))
                .map(EnvVar::getValue)
                .findFirst()
                .orElse("us-east-1");
    }

    /** In MiB, as the context tells it. */
    private static String memory(FunctionSpec spec) {
        var limit = spec.resources().limits().get("memory");
        return limit == null
                ? "512"
                : Long.toString(
                        Quantity.getAmountInBytes(new Quantity(limit.text())).longValue() >> 20);
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVar(name, value, null);
    }
}
