package dev.tidemill.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** The body of a DeleteObjects request, which takes a thousand keys, and what its answer says. */
final class DeleteBatch {

    private static final int LIMIT = 1000;

    private DeleteBatch() {}

    static List<byte[]> of(Collection<String> keys) {
        List<byte[]> batches = new ArrayList<>();
        StringBuilder xml = new StringBuilder();
        int n = 0;
        for (String key : keys) {
            xml.append("<Object><Key>").append(escaped(key)).append("</Key></Object>");
            if (++n == LIMIT) {
                batches.add(document(xml));
                xml.setLength(0);
                n = 0;
            }
        }
        if (n > 0) {
            batches.add(document(xml));
        }
        return batches;
    }

    private static byte[] document(CharSequence objects) {
        return ("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + objects + "<Quiet>true</Quiet></Delete>")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Whether XML 1.0 can carry the key at all, even as a reference. */
    static boolean carries(String key) {
        return key.codePoints()
                .allMatch(c -> c >= 0x20 && c != 0xFFFE && c != 0xFFFF && !isSurrogate(c)
                        || c == '\t'
                        || c == '\n'
                        || c == '\r');
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /** Carriage returns and tabs as references, since an XML parser would turn them into something else. */
    private static String escaped(String key) {
        StringBuilder s = new StringBuilder(key.length() + 16);
        key.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> s.append("&amp;");
                case '<' -> s.append("&lt;");
                case '>' -> s.append("&gt;");
                default -> {
                    if (c < 0x20) {
                        s.append("&#").append(c).append(';');
                    } else {
                        s.appendCodePoint(c);
                    }
                }
            }
        });
        return s.toString();
    }

    /** Finds the first key that was not deleted, although it was there. The answer has status 200 all the same. */
    static void requireDeleted(Target target, InputStream answer) throws IOException {
        String key = "";
        String code = "";
        String message = "";
        try {
            XMLStreamReader xml = Xml.reader(answer);
            while (xml.hasNext()) {
                int event = xml.next();
                if (event == XMLStreamConstants.START_ELEMENT) {
                    switch (xml.getLocalName()) {
                        case "Key" -> key = xml.getElementText();
                        case "Code" -> code = xml.getElementText();
                        case "Message" -> message = xml.getElementText();
                        default -> {}
                    }
                } else if (event == XMLStreamConstants.END_ELEMENT
                        && xml.getLocalName().equals("Error")
                        && !code.equals("NoSuchKey")) {
                    throw failure(target, key, code, message);
                }
            }
        } catch (XMLStreamException e) {
            throw new IOException("the answer to a deletion is no DeleteResult: " + e.getMessage(), e);
        }
    }

    private static RuntimeException failure(Target target, String key, String code, String message) {
        String said = target + ": " + key + " was not deleted: " + code + ", \"" + message + "\"";
        return switch (code) {
            case "AccessDenied" -> new StoreException.AccessDenied(said, null);
            case "InternalError", "SlowDown", "ServiceUnavailable" -> new StoreException.Unavailable(said, null);
            default -> new StoreException.Refused(said, null);
        };
    }
}
