package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a Function runs, what data it opens, who may call it and how often at once. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "[has(self.image), has(self.code), has(self.builtin)].filter(x, x).size() == 1",
        message = Rules.ONE_CODE)
@ValidationRule(value = "has(self.code) == has(self.runtimeImage)", message = Rules.RUNTIME_IMAGE)
@ValidationRule(value = "!has(self.code) || has(self.handler)", message = Rules.CODE_HANDLER)
@ValidationRule(value = "self.eventFormat == 'Auto' || self.runtime == 'Lambda'", message = Rules.EVENT_FORMAT_LAMBDA)
@ValidationRule(
        value = "!has(self.scale) || self.scale.processes == 1 || self.runtime == 'Lambda'",
        message = Rules.PROCESSES_LAMBDA)
@ValidationRule(
        value = "!has(self.maxConcurrency) || !has(self.scale)"
                + " || (has(self.scale.max) ? self.scale.max : 1) * self.scale.concurrency <= self.maxConcurrency",
        message = Rules.CAP)
public record FunctionSpec(
        @JsonPropertyDescription("The container image that answers CloudEvents (or is a Lambda image) on $PORT.")
        @Size(min = 1)
        @Nullable
        String image,

        @JsonPropertyDescription("A Lambda zip or a jar in a store, run by runtimeImage.") @Nullable
        Code code,

        @JsonPropertyDescription("The image that runs code.") @Size(min = 1) @Nullable
        String runtimeImage,

        @JsonPropertyDescription("One of Tidemill's own functions: mean or add_one.")
        @Pattern("^[a-z][a-z0-9_]*$")
        @Nullable
        String builtin,

        @JsonPropertyDescription("Secrets with which the image is pulled.")
        List<NamedRef> imagePullSecrets,

        @JsonPropertyDescription("What the image speaks: CloudEvents over HTTP, or AWS Lambda's runtime interface.")
        @Default("CloudEvents")
        Runtime runtime,

        @JsonPropertyDescription("The function in the code, such as lambda_function.lambda_handler.") @Nullable
        String handler,

        @JsonPropertyDescription("What a Lambda handler gets as its event; Auto by the event's type.") @Default("Auto")
        EventFormat eventFormat,

        @JsonPropertyDescription("Environment variables, as in a pod.") @Size(max = 256)
        List<EnvVar> env,

        @JsonPropertyDescription("The prefixes and Datasets that it opens; they become function_data.") @Size(max = 64)
        List<Binding> data,

        @JsonPropertyDescription("Whether it understands byte ranges; everything else gets whole objects.")
        boolean ranges,

        @JsonPropertyDescription("The events and schedules that call it.") @Size(max = 64)
        List<EventSource> events,

        @JsonPropertyDescription("A path of the namespace's address that leads to it, such as /mean.")
        @Pattern("^/[^\\s?#]*$")
        @Nullable
        String path,

        @JsonPropertyDescription("Who may call it directly; nobody but the declared events where empty.")
        @Size(max = 64)
        List<Invoker> invokers,

        @JsonPropertyDescription("How many pods, and how many requests in each.")
        Scale scale,

        @JsonPropertyDescription(
                "The most requests at a time, over all callers; scale.max × scale.concurrency where left out.")
        @Min(1)
        @Max(10_000)
        Integer maxConcurrency,

        @JsonPropertyDescription(
                "The longest that one request may take, such as 5m; at most 7m for the work of a Dataset.")
        @Pattern(TimeSpan.PATTERN)
        @ValidationRule(
                value = "duration(self) >= duration('1s') && duration(self) <= duration('15m')",
                message = Rules.TIMEOUT_RANGE)
        @Default("5m")
        TimeSpan timeout,

        @JsonPropertyDescription("What a pod asks for and may use.")
        PodResources resources,

        @JsonPropertyDescription("Labels that a node must have.")
        Map<String, String> nodeSelector,

        @JsonPropertyDescription("Taints of nodes that its pods bear.")
        List<Toleration> tolerations) {

    public FunctionSpec {
        imagePullSecrets = Defaults.list(imagePullSecrets);
        runtime = Objects.requireNonNullElse(runtime, Runtime.CloudEvents);
        eventFormat = Objects.requireNonNullElse(eventFormat, EventFormat.Auto);
        env = Defaults.list(env);
        data = Defaults.list(data);
        events = Defaults.list(events);
        invokers = Defaults.list(invokers);
        scale = Objects.requireNonNullElse(scale, Scale.DEFAULT).within(maxConcurrency);
        maxConcurrency = Objects.requireNonNullElse(maxConcurrency, scale.requests());
        timeout = Objects.requireNonNullElseGet(timeout, () -> TimeSpan.parse("5m"));
        resources = Objects.requireNonNullElse(resources, PodResources.NONE);
        nodeSelector = Defaults.map(nodeSelector);
        tolerations = Defaults.list(tolerations);
    }

    /** What an image speaks. */
    public enum Runtime {
        CloudEvents,
        Lambda
    }

    /** What a Lambda handler gets as its event. */
    public enum EventFormat {
        Auto,
        S3,
        EventBridge,
        ApiGatewayV2,
        Data,
        CloudEvent
    }

    /** The name of something in the same namespace. */
    public record NamedRef(
            @JsonPropertyDescription("Its name.") @Required String name) {}

    /** Code as an object: a Lambda zip, or a jar. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Code(
            @JsonPropertyDescription("The ObjectStore.") @Default(Defaults.STORE)
            String store,

            @JsonPropertyDescription("The bucket.") @Required @Pattern(Bucket.PATTERN) @Size(max = 63)
            String bucket,

            @JsonPropertyDescription("The key.") @Required @Size(min = 1, max = 1024)
            String key,

            @JsonPropertyDescription("The SHA-256 of the object, in hexadecimal; other bytes are not run.")
            @Required
            @Pattern("^[0-9a-f]{64}$")
            String sha256) {

        public Code {
            store = Objects.requireNonNullElse(store, Defaults.STORE);
        }
    }

    /**
     * A prefix or a Dataset that the function opens; an entry of {@code function_data}.
     *
     * @param store null where {@code dataset} brings its own
     * @param s3Prefix empty or ending with {@code /}; null exactly where {@code dataset} is given
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.dataset) ? !has(self.bucket) && !has(self.s3Prefix) : has(self.bucket)",
            message = Rules.BINDING_TARGET)
    @ValidationRule(value = "!(has(self.dataset) && has(self.store))", message = Rules.BINDING_STORE)
    @ValidationRule(value = "!has(self.dataset) || self.access == 'Read'", message = Rules.BINDING_WRITE_DATASET)
    public record Binding(
            @JsonPropertyDescription("The name under which the function finds it in function_data.")
            @Required
            @Pattern("^[A-Za-z_][A-Za-z0-9_-]{0,62}$")
            String name,

            @JsonPropertyDescription("What it is.") @Default("AWS_S3_Prefix")
            BindingType type,

            @JsonPropertyDescription("The ObjectStore; default where left out.") @Nullable
            String store,

            @JsonPropertyDescription("The bucket.") @Pattern(Bucket.PATTERN) @Size(max = 63) @Nullable
            String bucket,

            @JsonPropertyDescription("The folder in the bucket; a trailing / is understood.")
            @Size(max = 1000)
            @ValidationRule(value = "!self.startsWith('/')", message = Rules.PREFIX_SLASH)
            @Nullable
            String s3Prefix,

            @JsonPropertyDescription("A Dataset of the same namespace, instead of bucket and s3Prefix.") @Nullable
            String dataset,

            @JsonPropertyDescription(
                    "Declares a Dataset named <function>-<binding> over the prefix in so many shards, and its "
                            + "derived result.")
            @Min(1)
            @Max(10_000)
            @Nullable
            Integer scale,

            @JsonPropertyDescription("What the function may do there; its credentials open no more.") @Default("Read")
            Access access) {

        public Binding {
            Objects.requireNonNull(name, "name");
            type = Objects.requireNonNullElse(type, BindingType.AWS_S3_Prefix);
            access = Objects.requireNonNullElse(access, Access.Read);
            if (dataset == null) {
                store = Objects.requireNonNullElse(store, Defaults.STORE);
                s3Prefix = Defaults.folder(s3Prefix);
            }
        }
    }

    /** What a binding is; the names are those of {@code function_data}. */
    public enum BindingType {
        AWS_S3_Prefix
    }

    /** Events of a broker, or a schedule, that call the function. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value =
                    "has(self.schedule) ? !has(self.broker) && !has(self.filter) && !has(self.filters) && !has(self.detail)"
                            + " : has(self.filter) || has(self.filters)",
            message = Rules.EVENT_ONE)
    public record EventSource(
            @JsonPropertyDescription("A name of its own among the function's events.")
            @Required
            @Pattern("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")
            String name,

            @JsonPropertyDescription("The broker; default where left out.") @Nullable
            String broker,

            @JsonPropertyDescription("Context attributes that an event must have, exactly as given.")
            Map<String, String> filter,

            @JsonPropertyDescription(
                    "Filters over context attributes as in Knative's Trigger: exact, prefix, suffix, any, all, not. All must pass.")
            @Size(max = 32)
            List<Map<String, JsonNode>> filters,

            @JsonPropertyDescription("A pattern over the event's data, as EventBridge has it.") @Nullable
            Map<String, JsonNode> detail,

            @JsonPropertyDescription("A cron expression of five fields, in UTC, instead of a filter.")
            @Pattern("^\\S+( \\S+){4}$")
            @Nullable
            String schedule) {

        public EventSource {
            filter = Defaults.map(filter);
            filters = Defaults.list(filters);
            detail = detail == null || detail.isEmpty() ? null : Defaults.map(detail);
        }
    }

    /** Somebody who may call the function directly. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Invoker(
            @JsonPropertyDescription("A ServiceAccount.") @Required
            String serviceAccount,

            @JsonPropertyDescription("Its namespace; the function's own where left out.") @Nullable
            String namespace) {}

    /**
     * How many pods, and how many requests in each.
     *
     * @param max null only in a declaration without {@code maxConcurrency}; {@link FunctionSpec} fills it in
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(value = "!has(self.max) || self.min <= self.max", message = Rules.SCALE_ORDER)
    public record Scale(
            @JsonPropertyDescription("Pods that stay when nothing is to be done.") @Default("0") @Min(0) @Max(1000)
            Integer min,

            @JsonPropertyDescription("The most pods; what maxConcurrency allows where left out, or 20.")
            @Min(1)
            @Max(10_000)
            @Nullable
            Integer max,

            @JsonPropertyDescription("Requests in one pod at a time.") @Default("1") @Min(1) @Max(1000)
            Integer concurrency,

            @JsonPropertyDescription("Handler processes in one pod, for runtimes that answer one request at a time.")
            @Default("1")
            @Min(1)
            @Max(256)
            Integer processes) {

        static final Scale DEFAULT = new Scale(0, null, 1, 1);

        public Scale {
            min = Objects.requireNonNullElse(min, 0);
            concurrency = Objects.requireNonNullElse(concurrency, 1);
            processes = Objects.requireNonNullElse(processes, 1);
        }

        /** The most requests in all pods together. */
        public int requests() {
            return (max == null ? Defaults.CONCURRENCY : max) * concurrency;
        }

        Scale within(@Nullable Integer maxConcurrency) {
            if (max != null) {
                return this;
            }
            var pods = maxConcurrency == null ? Defaults.CONCURRENCY : Math.max(1, maxConcurrency / concurrency);
            return new Scale(min, pods, concurrency, processes);
        }
    }
}
