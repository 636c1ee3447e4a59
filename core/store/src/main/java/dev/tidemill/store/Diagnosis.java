package dev.tidemill.store;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Says what went wrong between us and one store, and what to do about it. */
final class Diagnosis {

    private final URI endpoint;

    Diagnosis(URI endpoint) {
        this.endpoint = endpoint;
    }

    /** @param conditional whether a 404 can only mean that the object to be replaced is gone */
    StoreException of(Target target, IOException e, boolean conditional) {
        return e instanceof Rejection r ? rejected(target, r, conditional) : failed(target, e);
    }

    /** No connection was ever made, so the store cannot have acted. */
    static boolean neverSent(IOException e) {
        return e instanceof ConnectException
                || e instanceof UnknownHostException
                || e instanceof NoRouteToHostException;
    }

    /** Waiting will not mend a certificate. */
    static boolean isTrustProblem(IOException e) {
        return e instanceof SSLPeerUnverifiedException
                || (e instanceof SSLException && (causedBy(e, CertificateException.class) || speaksPlainHttp(e)));
    }

    private StoreException rejected(Target target, Rejection r, boolean conditional) {
        if (r.isWebPage()) {
            return new StoreException.Refused(
                    message(
                            target,
                            r.answer() + " with a web page, not with S3's XML",
                            "give the S3 API's address (a store's" + " web console listens on another port)"),
                    r);
        }
        return switch (r.status) {
            case 401, 403 -> new StoreException.AccessDenied(denied(target, r), r);
            case 404 -> missing(target, r, conditional);
            case 409, 412 ->
                new StoreException.PreconditionFailed(
                        message(target, r.answer(), "somebody else wrote it meanwhile"), r);
            case 301, 307 ->
                new StoreException.Refused(
                        message(target, r.answer(), "the bucket lives in another region: set the store's region"), r);
            default -> {
                if (r.credentialsExpired()) {
                    yield new StoreException.AccessDenied(denied(target, r), r);
                }
                if (r.passing()) {
                    yield new StoreException.Unavailable(
                            message(target, r.answer(), "the store is there but does not serve; look at its log"), r);
                }
                yield new StoreException.Refused(message(target, r.answer(), remedy(r)), r);
            }
        };
    }

    private StoreException missing(Target target, Rejection r, boolean conditional) {
        if (r.code.equals("NoSuchBucket")) {
            return new StoreException.NoSuchBucket(
                    "bucket \"" + target.bucket() + "\" does not exist at " + endpoint + " (" + target
                            + "): create it, or correct its name",
                    r);
        }
        if (conditional) {
            return new StoreException.PreconditionFailed(
                    message(target, r.answer(), "the object that was to be replaced is gone"), r);
        }
        if (r.code.isEmpty() || r.code.equals("NoSuchKey") || r.code.equals("NoSuchVersion")) {
            return new StoreException.NoSuchKey("there is no object " + target.uri() + " at " + endpoint, r);
        }
        return new StoreException.Refused(message(target, r.answer(), remedy(r)), r);
    }

    private String denied(Target target, Rejection r) {
        String remedy = switch (r.code) {
            case "InvalidAccessKeyId" ->
                "the store does not know this access key: correct AWS_ACCESS_KEY_ID or the store's Secret";
            case "SignatureDoesNotMatch" ->
                "the secret key is not the one of this access key: correct AWS_SECRET_ACCESS_KEY or the store's"
                        + " Secret";
            case "RequestTimeTooSkewed" ->
                "the clocks of this machine and of the store differ by more than 15 minutes: set them";
            case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidTokenId", "InvalidToken" ->
                "the temporary credentials have expired: renew them";
            case "" -> "the credentials are wrong, or they do not open this " + what(target);
            default -> "the credentials do not open this " + what(target) + ": grant it, or use others";
        };
        return message(target, r.answer(), remedy);
    }

    private static String what(Target target) {
        return target.key() == null || target.key().isEmpty() ? "bucket" : "prefix";
    }

    private static @Nullable String remedy(Rejection r) {
        if (r.code.equals("AuthorizationHeaderMalformed")) {
            return "set the store's region to the one that it names";
        }
        if (r.getMessage() != null && r.getMessage().contains("HTTP request to an HTTPS server")) {
            return "the store speaks TLS: write https:// in its endpoint";
        }
        return null;
    }

    private StoreException failed(Target target, IOException e) {
        if (isTrustProblem(e)) {
            String remedy = speaksPlainHttp(e)
                    ? "it seems to speak plain HTTP: write http:// in its endpoint"
                    : "give the PEM file of the authority that signed its certificate as the store's caSecret"
                            + " (AWS_CA_BUNDLE on a laptop), and use a host name that the certificate holds";
            return new StoreException.Refused(message(target, "TLS: " + e.getMessage(), remedy), e);
        }
        return new StoreException.Unavailable(
                switch (e) {
                    case UnknownHostException _ ->
                        message(
                                target,
                                "the host " + endpoint.getHost() + " is unknown",
                                "correct the store's endpoint");
                    case ConnectException _ ->
                        message(target, "nobody listens there", "start the store, or correct its endpoint");
                    case SocketTimeoutException _ ->
                        message(target, "no answer in time", "look at the store's load and at the network between");
                    default -> message(target, "the connection broke: " + e.getMessage(), null);
                },
                e);
    }

    private String message(Target target, String what, @Nullable String remedy) {
        return target + " at " + endpoint + ": " + what + (remedy == null ? "" : "; " + remedy);
    }

    private static boolean speaksPlainHttp(IOException e) {
        return e.getMessage() != null && e.getMessage().contains("Unsupported or unrecognized SSL message");
    }

    private static boolean causedBy(Throwable e, Class<? extends Throwable> type) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }
}
