package dev.tidemill.operator.store;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.ObjectStoreSpec;
import dev.tidemill.api.ObjectStoreStatus;
import dev.tidemill.api.Resource;
import dev.tidemill.operator.TidemillResource;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** An ObjectStore as the cluster has it; cluster-scoped. */
@Group(Resource.GROUP)
@Version(Resource.VERSION)
@Kind("ObjectStore")
@Plural("objectstores")
@ShortNames("store")
@JsonClassDescription("An S3 store, and which namespaces may use which prefixes of it. The platform administrator's.")
@ValidationRule(value = "self.metadata.name.matches('" + Metadata.NAME_PATTERN + "')", message = Metadata.NAME_RULE)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type=='Ready')].status", type = Type.STRING)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type=='Ready')].reason",
        type = Type.STRING)
@AdditionalPrinterColumn(name = "Endpoint", jsonPath = ".spec.endpoint", type = Type.STRING)
@AdditionalPrinterColumn(name = "Probed", jsonPath = ".status.probedAt", type = Type.DATE)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
public final class ObjectStoreResource extends TidemillResource<ObjectStoreSpec, ObjectStoreStatus> {}
