import CKeyStore
import KeyStoreBridge
import KeyStoreCore
import Testing

/// Nothing that comes over the boundary is believed: each field with what cannot be right in it.
struct RefusalTests {
    /// Lengths with which no bytes come: C's largest size is -1 here.
    private static var impossible: [keystore_bytes] {
        [keystore_bytes(data: nil, count: 1), keystore_bytes(data: nil, count: -1)]
    }

    private func refused(
        _ code: KeyStoreError.Code = .invalidReply, _ body: () throws(KeyStoreError) -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: KeyStoreError(code, ""), sourceLocation: sourceLocation) { try body() }
    }

    /// Lends bytes: too many for any field, not UTF-8, or a length beyond memory.
    private func withBadTexts(_ limit: Int, _ body: (keystore_bytes) -> Void) {
        withBytes(of: [UInt8](repeating: 0x78, count: limit + 1), body)
        for bytes: [UInt8] in [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0x61, 0xE2, 0x82]] {
            withBytes(of: bytes, body)
        }
        withBytes(of: [1]) { body(keystore_bytes(data: $0.data, count: -1)) }
        withBytes(of: [1]) { body(keystore_bytes(data: $0.data, count: .max)) }
        for bytes in Self.impossible { body(bytes) }
    }

    @Test func bytesAreCopiedUpToTheLimit() throws {
        withBytes(of: [1, 2, 3]) { bytes in
            #expect((try? bytes.copied("x", limit: 3)) == [1, 2, 3])
            refused { () throws(KeyStoreError) in _ = try bytes.copied("x", limit: 2) }
        }
        #expect(try keystore_bytes(data: nil, count: 0).copied("x", limit: 0).isEmpty)
        #expect(keystore_bytes(data: nil, count: 5).buffer.isEmpty)
        for bytes in Self.impossible { refused { () throws(KeyStoreError) in _ = try bytes.copied("x", limit: 10) } }
    }

    @Test func aTokenWithAnImpossibleFieldIsRefused() throws {
        try TokenInfo(uri: try KeyStoreURI("x:a"), label: "l").withC { (good) -> Result<Void, any Error> in
            for size in [0, 4, UInt32(MemoryLayout<keystore_token_info>.offset(of: \.properties)!) - 1] {
                var token = good.pointee
                token.size = size
                refused { () throws(KeyStoreError) in _ = try TokenInfo(checking: &token) }
            }
            let texts: [WritableKeyPath<keystore_token_info, keystore_bytes>] = [
                \.uri, \.label, \.manufacturer, \.model, \.serial, \.location,
            ]
            for field in texts {
                withBadTexts(8192) { bad in
                    var token = good.pointee
                    token[keyPath: field] = bad
                    refused { () throws(KeyStoreError) in _ = try TokenInfo(checking: &token) }
                }
            }
            for text in ["", "no scheme", "x:a b"] {
                withBytes(of: text) { bytes in
                    var token = good.pointee
                    token.uri = bytes
                    refused { () throws(KeyStoreError) in _ = try TokenInfo(checking: &token) }
                }
            }
            return .success(())
        }.get()
    }

    @Test func aKeyWithAnImpossibleFieldIsRefused() throws {
        let info = KeyInfo(
            uri: try KeyStoreURI("x:a"), type: .ed25519, publicKey: try PublicKey(der: Samples.ed25519),
            algorithms: [.ed25519])
        info.withC { good in
            func refusedWith(
                _ code: KeyStoreError.Code = .invalidReply, sourceLocation: SourceLocation = #_sourceLocation,
                _ change: (inout keystore_key_info) -> Void
            ) {
                var key = good.pointee
                change(&key)
                refused(
                    code, { () throws(KeyStoreError) in _ = try KeyInfo(checking: &key) },
                    sourceLocation: sourceLocation)
            }
            for size in [0, 4, UInt32(MemoryLayout<keystore_key_info>.offset(of: \.decryptions)!) - 1] {
                refusedWith { $0.size = size }
            }
            for count in [1, 65, -1] { refusedWith { ($0.decryptions, $0.decryption_count) = (nil, count) } }
            for count in [1, 65, -1, .max, .min] {
                refusedWith { ($0.properties, $0.property_count) = (nil, count) }
            }
            withBadTexts(16384) { bad in
                for attribute in [
                    keystore_attribute(name: bad, value: .init(data: nil, count: 0)),
                    keystore_attribute(name: .init(data: nil, count: 0), value: bad),
                ] {
                    withUnsafePointer(to: attribute) { pointer in
                        refusedWith { ($0.properties, $0.property_count) = (pointer, 1) }
                    }
                }
            }
            for type: UInt32 in [0, 7, 77, 254, 256, .max] { refusedWith { $0.type = type } }
            for bits: UInt32 in [0, 255, 16385, .max] {
                refusedWith {
                    $0.type = UInt32(KEYSTORE_KEY_RSA)
                    $0.bits = bits
                    $0.public_key = keystore_bytes(data: nil, count: 0)
                }
            }
            refusedWith { $0.type = UInt32(KEYSTORE_KEY_EC_P256) }
            for field in [\keystore_key_info.uri, \.label] {
                withBadTexts(8192) { bad in refusedWith { $0[keyPath: field] = bad } }
            }
            for field in [\keystore_key_info.id, \.public_key] {
                withBytes(of: [UInt8](repeating: 1, count: 8193)) { bad in refusedWith { $0[keyPath: field] = bad } }
                for bad in Self.impossible { refusedWith { $0[keyPath: field] = bad } }
            }
            withBytes(of: "no DER") { bad in refusedWith { $0.public_key = bad } }
            refusedWith { $0.algorithms = nil }
            for count in [65, -1, .max, .min] { refusedWith { $0.algorithm_count = count } }
        }
    }

    @Test func thePublicKeyOfATypeThatIsNotKnownIsLeftOut() throws {
        let info = KeyInfo(uri: try KeyStoreURI("x:a"), type: nil)
        info.withC { good in
            withBytes(of: "what the host cannot read") { bytes in
                var key = good.pointee
                key.public_key = bytes
                let read = try? KeyInfo(checking: &key)
                #expect(read == info)
            }
        }
    }

    @Test func aReferenceDescriptionWithAnImpossibleFieldIsRefused() throws {
        let info = URIInfo(
            normalised: try KeyStoreURI("x:a"), attributes: [.init(name: "n", value: "v")], warnings: ["w"])
        info.withC { good in
            func refusedWith(_ change: (inout keystore_uri_info) -> Void) {
                var info = good.pointee
                change(&info)
                refused { () throws(KeyStoreError) in _ = try URIInfo(checking: &info) }
            }
            for size in [0, UInt32(MemoryLayout<keystore_uri_info>.size) - 1] { refusedWith { $0.size = size } }
            for count in [65, -1, .max, .min] {
                refusedWith { $0.attribute_count = count }
                refusedWith { $0.warning_count = count }
            }
            refusedWith { $0.attributes = nil }
            refusedWith { $0.warnings = nil }
            withBadTexts(8192) { bad in
                refusedWith { $0.normalised = bad }
                var attribute = keystore_attribute(name: bad, value: keystore_bytes(data: nil, count: 0))
                withUnsafePointer(to: &attribute) { pointer in refusedWith { $0.attributes = pointer } }
                attribute = keystore_attribute(name: keystore_bytes(data: nil, count: 0), value: bad)
                withUnsafePointer(to: &attribute) { pointer in refusedWith { $0.attributes = pointer } }
                withUnsafePointer(to: bad) { pointer in refusedWith { $0.warnings = pointer } }
            }
        }
    }

    @Test func aSecretRequestWithAnImpossibleFieldIsRefused() {
        PINRequest(kind: .pin, subject: "s", uri: "x:a").withC { good in
            func refusedWith(_ change: (inout keystore_secret_request) -> Void) {
                var request = good.pointee
                change(&request)
                refused { () throws(KeyStoreError) in _ = try PINRequest(checking: &request) }
            }
            for size in [0, UInt32(MemoryLayout<keystore_secret_request>.size) - 1] { refusedWith { $0.size = size } }
            for kind: UInt32 in [0, 12, .max] { refusedWith { $0.kind = kind } }
            withBadTexts(8192) { bad in
                refusedWith { $0.subject = bad }
                refusedWith { $0.uri = bad }
            }
        }
    }

    /// What is left out makes another key than the one asked for.
    @Test func whatIsNotDefinedOfANewKeyIsRefusedAndNotLeftOut() {
        let good = NewKeyOptions(pinPolicy: .always, touchPolicy: .cached).request(
            .ecP256, uri: keystore_bytes(data: nil, count: 0))
        for field in [\keystore_new_key_request.pin_policy, \.touch_policy, \.flags] {
            for value: UInt32 in [4, .max] {
                var request = good
                request[keyPath: field] = value
                refused(.unsupportedMechanism) { () throws(KeyStoreError) in _ = try NewKeyOptions(checking: request) }
            }
        }
    }

    @Test func anOpenRequestWithAnImpossibleFieldIsRefusedAsTheProgramsFault() throws {
        let request = OpenRequest(uri: try KeyStoreURI("x:a"), module: "/m")
        request.withC { good in
            var small = good.pointee
            small.size = UInt32(MemoryLayout<keystore_open_request>.offset(of: \.module_arguments)!) - 1
            refused(.invalidData) { () throws(KeyStoreError) in _ = try OpenRequest(checking: &small) }
            withBadTexts(16384) { bad in
                for field in [\keystore_open_request.uri, \.module, \.module_arguments] {
                    var request = good.pointee
                    request[keyPath: field] = bad
                    refused(.invalidData) { () throws(KeyStoreError) in _ = try OpenRequest(checking: &request) }
                }
            }
            withBytes(of: "no scheme") { bytes in
                var request = good.pointee
                request.uri = bytes
                refused(.invalidURI) { () throws(KeyStoreError) in _ = try OpenRequest(checking: &request) }
            }
        }
    }
}
