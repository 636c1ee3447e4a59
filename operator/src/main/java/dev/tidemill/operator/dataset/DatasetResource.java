package dev.tidemill.operator.dataset;

import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Resource;
import dev.tidemill.operator.TidemillResource;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A Dataset as the cluster has it. */
@Group(Resource.GROUP)
@Version(Resource.VERSION)
@Kind("Dataset")
@Singular("dataset")
@Plural("datasets")
public final class DatasetResource extends TidemillResource<DatasetSpec, DatasetStatus> implements Namespaced {}
