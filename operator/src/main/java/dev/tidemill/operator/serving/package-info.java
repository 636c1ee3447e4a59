/**
 * What Functions and Models have in common: a Knative Service whose pods have keys that open what was granted. {@link
 * dev.tidemill.operator.serving.ServingReconciler} is the way from the one to the other.
 */
@NullMarked
package dev.tidemill.operator.serving;

import org.jspecify.annotations.NullMarked;
