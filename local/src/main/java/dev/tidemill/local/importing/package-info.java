/**
 * Functions declared for AWS as Tidemill resources. {@link dev.tidemill.local.importing.Importer} is where to begin: a file becomes
 * a tree of {@code Item}s, a reader for its kind hands them to a {@code FunctionDraft}, and whatever nobody took is listed.
 */
@NullMarked
package dev.tidemill.local.importing;

import org.jspecify.annotations.NullMarked;
