import CKeyStore
import KeyStoreBridge
import KeyStoreCore
import Testing

/// What one side lends the other reads as the same value.
struct RoundTripTests {
    /// The reading initialisers throw within the call that lends the struct.
    private func read<Value>(_ body: () throws(KeyStoreError) -> Value) -> Result<Value, KeyStoreError> {
        do throws(KeyStoreError) { return .success(try body()) } catch { return .failure(error) }
    }

    @Test func aTokenCrosses() throws {
        let full = TokenInfo(
            uri: try KeyStoreURI("x:token=a"), label: "läbel", manufacturer: "m", model: "o", serial: "s",
            location: "slot 1", flags: [.initialised, .pinPad, .init(rawValue: 1 << 30)], triesLeft: 0,
            properties: [.init(name: "mödule", value: "/m"), .init(name: "quirks", value: "")])
        let bare = TokenInfo(uri: try KeyStoreURI("x:"), label: "")
        for token in [full, bare] {
            #expect(
                try token.withC { pointer in read { () throws(KeyStoreError) in try TokenInfo(checking: pointer) } }
                    .get() == token)
        }
    }

    @Test func aKeyOfEachTypeCrosses() throws {
        for type in KeyType.generatable.map(Optional.some) + [nil] {
            let key = KeyInfo(
                uri: try KeyStoreURI("x:object=a;id=%00"), type: type, label: "ä", id: [0, 255],
                algorithms: (type?.algorithms ?? []) + [.init(rawValue: 9)],
                decryptionAlgorithms: [.rsaOAEPSHA256, .init(rawValue: 99)], canAgree: true,
                protection: [.login, .touch],
                hasPrivateKey: false, hasCertificate: true, isExtractable: true,
                properties: [.init(name: "örigin", value: "generated"), .init(name: "touch-policy", value: "")])
            #expect(
                try key.withC { pointer in read { () throws(KeyStoreError) in try KeyInfo(checking: pointer) } }.get()
                    == key)
        }
        let bare = KeyInfo(uri: try KeyStoreURI("x:"), type: .ed25519, publicKey: try PublicKey(der: Samples.ed25519))
        #expect(
            try bare.withC { pointer in read { () throws(KeyStoreError) in try KeyInfo(checking: pointer) } }.get()
                == bare)
    }

    @Test func anX25519KeyCrossesWithItsPublicKeyUnderItsOwnNumber() throws {
        let key = KeyInfo(
            uri: try KeyStoreURI("x:"), type: .x25519, publicKey: try PublicKey(der: Samples.x25519), canAgree: true)
        let crossed = try key.withC { pointer in
            #expect(pointer.pointee.type == 6 && pointer.pointee.bits == 0)
            return read { () throws(KeyStoreError) in try KeyInfo(checking: pointer) }
        }.get()
        #expect(crossed == key)
    }

    /// A side that was compiled before a field was added says so by the struct's size.
    @Test func whatAnOlderSideDoesNotKnowIsNotRead() throws {
        let key = KeyInfo(
            uri: try KeyStoreURI("x:"), type: .ecP256, decryptionAlgorithms: [.rsaPKCS1], protection: .login,
            properties: [.init(name: "a", value: "b")])
        let token = TokenInfo(uri: try KeyStoreURI("x:"), label: "l", properties: [.init(name: "a", value: "b")])
        let request = OpenRequest(uri: try KeyStoreURI("x:"), module: "/m", moduleArguments: "a=b")
        let oldKey = key.withC { pointer in
            var old = pointer.pointee
            old.size = UInt32(MemoryLayout<keystore_key_info>.offset(of: \.decryptions)!)
            return read { () throws(KeyStoreError) in try KeyInfo(checking: &old) }
        }
        #expect(try oldKey.get().decryptionAlgorithms == [])
        #expect(try oldKey.get().protection == .login)
        let olderKey = key.withC { pointer in
            var old = pointer.pointee
            old.size = UInt32(MemoryLayout<keystore_key_info>.offset(of: \.properties)!)
            return read { () throws(KeyStoreError) in try KeyInfo(checking: &old) }
        }
        #expect(try olderKey.get().properties == [])
        #expect(try olderKey.get().decryptionAlgorithms == [.rsaPKCS1])
        let oldToken = token.withC { pointer in
            var old = pointer.pointee
            old.size = UInt32(MemoryLayout<keystore_token_info>.offset(of: \.properties)!)
            return read { () throws(KeyStoreError) in try TokenInfo(checking: &old) }
        }
        #expect(try oldToken.get().properties == [])
        #expect(try oldToken.get().label == "l")
        let oldRequest = request.withC { pointer in
            var old = pointer.pointee
            old.size = UInt32(MemoryLayout<keystore_open_request>.offset(of: \.module_arguments)!)
            return read { () throws(KeyStoreError) in try OpenRequest(checking: &old) }
        }
        #expect(try oldRequest.get().moduleArguments == nil)
        #expect(try oldRequest.get().module == "/m")
        #expect(KeyPurpose(boundaryPurpose: 0) == .sign)
        #expect(KeyPurpose(boundaryPurpose: 4) == .agree)
    }

    @Test func aReferenceDescriptionCrosses() throws {
        let full = URIInfo(
            normalised: try KeyStoreURI("x:a"),
            attributes: [.init(name: "n", value: ""), .init(name: "ö", value: "v")],
            warnings: ["one.", ""])
        for info in [full, URIInfo(normalised: try KeyStoreURI("x:"))] {
            #expect(
                try info.withC { pointer in read { () throws(KeyStoreError) in try URIInfo(checking: pointer) } }.get()
                    == info)
        }
    }

    @Test func aSecretRequestCrossesWithoutTheSecretsOfItsURI() throws {
        for kind in [
            PINRequest.Kind.pin, .passphrase, .newPassphrase, .contextPIN, .securityOfficerPIN, .newPIN,
            .newSecurityOfficerPIN, .puk, .newPUK, .managementKey, .newManagementKey,
        ] {
            let request = PINRequest(kind: kind, subject: "tökén", uri: "x:a", triesLeft: 3, countIsLow: true)
            #expect(
                try request.withC { pointer in read { () throws(KeyStoreError) in try PINRequest(checking: pointer) } }
                    .get() == request)
        }
        let secret = PINRequest(kind: .pin, subject: "", uri: "x:a?pin=4711")
        let received = try secret.withC { pointer in
            read { () throws(KeyStoreError) in try PINRequest(checking: pointer) }
        }.get()
        #expect(received.uri == "x:a?pin=***" && received.triesLeft == nil && !received.countIsLow)
    }

    @Test func anOpenRequestCrosses() throws {
        let full = OpenRequest(
            uri: try KeyStoreURI("x:a?pin-value=1"), module: "/lib/m.so", moduleArguments: "k='v'",
            referenceIsRequest: true, allowsLastTry: true,
            timeoutMilliseconds: 5)
        for request in [full, OpenRequest(uri: try KeyStoreURI("x:a"))] {
            #expect(
                try request.withC { pointer in read { () throws(KeyStoreError) in try OpenRequest(checking: pointer) } }
                    .get() == request)
        }
    }

    @Test func theOptionsOfANewKeyCross() throws {
        for pin in PINPolicy.allCases.map(Optional.some) + [nil] {
            for touch in TouchPolicy.allCases.map(Optional.some) + [nil] {
                for purpose in [KeyPurpose.sign, .decrypt, [.sign, .agree]] {
                    let options = NewKeyOptions(
                        purpose: purpose, pinPolicy: pin, touchPolicy: touch, replaces: pin != nil)
                    let request = options.request(.rsa(bits: 2048), uri: keystore_bytes(data: nil, count: 0))
                    #expect(try NewKeyOptions(checking: request) == options)
                    #expect(request.type == UInt32(KEYSTORE_KEY_RSA) && request.bits == 2048 && request.reserved == 0)
                }
            }
        }
        #expect(NewKeyOptions().request(nil, uri: keystore_bytes(data: nil, count: 0)).type == 0)
    }

    @Test func sessionOptionsCross() {
        for login in [SessionOptions.Login.whenNeeded, .atOnce, .never] {
            for isWritable in [true, false] {
                let options = SessionOptions(isWritable: isWritable, login: login)
                #expect(SessionOptions(boundaryFlags: options.boundaryFlags) == options)
            }
        }
    }

    @Test func aNoticeCrossesAndAnUnknownKindIsAWarning() {
        for notice in [Notice.warning("a"), .touchAwaited("ü"), .pinPadAwaited(""), .awaitedDone("d")] {
            let parts = notice.boundaryParts
            #expect(withBytes(of: parts.text) { Notice(kind: parts.kind, text: $0) } == notice)
        }
        #expect(withBytes(of: "t") { Notice(kind: 99, text: $0) } == .warning("t"))
        #expect(withBytes(of: "t") { Notice(kind: .max, text: $0) } == .warning("t"))
        #expect(Notice(kind: 1, text: keystore_bytes(data: nil, count: -1)) == .warning(""))
    }
}

enum Samples {
    /// A SubjectPublicKeyInfo (RFC 8410 §4).
    static let ed25519: [UInt8] =
        [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00] + (1...32).map { UInt8($0) }
    /// Another.
    static let x25519: [UInt8] =
        [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x6E, 0x03, 0x21, 0x00] + (1...32).map { UInt8($0) }
}
