/**
 * The operator: one plain reconciler for each of the four resources. Open {@code dataset/DatasetReconciler} first; {@link Applier} is
 * how all of them write.
 */
@NullMarked
package dev.tidemill.operator;

import org.jspecify.annotations.NullMarked;
