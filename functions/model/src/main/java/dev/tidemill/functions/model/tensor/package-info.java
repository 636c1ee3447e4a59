/** Tensors as they travel: little-endian bytes with a name, a type and a shape. */
@NullMarked
package dev.tidemill.functions.model.tensor;

import org.jspecify.annotations.NullMarked;
