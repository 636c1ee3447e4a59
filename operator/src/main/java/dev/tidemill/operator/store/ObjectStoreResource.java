package dev.tidemill.operator.store;

import dev.tidemill.api.ObjectStoreSpec;
import dev.tidemill.api.ObjectStoreStatus;
import dev.tidemill.api.Resource;
import dev.tidemill.operator.TidemillResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** An ObjectStore as the cluster has it; cluster-scoped. */
@Group(Resource.GROUP)
@Version(Resource.VERSION)
@Kind("ObjectStore")
@Singular("objectstore")
@Plural("objectstores")
public final class ObjectStoreResource extends TidemillResource<ObjectStoreSpec, ObjectStoreStatus> {}
