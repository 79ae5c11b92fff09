import DevelopmentController
import Foundation
import Testing
import X509

/// The flaws of a server are in what it presents.
struct ServerFlawTests {
    private func presented(_ flaw: ServerFlaw?) async throws -> [Certificate] {
        var chain: [Certificate] = []
        try await withController({ $0.serverFlaw = flaw }) { controller in
            let answer = try await RawClient(port: controller.port).send("GET /version")
            #expect(answer.status == 200)
            #expect(answer.serverChain.first == controller.serverCertificateDER)
            chain = try answer.serverChain.map { try Certificate(derEncoded: $0) }
            // The JWT fits the certificate that is presented.
            #expect(try JWT(controller.makeEnrollment(name: "a").jwt).isSigned(by: answer.serverChain[0]))
        }
        return chain
    }

    @Test func aChainOutOfOrderHasTheRootBeforeTheIntermediate() async throws {
        let chain = try await presented(.chainOutOfOrder)
        #expect(chain.count == 3)
        #expect(chain[1].issuer == chain[1].subject)
        #expect(chain[2].subject == chain[0].issuer)
    }

    @Test func aLeafAloneIsPresented() async throws {
        #expect(try await presented(.leafOnly).count == 1)
    }

    @Test func anExpiredCertificateIsPresented() async throws {
        let chain = try await presented(.expired)
        #expect(chain[0].notValidAfter < Date())
        #expect(chain[1].notValidAfter > Date())
        #expect(chain[1].publicKey.isValidSignature(chain[0].signature, for: chain[0]))
    }

    @Test func aCertificateForAnotherHostIsPresented() async throws {
        let chain = try await presented(.otherHost)
        let names = try #require(try chain[0].extensions.subjectAlternativeNames)
        #expect(names.contains(.dnsName("other.example")))
        #expect(!names.contains(.dnsName("localhost")))
    }

    @Test func withoutAFlawTheChainLeadsToTheRoot() async throws {
        let chain = try await presented(nil)
        #expect(chain.count == 2)
        #expect(chain[0].issuer == chain[1].subject)
        #expect(chain[0].notValidAfter > Date())
    }
}
