package dev.tidemill.operator.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A body as MinIO's admin API wants it: salt (32 bytes), algorithm (1), nonce (8), then the stream of {@code secure-io/sio-go}, which is
 * chunks of 16 KiB sealed with AES-256-GCM. Of the algorithms that {@code madmin.DecryptData} knows this is 2, whose key comes by PBKDF2:
 * that of the others comes by Argon2 with 64 MiB for each request, and a hundred namespaces that ask for keys at once were minutes and most
 * of an operator's heap.
 */
final class SealedPayload {

    private static final byte PBKDF2_AES_GCM = 2;
    private static final int ITERATIONS = 8192;
    private static final int CHUNK = 1 << 14;
    private static final int TAG = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private SealedPayload() {}

    static byte[] seal(String secretKey, byte[] content) {
        var salt = random(32);
        var nonce = random(8);
        var sealed = new ByteArrayOutputStream(content.length + 128);
        sealed.writeBytes(salt);
        sealed.write(PBKDF2_AES_GCM);
        sealed.writeBytes(nonce);
        try {
            var factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
            var key = factory.generateSecret(new PBEKeySpec(secretKey.toCharArray(), salt, ITERATIONS, 256));
            var aes = new SecretKeySpec(key.getEncoded(), "AES");
            // Each chunk is bound to its place: a number in the nonce, and whether it is the last. The tag of nothing,
            // as number 0,
            // stands for the stream's own associated data, of which there is none.
            var associated = new byte[1 + TAG];
            System.arraycopy(chunk(aes, nonce, 0, new byte[0], new byte[0], 0, 0), 0, associated, 1, TAG);
            var at = 0;
            for (var number = 1; ; number++) {
                var length = Math.min(CHUNK, content.length - at);
                var last = at + length == content.length;
                associated[0] = (byte) (last ? 0x80 : 0);
                sealed.writeBytes(chunk(aes, nonce, number, associated, content, at, length));
                at += length;
                if (last) {
                    return sealed.toByteArray();
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM and PBKDF2", e);
        }
    }

    private static byte[] chunk(
            SecretKeySpec key, byte[] nonce, int number, byte[] associated, byte[] content, int at, int length)
            throws GeneralSecurityException {
        var numbered = ByteBuffer.allocate(nonce.length + Integer.BYTES)
                .put(nonce)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array();
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG * 8, numbered));
        cipher.updateAAD(associated);
        return cipher.doFinal(content, at, length);
    }

    private static byte[] random(int length) {
        var bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
