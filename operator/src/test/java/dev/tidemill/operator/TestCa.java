package dev.tidemill.operator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A certificate authority that nobody knows, made by the JDK's own keytool.
 *
 * @param folder with {@code public.crt} and {@code private.key} of a server at the domain and at each name below it
 * @param pem the authority's certificate
 */
record TestCa(Path folder, String domain, String pem) {

    private static final String PASSWORD = "changeit";

    static TestCa create(Path folder, String domain)
            throws IOException, InterruptedException, GeneralSecurityException {
        var store = folder.resolve("keys.p12");
        keytool(store, "ca", "CN=Nobody", List.of("-ext", "bc:c=ca:true", "-ext", "ku:c=keyCertSign"));
        keytool(
                store,
                "server",
                "CN=" + domain,
                List.of(
                        "-signer",
                        "ca",
                        "-signerkeypass",
                        PASSWORD,
                        "-ext",
                        "san=dns:%1$s,dns:*.%1$s".formatted(domain)));
        var keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        var ca = pem("CERTIFICATE", keys.getCertificate("ca").getEncoded());
        var chain = new StringBuilder();
        for (Certificate certificate : keys.getCertificateChain("server")) {
            chain.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        Files.writeString(folder.resolve("public.crt"), chain);
        Files.writeString(
                folder.resolve("private.key"),
                pem("PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray()).getEncoded()));
        return new TestCa(folder, domain, ca);
    }

    private static void keytool(Path store, String alias, String name, List<String> more)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-dname",
                name,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(more);
        var made = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (made.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
                .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
    }
}
