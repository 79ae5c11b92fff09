import OpenSSL
import TemporaryFiles
import Testing

@testable import VirtualYubiKey

struct KeyTests {
    /// PKCS#1 v1.5 (RFC 8017 §9.2) around SHA-256, as a client makes it.
    private func block(_ digest: [UInt8], _ length: Int) -> [UInt8] {
        let info: [UInt8] =
            [0x30, 0x31, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20] + digest
        return [0, 1] + [UInt8](repeating: 0xFF, count: length - 3 - info.count) + [0] + info
    }

    private let message = Array("to be signed".utf8)

    private func digest(_ name: String) throws -> [UInt8] {
        try OpenSSLCommand.run(["dgst", "-\(name)", "-binary"], input: message)
    }

    @Test(arguments: [KeyAlgorithm.rsa1024, .rsa2048, .rsa3072])
    func aGeneratedRSAKeySigns(_ algorithm: KeyAlgorithm) throws {
        let key = try YubiKey(firmware: .v5_7_1)
        let client = TestClient(key)
        try client.authenticateManagement()
        let generated = client.generate(algorithm, .authentication)
        #expect(generated.statusWord == .success)
        #expect(client.verify("123456") == .success)
        let length = algorithm.rsaBits! / 8
        let answer = client.use(algorithm, .authentication, block(try digest("sha256"), length))
        #expect(answer.data.count == length)
        let publicKey = try #require(try key.publicKeyDER(in: .authentication))
        #expect(try OpenSSLCommand.verifies(answer.data, of: message, publicKey: publicKey, hash: "sha256"))
        #expect(client.use(algorithm, .authentication, [1]).statusWord == .wrongData)
        let tooLarge = [UInt8](repeating: 0xFF, count: length)
        #expect(client.use(algorithm, .authentication, tooLarge).statusWord == .wrongData)
    }

    @Test(arguments: [(KeyAlgorithm.p256, "sha256"), (.p384, "sha384")])
    func aGeneratedCurveKeySigns(_ algorithm: KeyAlgorithm, _ hash: String) throws {
        let key = try YubiKey()
        let client = TestClient(key)
        try client.authenticateManagement()
        #expect(client.generate(algorithm, .cardAuthentication).statusWord == .success)
        let signature = client.use(algorithm, .cardAuthentication, try digest(hash)).data
        let publicKey = try #require(try key.publicKeyDER(in: .cardAuthentication))
        #expect(try OpenSSLCommand.verifies(signature, of: message, publicKey: publicKey, hash: hash))
        #expect(client.use(algorithm, .cardAuthentication, try digest("sha512")).statusWord == .wrongData)
    }

    @Test func anEd25519KeySignsMessages() throws {
        let key = try YubiKey(firmware: .v5_7_1)
        let client = TestClient(key)
        try client.authenticateManagement()
        #expect(client.generate(.ed25519, .cardAuthentication).statusWord == .success)
        let signature = client.use(.ed25519, .cardAuthentication, message).data
        let publicKey = try #require(try key.publicKeyDER(in: .cardAuthentication))
        #expect(try OpenSSLCommand.verifies(signature, of: message, publicKey: publicKey, hash: nil))
    }

