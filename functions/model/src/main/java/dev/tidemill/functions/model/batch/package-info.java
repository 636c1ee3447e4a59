/** Requests of one shape class are joined into one inference and parted again. */
@NullMarked
package dev.tidemill.functions.model.batch;

import org.jspecify.annotations.NullMarked;
