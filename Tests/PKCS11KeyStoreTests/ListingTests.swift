import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Listing keys while they are read.
struct ListingTests {
    @Test func keysAreToldBeforeTheOthersAreRead() throws {
        let open = try OpenToken()
        for number in 1...6 { _ = try open.session.generateKey(.ecP256, at: try open.uri("object=k\(number)")) }
        let other = try OpenToken(open.token)
        defer { withExtendedLifetime(other) {} }
        var told: [KeyInfo] = []
        try open.session.forEachKey(matching: nil) { info in
            told.append(info)
            // What is destroyed now, in another session, has been read already or is never told.
            guard told.count == 1 else { return true }
            try? other.session.using {
                for object in try other.session.find(AttributeTemplate()) { try other.session.destroy(object, "test") }
            }
            return true
        }
        #expect(told.first?.publicKey != nil)
        #expect(told.filter { $0.publicKey != nil }.count == 1)
    }

    @Test func listingEndsWhenItIsToldTo() throws {
        let open = try OpenToken()
        for number in 1...3 { _ = try open.session.generateKey(.ecP256, at: try open.uri("object=k\(number)")) }
        for limit in 1...3 {
            var told = 0
            try open.session.forEachKey(matching: nil) { _ in
                told += 1
                return told < limit
            }
            #expect(told == limit)
        }
    }

    @Test func withoutALoginEveryPublicKeyIsToldAtOnce() throws {
        let token = SoftHSM.shared.makeToken()
        do {
            let open = try OpenToken(token)
            for number in 1...3 { _ = try open.session.generateKey(.ecP256, at: try open.uri("object=k\(number)")) }
        }
        let open = try OpenToken(token, SessionOptions(login: .never))
        var told: [KeyInfo] = []
        try open.session.forEachKey(matching: nil) { info in
            told.append(info)
            return true
        }
        #expect(Set(told.map(\.label)) == ["k1", "k2", "k3"])
        #expect(told.allSatisfy { !$0.hasPrivateKey && $0.publicKey != nil })
        var listing = KeyListing(certificates: [], hasPrivateKeys: false)
        for record in try open.session.using({ try open.session.records(CKO_PUBLIC_KEY, id: nil, label: nil) }) {
            #expect(listing.add(record)?.record.handle == record.handle)
        }
    }

    /// A listing in words: which object stands for the key, and what is said of it.
    private struct Told: Hashable {
        let object: CK_OBJECT_HANDLE
        let publicKey: PublicKey?
        let hasPrivateKey: Bool
        let hasCertificate: Bool
    }

    @Test func theOrderOfATokensObjectsDoesNotChangeItsKeys() throws {
        let open = try OpenToken()
        let session = open.session
        func key(_ type: KeyType, _ attributes: String) throws -> (private: ObjectRecord, public: ObjectRecord) {
            let id = try session.generateKey(type, at: try open.uri(attributes)).info.id
            return try session.using {
                (
                    try #require(try session.records(CKO_PRIVATE_KEY, id: id, label: nil).last),
                    try #require(try session.records(CKO_PUBLIC_KEY, id: id, label: nil).last)
                )
            }
        }
        let usual = try key(.ecP256, "object=usual;id=%01")
        try session.store(
            [try TestCertificates.issued(for: try #require(try usual.public.publicKey()))], at: try open.uri("id=%01"))
        let rsa = try key(.rsa(bits: 2048), "object=rsa;id=%02")
        let renamed = try key(.ecP256, "object=renamed;id=%03")
        let secret = try key(.ecP256, "object=secret;id=%04")
        let visible = try key(.ecP256, "object=public;id=%05")
        // Two keys of one id, told apart by their labels.
        let one = try key(.ecP256, "object=one;id=%06")
        let two = try key(.ecP256, "object=two;id=%07")
        var objects = try session.using {
            try Objects.setAttribute(CKA_LABEL, Array("other".utf8), of: renamed.public.handle, session)
            try session.destroy(secret.public.handle, "test")
            try session.destroy(visible.private.handle, "test")
            for record in [two.private, two.public] {
                try Objects.setAttribute(CKA_ID, [6], of: record.handle, session)
            }
            return try session.read(try session.find(AttributeTemplate()))
        }
        let expected: Set = [
            Told(
                object: usual.private.handle, publicKey: try usual.public.publicKey(), hasPrivateKey: true,
                hasCertificate: true),
            Told(
                object: rsa.private.handle, publicKey: try rsa.public.publicKey(), hasPrivateKey: true,
                hasCertificate: false),
            Told(
                object: renamed.private.handle, publicKey: try renamed.public.publicKey(), hasPrivateKey: true,
                hasCertificate: false),
            Told(object: secret.private.handle, publicKey: nil, hasPrivateKey: true, hasCertificate: false),
            Told(
                object: visible.public.handle, publicKey: try visible.public.publicKey(), hasPrivateKey: false,
                hasCertificate: false),
            Told(
                object: one.private.handle, publicKey: try one.public.publicKey(), hasPrivateKey: true,
                hasCertificate: false),
            Told(
                object: two.private.handle, publicKey: try two.public.publicKey(), hasPrivateKey: true,
                hasCertificate: false),
        ]
        let certificates = objects.filter(\.isCertificate)
        for _ in 0..<300 {
            objects.shuffle()
            var listing = KeyListing(certificates: certificates, hasPrivateKeys: true)
            var entries = objects.compactMap { listing.add($0) }
            try listing.forEachRest { entry throws(KeyStoreError) in
                entries.append(entry)
                return true
            }
            let told = entries.map {
                Told(
                    object: $0.record.handle, publicKey: $0.publicKey, hasPrivateKey: $0.hasPrivateKey,
                    hasCertificate: $0.hasCertificate)
            }
            try #require(
                told.count == expected.count && Set(told) == expected,
                "\(objects.map(\.handle)): \(Set(told).symmetricDifference(expected))")
        }
    }
}
