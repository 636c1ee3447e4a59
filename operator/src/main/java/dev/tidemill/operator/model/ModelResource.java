package dev.tidemill.operator.model;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.api.Resource;
import dev.tidemill.operator.TidemillResource;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A Model as the cluster has it. */
@Group(Resource.GROUP)
@Version(Resource.VERSION)
@Kind("Model")
@Singular("model")
@Plural("models")
public final class ModelResource extends TidemillResource<ModelSpec, ModelStatus> implements Namespaced {}
