package dev.tidemill.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * One answer to ListObjectsV2, asked with {@code encoding-type=url} because XML 1.0 cannot carry every key.
 *
 * @param next continues this listing, or null when nothing follows
 */
record ListingPage(List<ObjectInfo> objects, @Nullable String next) {

    static ListingPage read(InputStream body) throws IOException {
        try {
            return read(Xml.reader(body));
        } catch (XMLStreamException | DateTimeParseException | IllegalArgumentException e) {
            throw new IOException("the listing is no ListBucketResult: " + e.getMessage(), e);
        }
    }

    private static ListingPage read(XMLStreamReader xml) throws XMLStreamException, IOException {
        List<Entry> entries = new ArrayList<>(1000);
        Entry entry = new Entry();
        boolean inEntry = false;
        boolean truncated = false;
        boolean urlEncoded = false;
        String token = null;
        int depth = 0;
        boolean complete = false;
        while (xml.hasNext()) {
            switch (xml.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    String name = xml.getLocalName();
                    depth++;
                    if (depth == 1 && !name.equals("ListBucketResult")) {
                        throw new IOException("the listing is a <" + name + ">, not a <ListBucketResult>");
                    }
                    if (depth == 2 && name.equals("Contents")) {
                        entry = new Entry();
                        inEntry = true;
                    } else if (depth == 3 && inEntry && Entry.knows(name)) {
                        entry.set(name, xml.getElementText());
                        depth--;
                    } else if (depth == 2) {
                        switch (name) {
                            case "IsTruncated" -> {
                                truncated = Boolean.parseBoolean(xml.getElementText());
                                depth--;
                            }
                            case "EncodingType" -> {
                                urlEncoded = xml.getElementText().equals("url");
                                depth--;
                            }
                            case "NextContinuationToken" -> {
                                token = xml.getElementText();
                                depth--;
                            }
                            default -> {}
                        }
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    depth--;
                    if (depth == 1 && inEntry) {
                        entries.add(entry);
                        inEntry = false;
                    }
                    complete = depth == 0;
                }
                default -> {}
            }
        }
        if (!complete || (truncated && token == null)) {
            throw new IOException("the listing ends early: " + entries.size() + " objects, and nothing to go on with");
        }
        boolean decode = urlEncoded;
        return new ListingPage(entries.stream().map(e -> e.toInfo(decode)).toList(), truncated ? token : null);
    }

    /**
     * Refuses a page whose keys do not follow each other, lie outside the prefix, or do not come after {@code startAfter}: taken
     * for a listing, it would make objects appear and disappear.
     */
    void requireOrder(Target target, String prefix, @Nullable String startAfter) {
        String before = startAfter;
        for (ObjectInfo object : objects) {
            String key = object.key();
            if ((before != null && KeyOrder.UTF8.compare(before, key) >= 0) || !key.startsWith(prefix)) {
                throw new StoreException.Refused(
                        target + ": the store lists \"" + key + "\" after \"" + before
                                + "\", which is not in the order of keys below this prefix; its listing cannot be trusted",
                        null);
            }
            before = key;
        }
    }

    /** What one {@code <Contents>} says; {@code EncodingType} may follow it, so that decoding waits for the end. */
    private static final class Entry {
        private String key = "";
        private String etag = "";
        private long size = 0;
        private Instant lastModified = Instant.EPOCH;

        static boolean knows(String name) {
            return switch (name) {
                case "Key", "ETag", "Size", "LastModified" -> true;
                default -> false;
            };
        }

        void set(String name, String text) {
            switch (name) {
                case "Key" -> key = text;
                case "ETag" -> etag = text;
                case "Size" -> size = Long.parseLong(text);
                default -> lastModified = Instant.parse(text);
            }
        }

        ObjectInfo toInfo(boolean urlEncoded) {
            return new ObjectInfo(
                    urlEncoded ? URLDecoder.decode(key, StandardCharsets.UTF_8) : key, etag, size, lastModified);
        }
    }
}