    @Test(arguments: [(KeyAlgorithm.p256, "P-256"), (.p384, "P-384"), (.x25519, "X25519")])
    func aKeyAgreesWithOpenSSL(_ algorithm: KeyAlgorithm, _ name: String) throws {
        let key = try YubiKey(firmware: .v5_7_1)
        let client = TestClient(key)
        try key.generate(algorithm, in: .keyManagement, pinPolicy: .never)
        let folder = TemporaryFolder()
        let options =
            algorithm == .x25519
            ? ["-algorithm", "X25519"] : ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(name)"]
        try OpenSSLCommand.run(["genpkey"] + options + ["-out", folder.path("other")])
        let other = try OpenSSLCommand.publicKey(ofPEM: try folder.read("other"))
        let length = algorithm.curve.map { 2 * $0.length + 1 } ?? 32
        let answer = client.use(algorithm, .keyManagement, other.suffix(length), isAgreement: true)
        try folder.write("ours", try #require(try key.publicKeyDER(in: .keyManagement)))
        let expected = try OpenSSLCommand.run([
            "pkeyutl", "-derive", "-inkey", folder.path("other"), "-peerkey", folder.path("ours"), "-peerform", "DER",
        ])
        #expect(answer.data == expected)
        let offCurve = [UInt8](repeating: 4, count: algorithm == .x25519 ? 31 : length)
        #expect(client.use(algorithm, .keyManagement, offCurve, isAgreement: true).statusWord == .wrongData)
    }

    @Test func newAlgorithmsNeedFirmware57() throws {
        let client = TestClient(try YubiKey(firmware: .v5_4_3))
        try client.authenticateManagement()
        for algorithm in [KeyAlgorithm.rsa3072, .rsa4096, .ed25519, .x25519] {
            #expect(client.generate(algorithm, .authentication).statusWord == .wrongData)
            #expect(client.send(0xFE, algorithm.rawValue, 0x9A, [7, 0]).statusWord == .wrongData)
        }
        #expect(client.send(0xF6, 0xFF, 0x9A).statusWord == .unknownInstruction)
    }

    @Test func makingAndImportingNeedsTheManagementKey() throws {
        let client = TestClient(try YubiKey())
        #expect(client.verify("123456") == .success)
        #expect(client.generate(.p256, .authentication).statusWord == .notAuthenticated)
        #expect(client.send(0xFE, 0x11, 0x9A, [6, 0]).statusWord == .notAuthenticated)
        #expect(client.putData(0x5FC105, [1]) == .notAuthenticated)
    }

    @Test(arguments: ["P-256", "P-384", "ED25519", "X25519"])
    func anImportedScalarIsThatKey(_ name: String) throws {
        let key = try YubiKey(firmware: .v5_7_1)
        let client = TestClient(key)
        try client.authenticateManagement()
        let isCurve = name.hasPrefix("P-")
        let folder = TemporaryFolder()
        let options =
            isCurve ? ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(name)"] : ["-algorithm", name]
        try OpenSSLCommand.run(["genpkey"] + options + ["-out", folder.path("key")])
        let der = try OpenSSLCommand.run([
            "pkey", "-in", folder.path("key"), "-outform", "DER",
        ])
        let source = try YubiKey()
        // What OpenSSL made, read by the other way in.
        let publicKey = try source.importKey(pkcs8: der, in: .authentication)
        #expect(publicKey == (try OpenSSLCommand.publicKey(ofPEM: try folder.read("key"))))
        let algorithm: KeyAlgorithm =
            switch name {
            case "P-256": .p256
            case "P-384": .p384
            case "ED25519": .ed25519
            default: .x25519
            }
        let scalar = try #require(Self.scalar(in: der, algorithm))
        let tag: UInt16 = isCurve ? 6 : algorithm == .ed25519 ? 7 : 8
        let elements = [TLV(tag, scalar), TLV(0xAA, [3]), TLV(0xAB, [2])].encoded
        #expect(client.send(0xFE, algorithm.rawValue, 0x82, elements).statusWord == .success)
        #expect(try key.publicKeyDER(in: 0x82) == publicKey)
        let metadata = try client.metadata(0x82)
        #expect(metadata[tag: 0x02] == [3, 2])
        #expect(metadata[tag: 0x03] == [2])
        #expect(client.send(0xFE, algorithm.rawValue, 0x82, TLV(tag, [1]).encoded).statusWord == .wrongData)
    }

    /// The scalar is the one OCTET STRING of its length.
    private static func scalar(in der: [UInt8], _ algorithm: KeyAlgorithm) -> [UInt8]? {
        let length = algorithm.curve?.length ?? 32
        return (0..<(der.count - length - 1)).first { der[$0] == 4 && der[$0 + 1] == UInt8(length) }
            .map { Array(der[($0 + 2)..<($0 + 2 + length)]) }
    }

    @Test func primesThatDoNotBelongTogetherAreRefused() throws {
        let client = TestClient(try YubiKey())
        try client.authenticateManagement()
        let elements = (1...5).map { TLV(UInt16($0), [UInt8](repeating: 0xF1, count: 128)) }
        #expect(client.send(0xFE, 0x07, 0x9A, elements.encoded).statusWord == .wrongData)
        #expect(client.send(0xFE, 0x07, 0x9A, elements.dropLast().map { $0 }.encoded).statusWord == .wrongData)
    }

    @Test func aKeyIsMovedAndDeleted() throws {
        let key = try YubiKey(firmware: .v5_7_1)
        let client = TestClient(key)
        #expect(client.send(0xF6, 0x82, 0x9A).statusWord == .notAuthenticated)
        try client.authenticateManagement()
        #expect(client.send(0xF6, 0x82, 0x9A).statusWord == .referenceNotFound)
        let publicKey = try key.generate(.p256, in: .authentication)
        try key.generate(.p256, in: 0x83)
        #expect(client.send(0xF6, 0x83, 0x9A).statusWord == .wrongData)
        #expect(client.send(0xF6, 0x82, 0x9A).statusWord == .success)
        #expect(try key.publicKeyDER(in: .authentication) == nil)
        #expect(try key.publicKeyDER(in: 0x82) == publicKey)
        #expect(client.send(0xF6, 0xFF, 0x82).statusWord == .success)
        #expect(try key.publicKeyDER(in: 0x82) == nil)
        #expect(client.send(0xF6, 0x84, 0xF9).statusWord == .wrongParameters)
    }

    @Test func aWrongAlgorithmAnEmptySlotAndNoSlotAreRefused() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        try key.generate(.p256, in: .cardAuthentication)
        let digest = [UInt8](repeating: 1, count: 32)
        #expect(client.use(.p384, .cardAuthentication, digest).statusWord == .wrongData)
        #expect(client.use(.p256, .authentication, digest).statusWord == .wrongData)
        #expect(client.send(0x87, 0x11, 0x96, TLV(0x7C, []).encoded).statusWord == .wrongParameters)
        #expect(client.send(0x87, 0x11, 0x9E, [0x7C, 0x05, 0x82]).statusWord == .wrongData)
        #expect(client.use(.p256, .cardAuthentication, digest).statusWord == .success)
    }

    @Test func aKeyOfMemoryIsTheSameAfterARestart() throws {
        let folder = TemporaryFolder()
        let publicKey = try YubiKey(stateFile: folder.path("state")).generate(.p256, in: .authentication)
        #expect(try YubiKey(stateFile: folder.path("state")).publicKeyDER(in: .authentication) == publicKey)
    }
}
