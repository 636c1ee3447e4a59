/** Datasets. */
@NullMarked
package dev.tidemill.operator.dataset;

import org.jspecify.annotations.NullMarked;
