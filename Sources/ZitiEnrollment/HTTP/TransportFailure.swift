import AsyncHTTPClient
import KeyStoreCore
import NIOCore
import NIOPosix
import NIOSSL

import func Glibc.strerror

/// Puts into words why an exchange with a controller failed.
package enum TransportFailure {
    /// An answer that was longer than what is read.
    package static func tooLong(_ maximumLength: Int) -> EnrollmentError {
        EnrollmentError(.answerInvalid, "the controller's answer is longer than \(maximumLength) bytes")
    }

    /// A server without a certificate.
    static func noCertificate(_ address: ControllerAddress) -> EnrollmentError {
        EnrollmentError(.certificateNotTrusted, "\(address) presents no certificate")
    }

    /// The error for what NIO, NIOSSL or the HTTP client threw. One that is in words already stays as it is.
    package static func describe(_ error: any Error, address: ControllerAddress) -> EnrollmentError {
        switch error {
        case let error as EnrollmentError:
            return error
        case let error as KeyStoreError:
            // What the key failed with in the handshake.
            return EnrollmentError(error)
        case is CancellationError, HTTPClientError.cancelled as HTTPClientError:
            return EnrollmentError(.cancelled, "the exchange with \(address) was given up", underlying: error)
        case HTTPClientError.deadlineExceeded as HTTPClientError, HTTPClientError.connectTimeout as HTTPClientError,
            HTTPClientError.readTimeout as HTTPClientError, HTTPClientError.tlsHandshakeTimeout as HTTPClientError,
            HTTPClientError.getConnectionFromPoolTimeout as HTTPClientError,
            ChannelError.connectTimeout as ChannelError:
            return EnrollmentError(
                .timedOut, "\(address) did not answer in time", hint: "Try again, or allow more time.",
                underlying: error)
        case HTTPClientError.proxyAuthenticationRequired as HTTPClientError:
            return HTTPProxy.refused("it asks for a user name and password", error)
        case HTTPClientError.invalidProxyResponse as HTTPClientError:
            return HTTPProxy.refused("its answer to CONNECT is no success", error)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return EnrollmentError(
                .certificateNotTrusted, "the certificate that \(address) presents is not for the host \(address.host)",
                underlying: error)
        case let error as NIOSSLError:
            return handshake(error, address)
        case let error as BoringSSLError:
            return handshake(error, address)
        case let error as NIOConnectionError:
            return unreachable(address, reason(error), error)
        default:
            return unreachable(address, words(error), error)
        }
    }

    /// Why a connection could not be made, in the system's words where it has any.
    static func reason(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return words(error) }
        let cause = error.connectionErrors.first?.error ?? error.dnsAError ?? error.dnsAAAAError
        return cause.map(words) ?? "no address"
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
        let reasons = sslReasons(text)
        return EnrollmentError(
            .controllerUnreachable,
            "the TLS handshake with \(address) failed: \(reasons.isEmpty ? String(text.prefix(300)) : reasons)",
            hint:
                "Check that a controller listens there; it may share no TLS version, cipher suite or curve with this.",
            underlying: error)
    }

    /// The reasons in BoringSSL's description of an error, without the source files that it names:
    /// `error:NUMBER:SSL routines:FUNCTION:REASON at FILE:LINE`.
    private static func sslReasons(_ text: String) -> String {
        var reasons: [String] = []
        var rest = text.utf8[...]
        let mark = "OPENSSL_internal:".utf8
        while let start = rest.firstIndex(of: mark.first ?? 0) {
            rest = rest[start...]
            guard rest.starts(with: mark) else {
                rest = rest.dropFirst()
                continue
            }
            rest = rest.dropFirst(mark.count)
            let reason = String(Substring(rest.prefix { $0 != UInt8(ascii: " ") }))
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        return reasons.joined(separator: ", ")
    }

    /// The system's own words for a failed call, which NIO wraps in its own.
    private static func words(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }

    private static func unreachable(
        _ address: ControllerAddress, _ reason: String, _ error: any Error
    ) -> EnrollmentError {
        EnrollmentError(
            .controllerUnreachable, "no connection to \(address): \(reason.prefix(400))",
            hint: "Check that the controller runs and that this machine can reach it.", underlying: error)
    }
}
