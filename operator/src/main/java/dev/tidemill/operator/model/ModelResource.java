package dev.tidemill.operator.model;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.tidemill.api.Condition;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.api.Resource;
import dev.tidemill.operator.TidemillResource;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import java.util.Optional;

/** A Model as the cluster has it. */
@Group(Resource.GROUP)
@Version(Resource.VERSION)
@Kind("Model")
@Plural("models")
@ShortNames("mdl")
@JsonClassDescription("A trained model that is served over the Open Inference Protocol.")
@ValidationRule(value = "self.metadata.name.matches('" + Metadata.NAME_PATTERN + "')", message = Metadata.NAME_RULE)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type=='Ready')].status", type = Type.STRING)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type=='Ready')].reason",
        type = Type.STRING)
@AdditionalPrinterColumn(name = "Format", jsonPath = ".spec.format", type = Type.STRING)
@AdditionalPrinterColumn(name = "Active", jsonPath = ".status.modelState.active", type = Type.STRING)
@AdditionalPrinterColumn(name = "Device", jsonPath = ".status.device", type = Type.STRING)
@AdditionalPrinterColumn(name = "URL", jsonPath = ".status.url", type = Type.STRING, priority = 1)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
public final class ModelResource extends TidemillResource<ModelSpec, ModelStatus> implements Namespaced {

    /** The Knative Service; a Function of the same name has its own. */
    public String service() {
        return service(name());
    }

    /** That of the Model of that name. */
    public static String service(String model) {
        return ModelManifests.service(model);
    }

    /** What a revision of a Model was made for; empty for one that is none of ours. */
    public static Optional<ModelSpec> served(Revision revision) {
        return ModelManifests.served(revision);
    }

    /** None before it has been looked at. */
    public List<Condition> conditions() {
        return getStatus() == null ? List.of() : getStatus().conditions();
    }
}
