import ChildProcess
import TemporaryFiles
import DevelopmentController
import Foundation
import NIOSSL
import Testing

/// The handshake: which versions and keys pass, and what the controller saw of them.
struct TLSTests {
    @Test(arguments: Endpoint.KeyType.allCases, [TLSVersion.tlsv12, .tlsv13])
    func everyKindOfKeyAuthenticates(_ type: Endpoint.KeyType, _ version: TLSVersion) async throws {
        try await withController { controller in
            let (endpoint, enrollment) = try await Endpoint.enrolled(at: controller, type)
            let answer = try await endpoint.client(of: controller, tls: version)
                .send("POST /authenticate?method=cert")
            #expect(answer.status == 200)
            let session = try #require(controller.apiSessions.first)
            #expect(session.identityID == enrollment.identityID)
            #expect(!session.improperClientCertChain)
            let seen = try #require(controller.requests.last)
            #expect(seen.tlsVersion == (version == .tlsv12 ? "1.2" : "1.3"))
            #expect(seen.presentedCertificates == 2)
            #expect(seen.leafFingerprint == session.certificateFingerprint)
            let publicKey = try endpoint.publicKeyDER
            #expect(seen.leafPublicKeyDER == publicKey)
        }
    }

    @Test(arguments: [(TLSVersions.tls12, TLSVersion.tlsv13), (.tls13, .tlsv12)])
    func aVersionThatIsNotAcceptedFailsTheHandshake(_ accepted: TLSVersions, _ offered: TLSVersion) async throws {
        try await withController({ $0.tls = accepted }) { controller in
            await #expect(throws: (any Error).self) {
                try await RawClient(port: controller.port, tls: offered).send("GET /version")
            }
            let other: TLSVersion = offered == .tlsv12 ? .tlsv13 : .tlsv12
            let answer = try await RawClient(port: controller.port, tls: other).send("GET /version")
            #expect(answer.status == 200)
        }
    }

    @Test func aClientThatLeavesOutTheIntermediateIsTakenAndFlagged() async throws {
        try await withController { controller in
            let endpoint = try await Endpoint.enrolled(at: controller).endpoint
            let answer = try await endpoint.client(of: controller, certificates: 1)
                .send("POST /authenticate?method=cert")
            #expect(answer.status == 200)
            #expect(answer.data?["improperClientCertChain"] as? Bool == true)
            #expect(controller.apiSessions.map(\.improperClientCertChain) == [true])
        }
    }

    @Test func aCertificatePresentedWithAnotherKeyFailsTheHandshake() async throws {
        try await withController { controller in
            let endpoint = try await Endpoint.enrolled(at: controller).endpoint
            var client = try endpoint.client(of: controller)
            let other = try Endpoint().keyPEM
            client.key = try NIOSSLPrivateKey(bytes: Array(other.utf8), format: .pem)
            await #expect(throws: (any Error).self) { try await client.send("POST /authenticate?method=cert") }
            #expect(controller.apiSessions.isEmpty)
        }
    }

    @Test func openSSLIsAskedForACertificateOfNoParticularCAWithEveryScheme() async throws {
        try await withController { controller in
            let result = try await runOpenSSL([
                "s_client", "-connect", "localhost:\(controller.port)", "-servername", "localhost",
                "-tls1_3",
            ])
            #expect(result.outputText.contains("No client certificate CA names sent"))
            let line = try #require(
                result.outputText.split(separator: "\n").first { $0.hasPrefix("Requested Signature Algorithms") })
            for scheme in ["ECDSA+SHA256", "ECDSA+SHA384", "ECDSA+SHA512", "RSA-PSS+SHA256", "RSA+SHA256", "ed25519"] {
                #expect(line.lowercased().contains(scheme.lowercased()), "\(scheme)")
            }
        }
    }

    @Test func openSSLVerifiesTheServerByNameAndAddressWithTheBundle() async throws {
        let folder = TemporaryFolder()
        try await withController { controller in
            let file = try folder.write("ca.pem", controller.certificateAuthoritiesPEM)
            for check in [["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"], ["-verify_ip", "::1"]] {
                let result = try await runOpenSSL(
                    [
                        "s_client", "-connect", "127.0.0.1:\(controller.port)", "-CAfile", file,
                        "-verify_return_error",
                    ] + check)
                #expect(result.status == 0)
                #expect(result.outputText.contains("Verify return code: 0 (ok)"))
            }
            let wrong = try await runOpenSSL([
                "s_client", "-connect", "127.0.0.1:\(controller.port)", "-CAfile", file,
                "-verify_return_error", "-verify_hostname", "example.org",
            ])
            #expect(wrong.status != 0)
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func aResumedSessionIsSeenWithItsWholeChain(_ version: String) async throws {
        let folder = TemporaryFolder()
        try await withController { controller in
            let endpoint = try await Endpoint.enrolled(at: controller).endpoint
            let chain = try folder.write("chain.pem", endpoint.chainPEM)
            let key = try folder.write("key.pem", endpoint.keyPEM)
            let session = folder.path("session")
            let text = "POST /authenticate?method=cert HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            for use in [["-sess_out", session], ["-sess_in", session]] {
                let result = try await runOpenSSL(
                    [
                        "s_client", "-connect", "localhost:\(controller.port)", version, "-cert", chain,
                        "-cert_chain", chain, "-key", key, "-ign_eof",
                    ] + use, input: text)
                #expect(result.outputText.contains(use[0] == "-sess_in" ? "Reused, TLS" : "New, TLS"))
            }
            // The leaf, and the whole chain file after it.
            #expect(controller.requests.suffix(2).map(\.presentedCertificates) == [3, 3])
            #expect(controller.apiSessions.map(\.improperClientCertChain) == [false, false])
        }
    }

    @Test func openSSLReadsTheBundle() async throws {
        try await withController { controller in
            let answer = try await RawClient(port: controller.port).send("GET /.well-known/est/cacerts")
            let bundle = "-----BEGIN PKCS7-----\n\(answer.text)\n-----END PKCS7-----\n"
            let output = try await openssl(["pkcs7", "-print_certs", "-noout"], input: bundle)
            #expect(output.contains("CN = intermediate-ca"))
            #expect(output.contains("CN = root-ca"))
        }
    }

    @Test func theLogMasksTheToken() async throws {
        try await withController { controller in
            let (_, enrollment) = try await Endpoint.enrolled(at: controller)
            let seen = try #require(controller.requests.first)
            #expect(seen.query == "method=ott&token=***")
            #expect(seen.method == "POST")
            #expect(seen.path == "/edge/client/v1/enroll")
            #expect(seen.status == 200)
            #expect(seen.presentedCertificates == 0)
            #expect(!"\(controller.requests)".contains(enrollment.token))
        }
    }

    @Test func anAddressThatIsNoneCannotStandInTheCertificate() async throws {
        await #expect(throws: ControllerError.self) {
            try await withController({ $0.certificateAddresses = ["localhost"] }) { _ in }
        }
    }
}
