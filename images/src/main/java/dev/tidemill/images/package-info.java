/**
 * Lays container images out and packs them: {@link dev.tidemill.images.Images} is the program. What is laid out, the top-level
 * {@code Dockerfile} packs too.
 */
@NullMarked
package dev.tidemill.images;

import org.jspecify.annotations.NullMarked;
