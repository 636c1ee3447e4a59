/** The loops that see every byte or every number. The scalar ones are the specification, the vector ones do the work. */
@NullMarked
package dev.tidemill.profile.internal.kernel;

import org.jspecify.annotations.NullMarked;
