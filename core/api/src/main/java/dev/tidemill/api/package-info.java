/** The four resources as Java types, their YAML reader and the event vocabulary. Knows no framework. */
@NullMarked
package dev.tidemill.api;

import org.jspecify.annotations.NullMarked;
