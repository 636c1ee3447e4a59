package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An S3 store, and which namespaces may use which prefixes of it. The platform administrator's. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "!has(self.grants) || self.grants.all(g, g.bucket != self.stateBucket)",
        message = Rules.STATE_BUCKET_GRANT,
        fieldPath = ".grants")
@ValidationRule(
        value = "self.stateBucket == oldSelf.stateBucket",
        message = Rules.STATE_BUCKET_FIXED,
        fieldPath = ".stateBucket")
@ValidationRule(
        value = "!has(self.caSecret) || self.endpoint.startsWith('https://')",
        message = Rules.CA_NEEDS_TLS,
        fieldPath = ".caSecret")
public record ObjectStoreSpec(
        @JsonPropertyDescription("The store's URL, such as http://minio.tidemill-system.svc:9000.")
        @Required
        @Pattern("^https?://[^/?#@\\s]+/?$")
        @Size(max = 253)
        String endpoint,

        @JsonPropertyDescription("The region that requests are signed for.")
        @Default("us-east-1")
        @Size(min = 1, max = 63)
        String region,

        @JsonPropertyDescription("Whether the bucket is part of the path (as MinIO has it) or of the host name.")
        @Default("true")
        Boolean pathStyle,

        @JsonPropertyDescription("A Secret in the operator's namespace whose ca.crt signs the store's certificate.")
        @Nullable
        String caSecret,

        @JsonPropertyDescription("Who mints credentials and notifications; Auto finds out.") @Default("Auto")
        Dialect dialect,

        @JsonPropertyDescription("A Secret in the operator's namespace with accessKey and secretKey.")
        @Required
        @Size(min = 1)
        String credentialsSecret,

        @JsonPropertyDescription("The bucket of the ledgers; it is never granted.")
        @Pattern(Bucket.PATTERN)
        @Size(max = 63)
        @Default("tidemill")
        String stateBucket,

        @JsonPropertyDescription("Who may use what; without a grant there are no credentials.") @Size(max = 200)
        List<Grant> grants) {

    public ObjectStoreSpec {
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(credentialsSecret, "credentialsSecret");
        region = Objects.requireNonNullElse(region, "us-east-1");
        pathStyle = Objects.requireNonNullElse(pathStyle, true);
        dialect = Objects.requireNonNullElse(dialect, Dialect.Auto);
        stateBucket = Objects.requireNonNullElse(stateBucket, "tidemill");
        grants = Defaults.list(grants);
    }

    /** What the store understands beside S3. */
    public enum Dialect {
        Auto,
        MinIO,
        RustFS,
        Generic
    }

    /** Namespaces may use a prefix. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Grant(
            @JsonPropertyDescription("A name of its own among the store's grants.")
            @Required
            @Pattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
            String name,

            @JsonPropertyDescription("The namespaces, by their labels; an empty selector is all of them.") @Required
            Selector namespaces,

            @JsonPropertyDescription("The bucket.") @Required @Pattern(Bucket.PATTERN) @Size(max = 63)
            String bucket,

            @JsonPropertyDescription("The folder in the bucket; a trailing / is understood, empty is the whole bucket.")
            @Default("''")
            @Size(max = 1000)
            @ValidationRule(value = "!self.startsWith('/')", message = Rules.PREFIX_SLASH)
            String prefix,

            @JsonPropertyDescription("What they may do there.") @Default("Read")
            Access access) {

        public Grant {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(bucket, "bucket");
            prefix = Defaults.folder(prefix);
            access = Objects.requireNonNullElse(access, Access.Read);
        }
    }

    /** A Kubernetes label selector: everything in it must hold. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Selector(
            @JsonPropertyDescription("Labels that must have these values.")
            Map<String, String> matchLabels,

            @JsonPropertyDescription("Requirements on labels.") @Size(max = 32)
            List<Requirement> matchExpressions) {

        public Selector {
            matchLabels = Defaults.map(matchLabels);
            matchExpressions = Defaults.list(matchExpressions);
        }
    }

    /** A requirement on one label. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Requirement(
            @JsonPropertyDescription("The label's key.") @Required
            String key,

            @JsonPropertyDescription("In, NotIn, Exists or DoesNotExist.") @Required
            Operator operator,

            @JsonPropertyDescription("The values for In and NotIn.") @Size(max = 64)
            List<String> values) {

        public Requirement {
            values = Defaults.list(values);
        }
    }

    /** How a label is compared. */
    public enum Operator {
        In,
        NotIn,
        Exists,
        DoesNotExist
    }
}
