package dev.tidemill.operator.function;

import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.FunctionStatus;
import dev.tidemill.api.Resource;
import dev.tidemill.operator.TidemillResource;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A Function as the cluster has it. */
@Group(Resource.GROUP)
@Version(Resource.VERSION)
@Kind("Function")
@Singular("function")
@Plural("functions")
public final class FunctionResource extends TidemillResource<FunctionSpec, FunctionStatus> implements Namespaced {}
