/** Makes the CRDs in {@code k8s/crds} from the types, and holds them against a real API server. */
@NullMarked
package dev.tidemill.operator.crd;

import org.jspecify.annotations.NullMarked;
