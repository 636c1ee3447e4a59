package dev.tidemill.operator.dataset;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Resource;
import dev.tidemill.operator.TidemillResource;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A Dataset as the cluster has it. */
@Group(Resource.GROUP)
@Version(Resource.VERSION)
@Kind("Dataset")
@Plural("datasets")
@ShortNames("dset")
@JsonClassDescription(
        "Objects under a prefix, what a function or model makes of another Dataset, or generated data; inventoried, profiled and committed exactly once.")
@ValidationRule(value = "self.metadata.name.matches('" + Metadata.NAME_PATTERN + "')", message = Metadata.NAME_RULE)
@ValidationRule(
        value = "!has(self.spec) || !has(self.spec.from) || self.spec.from.dataset != self.metadata.name",
        message = DatasetSpec.FROM_ITSELF)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type=='Ready')].status", type = Type.STRING)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type=='Ready')].reason",
        type = Type.STRING)
@AdditionalPrinterColumn(name = "Done", jsonPath = ".status.items.succeeded", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "Of", jsonPath = ".status.items.total", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "Failed", jsonPath = ".status.items.failed", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "Objects", jsonPath = ".status.objects", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "Rows", jsonPath = ".status.rows", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "Bytes", jsonPath = ".status.bytes", type = Type.INTEGER, priority = 1)
@AdditionalPrinterColumn(name = "Revision", jsonPath = ".status.revision", type = Type.INTEGER, priority = 1)
@AdditionalPrinterColumn(name = "Committed", jsonPath = ".status.committedAt", type = Type.DATE)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
public final class DatasetResource extends TidemillResource<DatasetSpec, DatasetStatus> implements Namespaced {}
