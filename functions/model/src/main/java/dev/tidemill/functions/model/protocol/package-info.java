/** The Open Inference Protocol v2: REST with binary tensors, and gRPC. */
@NullMarked
package dev.tidemill.functions.model.protocol;

import org.jspecify.annotations.NullMarked;
