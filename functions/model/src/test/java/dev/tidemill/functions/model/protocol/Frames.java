package dev.tidemill.functions.model.protocol;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A connection of HTTP/2 without TLS, frame by frame: what is sent in one piece is read in one. */
final class Frames implements AutoCloseable {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int END_STREAM = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int END_HEADERS = 4;

    private final Socket socket;
    private final DataInputStream in;

    Frames(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(60_000);
        in = new DataInputStream(socket.getInputStream());
        send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII), frame(SETTINGS, 0, 0));
    }

    void send(byte[]... frames) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        socket.getOutputStream().write(all.toByteArray());
    }

    /** Until such a frame comes. */
    void await(int stream, int type, int flag) throws IOException {
        while (true) {
            int head = in.readInt();
            int flags = in.readUnsignedByte();
            int of = in.readInt();
            in.skipNBytes(head >>> 8);
            if (of == stream && (head & 0xFF) == type && (flags & flag) == flag) {
                return;
            }
        }
    }

    /** @param further fields, each a name and a value */
    static byte[] head(int stream, boolean end, String method, String path, String... further) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        field(block, ":method", method);
        field(block, ":scheme", "http");
        field(block, ":path", path);
        field(block, ":authority", "test");
        for (int i = 0; i < further.length; i += 2) {
            field(block, further[i], further[i + 1]);
        }
        return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block.toByteArray());
    }

    static byte[] data(int stream, boolean end, byte... payload) {
        return frame(DATA, end ? END_STREAM : 0, stream, payload);
    }

    /** The client's word that it does not wait any more. */
    static byte[] cancel(int stream) {
        return frame(RST_STREAM, 0, stream, (byte) 0, (byte) 0, (byte) 0, (byte) 8);
    }

    /** A literal one, RFC 7541 §6.2.2. */
    private static void field(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        for (String text : new String[] {name, value}) {
            block.write(text.length());
            block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** RFC 9113 §4.1. */
    private static byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
