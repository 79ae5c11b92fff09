import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

/// Puts into words why an exchange with a controller failed.
enum TransportFailure {
    /// An answer that was longer than what is read.
    static func tooLong(_ maximumLength: Int) -> EnrollmentError {
        EnrollmentError(.answerInvalid, "the controller's answer is longer than \(maximumLength) bytes")
    }

    /// A server without a certificate.
    static func noCertificate(_ address: ControllerAddress) -> EnrollmentError {
        EnrollmentError(.certificateNotTrusted, "\(address) presents no certificate")
    }

    /// The error for what NIO, NIOSSL or the HTTP client threw. One that is in words already stays as it is.
    static func describe(_ error: any Error, address: ControllerAddress) -> EnrollmentError {
        switch error {
        case let error as EnrollmentError:
            return error
        case is CancellationError, HTTPClientError.cancelled as HTTPClientError:
            return EnrollmentError(.cancelled, "the exchange with \(address) was given up", underlying: error)
        case HTTPClientError.deadlineExceeded as HTTPClientError, HTTPClientError.connectTimeout as HTTPClientError,
            HTTPClientError.readTimeout as HTTPClientError, HTTPClientError.tlsHandshakeTimeout as HTTPClientError,
            HTTPClientError.getConnectionFromPoolTimeout as HTTPClientError,
            ChannelError.connectTimeout as ChannelError:
            return EnrollmentError(
                .timedOut, "\(address) did not answer in time", hint: "Try again, or allow more time.",
                underlying: error)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return EnrollmentError(
                .certificateNotTrusted, "the certificate that \(address) presents is not for the host \(address.host)",
                underlying: error)
        case let error as NIOSSLError:
            return handshake(error, address)
        case let error as BoringSSLError:
            return handshake(error, address)
        case let error as NIOConnectionError:
            let reason =
                error.connectionErrors.first.map { "\($0.error)" }
                ?? (error.dnsAError ?? error.dnsAAAAError).map { "\($0)" } ?? "no address"
            return unreachable(address, reason, error)
        default:
            return unreachable(address, "\(error)", error)
        }
    }

    private static func handshake(_ error: any Error, _ address: ControllerAddress) -> EnrollmentError {
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return EnrollmentError(
                .certificateNotTrusted, "the certificate that \(address) presents is not trusted", underlying: error)
        }
        if text.contains("NO_COMMON_SIGNATURE_ALGORITHMS") {
            return EnrollmentError(
                .noUsableAlgorithm, "\(address) accepts no signature algorithm that the key has",
                hint: "Use a P-256 key, or an RSA key that can sign with PSS.", underlying: error)
        }
        return unreachable(address, "the TLS connection failed: \(text.prefix(300))", error)
    }

    private static func unreachable(
        _ address: ControllerAddress, _ reason: String, _ error: any Error
    ) -> EnrollmentError {
        EnrollmentError(
            .controllerUnreachable, "no connection to \(address): \(reason.prefix(400))",
            hint: "Check that the controller runs and that this machine can reach it.", underlying: error)
    }
}
