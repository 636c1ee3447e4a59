package dev.tidemill.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Trust in a private certificate authority beside the platform's own. */
public final class Trust {

    private Trust() {}

    /** @param caPem certificates in PEM */
    public static void addTo(OkHttpClient.Builder http, String caPem) {
        X509TrustManager manager = manager(caPem);
        http.sslSocketFactory(context(manager).getSocketFactory(), manager);
    }

    /**
     * The same for any other client.
     *
     * @throws IllegalArgumentException if it is not PEM
     */
    public static SSLContext context(String caPem) {
        return context(manager(caPem));
    }

    private static SSLContext context(X509TrustManager manager) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {manager}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }

    private static X509TrustManager manager(String caPem) {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            int n = 0;
            for (Certificate certificate : certificates(caPem)) {
                anchors.setCertificateEntry("ca-" + n++, certificate);
            }
            for (Certificate certificate : managerOf(null).getAcceptedIssuers()) {
                anchors.setCertificateEntry("platform-" + n++, certificate);
            }
            return managerOf(anchors);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "the CA certificate cannot be used; PEM is wanted (-----BEGIN CERTIFICATE-----): " + e.getMessage(),
                    e);
        }
    }

    private static Collection<? extends Certificate> certificates(String pem) throws GeneralSecurityException {
        Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        if (found.isEmpty()) {
            throw new IllegalArgumentException("the CA holds no PEM certificate (-----BEGIN CERTIFICATE-----)");
        }
        return found;
    }

    private static X509TrustManager managerOf(@Nullable KeyStore anchors) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(anchors);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("this JDK offers no X.509 trust manager");
    }
}
