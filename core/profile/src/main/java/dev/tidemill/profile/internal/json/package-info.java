/** The JSON Lines reader. */
@NullMarked
package dev.tidemill.profile.internal.json;

import org.jspecify.annotations.NullMarked;
