import CP11Kit
import Crypto
import Foundation
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Synchronization
import Testing
import Threads

@testable import PKCS11KeyStore

/// Signing in circumstances.
struct SigningTests {
    private func isSignature(_ signature: [UInt8], by key: P256.Signing.PublicKey) throws -> Bool {
        key.isValidSignature(try P256.Signing.ECDSASignature(derRepresentation: signature), for: message)
    }

    @Test func sessionsOnManyThreadsSignAtOnceAfterOneLogin() async throws {
        let token = SoftHSM.shared.makeToken()
        let made = try OpenToken(token).session.generateKey(.ecP256, at: try KeyStoreURI(token.uri("object=a")))
        let key = try P256.Signing.PublicKey(derRepresentation: try made.publicKey().der)
        let host = TestHost(pin: token.pin)
        let failures = Mutex<[String]>([])
        await RealThreads.run(8) { _ in
            do {
                let open = try OpenToken(token, SessionOptions(), host: host)
                let found = try open.session.key(at: try open.uri("object=a"))
                for _ in 0..<50 where try !isSignature(found.sign(message, .ecdsaP256SHA256), by: key) {
                    failures.withLock { $0.append("a signature is wrong") }
                }
                withExtendedLifetime(open) {}
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
    }

    @Test func threadsThatNeedALoginTogetherAskForOnePIN() async throws {
        let token = SoftHSM.shared.makeToken()
        let host = TestHost(pin: token.pin)
        let opens = try (0..<8).map { _ in try OpenToken(token, SessionOptions(), host: host) }
        let failures = Mutex(0)
        let boxes = opens.map { UnsafeSession(session: $0.session) }
        await RealThreads.run(8) { index in
            do { try boxes[index].session.using { try boxes[index].session.logIn() } } catch {
                failures.withLock { $0 += 1 }
            }
        }
        #expect(failures.withLock { $0 } == 0)
        #expect(host.requests.count == 1)
        withExtendedLifetime(opens) {}
    }

    /// Each session is used by one thread.
    private struct UnsafeSession: @unchecked Sendable {
        let session: PKCS11Session
    }

    @Test func aSessionThatIsStuckInAnOperationIsReplaced() throws {
        let open = try OpenToken()
        let made = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        let key = try P256.Signing.PublicKey(derRepresentation: try made.publicKey().der)
        var seen: Set<Int> = []
        func getStuck() throws {
            try open.session.using {
                seen.insert(open.session.moduleSession.number)
                #expect(open.session.cryptoki.findObjectsInit(open.session.handle, nil, 0) == CKR_OK)
            }
        }
        for _ in 0..<2 {
            try getStuck()
            #expect(try isSignature(made.sign(message, .ecdsaP256SHA256), by: key))
            try getStuck()
            _ = try open.session.key(at: made.info.uri)
        }
        #expect(seen.count == 4)
        #expect(try isSignature(made.sign(message, .ecdsaP256SHA256), by: key))
    }

    @Test func aKeyThatVanishesIsNoSuchKey() throws {
        let open = try OpenToken()
        let made = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        try open.session.deleteKey(at: made.info.uri)
        #expect(try failure { try made.sign(message, .ecdsaP256SHA256) }.code == .noSuchKey)
        try open.session.using { try open.session.replaceSession() }
        #expect(try failure { try made.sign(message, .ecdsaP256SHA256) }.code == .noSuchKey)
    }

    @Test func aDigestOfAnotherLengthIsRefused() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        for length in [0, 31, 33] {
            let digest = [UInt8](repeating: 1, count: length)
            #expect(try failure { try key.sign(digest: digest, .ecdsaP256SHA256) }.code == .invalidData)
        }
    }

    @Test func anAlgorithmOfAnotherKeyIsRefused() throws {
        let open = try OpenToken()
        let ec = try open.session.generateKey(.ecP256, at: try open.uri("object=ec"))
        let ed = try open.session.generateKey(.ed25519, at: try open.uri("object=ed"))
        #expect(try failure { try ec.sign(message, .rsaPSSSHA256) }.code == .unsupportedMechanism)
        #expect(try failure { try ec.sign(message, .ecdsaP384SHA384) }.code == .invalidReply)
        #expect(
            try failure { try ed.sign(digest: [UInt8](repeating: 1, count: 64), .ed25519) }.code
                == .unsupportedMechanism)
        #expect(try failure { try ed.sign(message, SignatureAlgorithm(rawValue: 1)) }.code == .unsupportedMechanism)
        // What failed left the session usable.
        #expect(try !ec.sign(message, .ecdsaP256SHA256).isEmpty)
    }

    @Test func anEmptyMessageIsSigned() throws {
        let open = try OpenToken()
        for type in [KeyType.ecP256, .ed25519, .rsa(bits: 2048)] {
            let key = try open.session.generateKey(type, at: try KeyStoreURI(open.token.uri))
            let algorithm = try #require(key.info.algorithms.first)
            let signature = try key.sign([], algorithm)
            // openssl reads no message from an empty file with -rawin for one-shot algorithms.
            if type != .ed25519 {
                #expect(try opensslAccepts(signature, of: [], by: try key.publicKey(), algorithm))
            } else {
                let publicKey = try Curve25519.Signing.PublicKey(rawRepresentation: try key.publicKey().der.suffix(32))
                #expect(publicKey.isValidSignature(signature, for: [UInt8]()))
            }
        }
    }

    @Test func aKeyThatAlwaysAuthenticatesAsksForThePINForEachSignature() throws {
        let open = try OpenToken()
        try Tool.pkcs11Tool(
            open.token,
            ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "01", "--label", "always", "--always-auth"])
        let key = try open.session.key(at: try open.uri("id=%01"))
        #expect(key.info.protection == [.login, .pinAlways])
        let publicKey = try P256.Signing.PublicKey(derRepresentation: try key.publicKey().der)
        for _ in 0..<2 { #expect(try isSignature(key.sign(message, .ecdsaP256SHA256), by: publicKey)) }
        #expect(open.host.requests.map(\.kind) == [.pin, .contextPIN, .contextPIN])
    }
}
