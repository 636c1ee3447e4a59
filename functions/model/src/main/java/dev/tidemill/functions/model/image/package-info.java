/** Images as the input of a model: {@link dev.tidemill.functions.model.image.ImageInput} makes rows of a tensor of JPEGs and PNGs. */
@NullMarked
package dev.tidemill.functions.model.image;

import org.jspecify.annotations.NullMarked;
