/**
 * The four resources as Java types, their YAML reader and the event vocabulary. Knows no framework.
 *
 * <p>Begin with {@link dev.tidemill.api.Resource} and {@link dev.tidemill.api.DatasetSpec}. The types are the source of the CRDs in
 * {@code k8s/crds}: annotations on them become schema, CEL rules, defaults and descriptions, and
 * ResourceReader judges YAML files by the same annotations on a machine without a cluster.
 */
@NullMarked
package dev.tidemill.api;

import org.jspecify.annotations.NullMarked;
