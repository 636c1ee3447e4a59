package dev.tidemill.operator.function;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.tidemill.api.Condition;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.FunctionStatus;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Resource;
import dev.tidemill.operator.TidemillResource;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.dataset.Datasets;
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
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** A Function as the cluster has it. */
@Group(Resource.GROUP)
@Version(Resource.VERSION)
@Kind("Function")
@Plural("functions")
@ShortNames("fn")
@JsonClassDescription(
        "Something that answers CloudEvents, with the data that it opens, who may call it, and a cap on how often it is called at once.")
@ValidationRule(value = "self.metadata.name.matches('" + Metadata.NAME_PATTERN + "')", message = Metadata.NAME_RULE)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type=='Ready')].status", type = Type.STRING)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type=='Ready')].reason",
        type = Type.STRING)
@AdditionalPrinterColumn(name = "Max", jsonPath = ".spec.maxConcurrency", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "ColdP50", jsonPath = ".status.coldStart.p50", type = Type.STRING)
@AdditionalPrinterColumn(name = "URL", jsonPath = ".status.url", type = Type.STRING, priority = 1)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
public final class FunctionResource extends TidemillResource<FunctionSpec, FunctionStatus> implements Namespaced {

    /** The container of its own image in its pods, where there are others beside it. */
    public static final String CONTAINER = "function";

    /** What a revision computes, which may have been declared before. */
    public FunctionSpec computedBy(Revision revision) {
        return FunctionManifests.computedBy(revision, getSpec());
    }

    /**
     * The store that its keys are of; empty for one that has none.
     *
     * @param datasets of its namespace
     */
    public Optional<String> store(Collection<DatasetResource> datasets) {
        var concerned = datasets.stream().filter(dataset -> FunctionPlan.concerns(name(), getSpec(), dataset));
        return FunctionPlan.store(name(), getSpec(), Datasets.byAge(concerned));
    }

    /** None before it has been looked at. */
    public List<Condition> conditions() {
        return getStatus() == null ? List.of() : getStatus().conditions();
    }
}
