/** A small neural network, trained by PyTorch's autograd on one function. Open {@link dev.tidemill.functions.model.train.NetworkRoute}. */
@NullMarked
package dev.tidemill.functions.model.train;

import org.jspecify.annotations.NullMarked;
