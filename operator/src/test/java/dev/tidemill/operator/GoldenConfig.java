package dev.tidemill.operator;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/** An installation as tests have it. */
public final class GoldenConfig {

    public static final OperatorConfig CONFIG = new OperatorConfig(
            "tidemill-system",
            "registry.example/tidemill/dataflow:1",
            "IfNotPresent",
            10,
            List.of("knative-serving", "tidemill-system"),
            16,
            Duration.ofMinutes(1),
            URI.create("http://tidemill-operator.tidemill-system.svc"),
            "",
            new OperatorConfig.ModelImages(
                    "registry.example/tidemill/model:1", "registry.example/tidemill/model-gpu:1"),
            new OperatorConfig.SidecarImages("registry.example/tidemill/lambda:1", ""));

    /** The same with the gate in front of functions. */
    public static final OperatorConfig GATED = with(
            CONFIG.storeCheck(),
            CONFIG.address(),
            new OperatorConfig.SidecarImages(CONFIG.sidecars().lambda(), "registry.example/tidemill/gate:1"));

    private GoldenConfig() {}

    /** It looks at its stores every two seconds, and has brokers and stores deliver to that address. */
    static OperatorConfig hasty(URI address) {
        return with(Duration.ofSeconds(2), address, CONFIG.sidecars());
    }

    /** The same with the gate in front of functions. */
    static OperatorConfig hastyAndGated(URI address) {
        return with(Duration.ofSeconds(2), address, GATED.sidecars());
    }

    private static OperatorConfig with(Duration storeCheck, URI address, OperatorConfig.SidecarImages sidecars) {
        return new OperatorConfig(
                CONFIG.namespace(),
                CONFIG.dataflowImage(),
                CONFIG.imagePullPolicy(),
                CONFIG.dataflowPods(),
                CONFIG.trustedNamespaces(),
                CONFIG.slices(),
                storeCheck,
                address,
                CONFIG.brokerClass(),
                CONFIG.models(),
                sidecars);
    }
}
