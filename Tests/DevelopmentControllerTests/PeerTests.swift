import DevelopmentController
import Foundation
import TemporaryFiles
import Testing

/// Several controllers of one network.
struct PeerTests {
    private func addresses(_ answer: RawClient.Answer) throws -> [String] {
        let body = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
        return try #require(body["data"] as? [[String: Any]]).compactMap { controller in
            let addresses = controller["apiAddresses"] as? [String: [[String: String]]]
            return addresses?["edge-client"]?.first?["url"]
        }
    }

    @Test func theListHoldsTheControllerAndThoseItWasToldOf() async throws {
        try await withController({ $0.peers = ["https://localhost:1"] }) { controller in
            let client = try await ExtendingClient(controller)
            let answer = try await RawClient(port: controller.port).send("GET /controllers", client.headers)
            #expect(
                try addresses(answer)
                    == [controller.url + "/edge/client/v1", "https://localhost:1/edge/client/v1"])
            #expect(try controller.clusterURLs == [controller.url, "https://localhost:1"])
        }
    }

    @Test func theListNeedsASession() async throws {
        try await withController { controller async throws in
            #expect(try await RawClient(port: controller.port).send("GET /controllers").status == 401)
        }
    }

    @Test func aPeerKnowsTheIdentitiesAndTheSessionsAndHasAKeyOfItsOwn() async throws {
        try await withController { first in
            let client = try await ExtendingClient(first)
            try await withController({ $0.peerOf = first }) { second async throws in
                #expect(second.certificateAuthoritiesPEM == first.certificateAuthoritiesPEM)
                #expect(second.serverCertificateDER != first.serverCertificateDER)
                let peer = client.moved(to: second)
                #expect(try await peer.authenticate(peer.endpoint) == 200)
                #expect(try await peer.session(field: "identityId") as? String == client.identityID)
                #expect(try first.clusterURLs == [first.url, second.url])
                #expect(first.apiSessions.count == 2)
            }
            #expect(try first.clusterURLs == [first.url])
        }
    }

    @Test func aPeerHasNoFolder() async throws {
        let folder = TemporaryFolder()
        try await withController { first in
            await #expect(throws: ControllerError.self) {
                try await withController({
                    $0.peerOf = first
                    $0.folder = folder.path("state")
                }) { _ in }
            }
        }
    }

    @Test(arguments: ["localhost:1280", "http://localhost:1280", "https://", "https://localhost/edge"])
    func whatIsNoURLOfAControllerIsRefused(_ url: String) async throws {
        await #expect(throws: ControllerError.self) { try await withController({ $0.peers = [url] }) { _ in } }
    }

    @Test func thePeersInTheFolderAreFoundByTheRunningController() async throws {
        let folder = TemporaryFolder()
        let state = folder.path("state")
        try await withController({ $0.folder = state }) { controller in
            try Controller.setPeers(["https://localhost:2"], inFolder: state)
            #expect(try Controller.peers(inFolder: state) == ["https://localhost:2"])
            #expect(try controller.clusterURLs == [controller.url, "https://localhost:2"])
        }
    }
}
