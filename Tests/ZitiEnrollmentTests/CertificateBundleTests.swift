import Foundation
import SwiftASN1
import Testing
import X509

@testable import ZitiEnrollment

struct CertificateBundleTests {
    private let body: [UInt8]

    init() throws { body = try Recordings.answer("cacerts-client-prefix").body }

    @Test(arguments: ["cacerts-client-prefix", "cacerts-root", "v1.6.20-rsa/cacerts-root"])
    func aRecordedBundleHoldsRootAndIntermediate(_ name: String) throws {
        let certificates = try CertificateBundle.parse(Recordings.answer(name).body)
        #expect(certificates.count == 2)
        let trust = try ControllerTrust(authorities: certificates)
        #expect(trust.authorities.count == 2)
    }

    @Test func theRecordedServerLeadsToTheRecordedBundle() async throws {
        let trust = try ControllerTrust(authorities: CertificateBundle.parse(body))
        let chain = try #require(try Recordings.read("tls-server-chain")["chain"] as? [String])
        let certificates = try chain.map { try Certificate(derEncoded: PEMDocument(pemString: $0).derBytes) }
        let address = try #require(ControllerAddress("https://localhost:1280"))
        try await trust.verifyServer(leaf: certificates[0], presented: [certificates[1]], address: address)
        let other = try #require(ControllerAddress("https://other.example.org:1280"))
        await #expect(throws: EnrollmentError(.certificateNotTrusted, "")) {
            try await trust.verifyServer(leaf: certificates[0], presented: [certificates[1]], address: other)
        }
        let foreign = try ControllerTrust(
            authorities: CertificateBundle.parse(Recordings.answer("v1.6.20-rsa/cacerts-root").body))
        await #expect(throws: EnrollmentError(.certificateNotTrusted, "")) {
            try await foreign.verifyServer(leaf: certificates[0], presented: [certificates[1]], address: address)
        }
    }

    @Test func theOrderOfTheBundleDoesNotMatter() throws {
        let certificates = try CertificateBundle.parse(body)
        let one = try ControllerTrust(authorities: certificates)
        let other = try ControllerTrust(authorities: certificates.reversed() + certificates)
        #expect(one.authorities == other.authorities)
    }

    @Test func garbageIsRefused() {
        for garbage in ["", "not base64 !", "AAAA", "{\"data\":{}}", "MAA=", "<html></html>"] {
            #expect(throws: EnrollmentError(.caBundleInvalid, ""), "\(garbage)") {
                try CertificateBundle.parse(Array(garbage.utf8))
            }
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let der = Array(try #require(Data(base64Encoded: Data(body.filter { $0 != 0x0A }))))
        for length in stride(from: 0, to: der.count, by: 37) {
            let cut = Array(Data(der[..<length]).base64EncodedData())
            #expect(throws: EnrollmentError(.caBundleInvalid, "")) { try CertificateBundle.parse(cut) }
        }
    }

    @Test func bytesAfterTheBundleAreRefused() throws {
        let der = Array(try #require(Data(base64Encoded: Data(body.filter { $0 != 0x0A })))) + [0]
        #expect(throws: EnrollmentError(.caBundleInvalid, "")) {
            try CertificateBundle.parse(Array(Data(der).base64EncodedData()))
        }
    }

    @Test func aBundleThatIsTooLongIsRefused() {
        let long = [UInt8](repeating: UInt8(ascii: "A"), count: CertificateBundle.maximumLength + 4)
        #expect(throws: EnrollmentError(.caBundleInvalid, "")) { try CertificateBundle.parse(long) }
    }

    @Test func aBundleWithoutARootIsRefusedAndAnAdditionalRootHelps() throws {
        let certificates = try CertificateBundle.parse(body)
        let isRoot = try certificates.map { try Certificate(derEncoded: $0).isRoot }
        let intermediate = try #require(zip(certificates, isRoot).first { !$0.1 }?.0)
        let root = try #require(zip(certificates, isRoot).first { $0.1 }?.0)
        let error = try #require(throws: EnrollmentError.self) {
            try ControllerTrust(authorities: [intermediate])
        }
        #expect(error.code == .caBundleInvalid)
        let trust = try ControllerTrust(
            authorities: [intermediate], additional: [try Certificate(derEncoded: root)])
        #expect(Set(trust.authorities) == [root, intermediate])
    }

    @Test func aBundleOfCertificatesThatAreNoAuthoritiesIsRefused() throws {
        let chain = try #require(try Recordings.read("tls-server-chain")["chain"] as? [String])
        let leaf = try PEMDocument(pemString: chain[0]).derBytes
        #expect(throws: EnrollmentError(.caBundleInvalid, "")) { try ControllerTrust(authorities: [leaf]) }
        #expect(throws: EnrollmentError(.caBundleInvalid, "")) { try ControllerTrust(authorities: [[1, 2]]) }
    }
}
