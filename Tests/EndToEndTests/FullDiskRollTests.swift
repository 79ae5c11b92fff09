import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// A disk that fills up, wherever a key roll or a conversion writes; then room is made, and the same command is given once
/// more.
struct FullDiskRollTests {
    /// A workplace with an identity in `disk/gateway.json` whose key is in `gateway.pem`.
    private func enrolled(with options: [String] = []) async throws -> Workplace {
        let place = try await Workplace()
        try FileManager.default.createDirectory(atPath: place.path("disk"), withIntermediateDirectories: false)
        try place.makeJWT("gateway")
        try await place.run(
            [
                "enroll", "-j", "gateway.jwt", "-k", "file:gateway.pem", "--generate", "--no-passphrase", "-o",
                "disk/gateway.json",
            ] + options)
        return place
    }

    /// The journal takes sixteen pages, the new key and the certificate beside it one or two each, the new identity file two.
    @Test(arguments: [0, 8, 15, 16, 17, 18, 19, 20, 21, 22, 26])
    func theIdentityWorksAfterADiskWasFullDuringARoll(_ pages: Int) async throws {
        let place = try await enrolled()
        let before = try place.folder.read("disk/gateway.json")
        let disk = try await FullDisk(
            [
                "identity", "roll", "gateway.json", "--to", "file:new.pem", "--generate", "--no-passphrase",
                "--delete-old",
            ],
            pages: pages, in: place)
        let first = "with \(pages) pages left: \(disk.printed)"
        // Whoever is done has nothing to go on with.
        try #require(disk.second.status == (disk.status == 0 ? 68 : 0), "\(first), then \(disk.second)")
        #expect([0, 73].contains(disk.status), "\(first)")
        if pages < 16 { #expect(disk.status == 73, "the journal had no room, and nobody noticed: \(first)") }
        if pages == 16 { #expect(disk.printed.contains("new.pem cannot be written"), "the key was not met: \(first)") }
        if pages == 26 { #expect(disk.status == 0, "there was room: \(first)") }
        if disk.status == 73 {
            #expect(disk.printed.contains("space"), "that the disk is full is not said: \(first)")
            #expect(try place.folder.read("seen/gateway.json") == before, "the identity file has changed")
            #expect(!disk.names.contains { $0.hasPrefix(".ziti-keystore") }, "\(disk.names) are left")
        }
        #expect(
            !place.controller.requests.contains { $0.path.hasSuffix("/extend-verify") && $0.status != 200 },
            "the controller was told of a certificate that was not kept")
        let left = try FileManager.default.contentsOfDirectory(atPath: place.path("disk"))
        #expect(!left.contains { $0.hasSuffix(".next") || $0.hasSuffix(".renewing") }, "\(left)")
        #expect(!place.folder.exists("gateway.pem"), "the old key is there")
        try await place.run(["identity", "check", "disk/gateway.json"])
        #expect(try place.identityKey("disk/gateway.json").hasSuffix("/disk/new.pem"))
    }

    @Test(arguments: 0...3)
    func aConversionLeavesNothingOnAFullDiskAndGoesThroughAfterwards(_ pages: Int) async throws {
        let place = try await enrolled()
        let before = try place.folder.read("disk/gateway.json")
        let disk = try await FullDisk(
            ["identity", "convert", "gateway.json", "--to", "go-sdk", "--include-secrets", "-o", "go.json"],
            pages: pages, in: place)
        let first = "with \(pages) pages left: \(disk.printed)"
        try #require(disk.second.status == (disk.status == 0 ? 68 : 0), "\(first), then \(disk.second)")
        #expect(disk.status == (pages == 0 ? 73 : 0) || pages == 1, "\(first)")
        if disk.status != 0 {
            #expect(disk.status == 73 && disk.printed.contains("space"), "\(first)")
            #expect(disk.names == ["gateway.json"], "a part of a private key may have been left")
        }
        #expect(try place.folder.read("disk/gateway.json") == before)
        #expect(try place.identityKey("disk/go.json").hasPrefix("pem:-----BEGIN"))
        #expect(try place.folder.mode("disk/go.json") == 0o600)
    }

    @Test(arguments: 0...4)
    func aPrivateKeyThatIsTakenOutOfAFileIsNotLostOnAFullDisk(_ pages: Int) async throws {
        let place = try await enrolled(with: ["--sdk-compatible"])
        let before = try place.folder.read("disk/gateway.json")
        let disk = try await FullDisk(
            [
                "identity", "convert", "gateway.json", "--to", "native", "--import", "file:taken.pem",
                "--no-passphrase", "-o", "native.json",
            ], pages: pages, in: place)
        let first = "with \(pages) pages left: \(disk.printed)"
        try #require(disk.second.status == (disk.status == 0 ? 68 : 0), "\(first), then \(disk.second)")
        if pages == 0 { #expect(disk.status == 73, "\(first)") }
        if pages == 4 { #expect(disk.status == 0, "\(first)") }
        if disk.status != 0 {
            #expect(disk.status == 73 && disk.printed.contains("space"), "\(first)")
            #expect(Set(disk.names).isSubset(of: ["gateway.json", "taken.pem"]), "\(disk.names)")
        }
        #expect(try place.folder.read("disk/gateway.json") == before)
        try await place.run(["identity", "check", "disk/native.json"])
    }
}
