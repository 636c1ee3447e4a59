/** Models. */
@NullMarked
package dev.tidemill.operator.model;

import org.jspecify.annotations.NullMarked;
