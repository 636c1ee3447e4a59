/** Functions. */
@NullMarked
package dev.tidemill.operator.function;

import org.jspecify.annotations.NullMarked;
