import KeyStoreCore

extension KeyStoreConformance {
    static let lookupChecks: [Check] = [
        Check(statement: "a key that is not there is noSuchKey, for each operation") { suite in
            try await suite.withSession { session in
                let uri = try suite.uri("nowhere")
                try await suite.expectRefusal(.noSuchKey, of: "finding it") { try await session.key(at: uri) }
                try await suite.expectRefusal(.noSuchKey, of: "its public key") { try await session.publicKey(at: uri) }
                if let deleting = session.deleting {
                    try await suite.expectRefusal(.noSuchKey, of: "deleting it") {
                        try await deleting.deleteKey(at: uri)
                    }
                }
                if let certificates = session.certificates {
                    try await suite.expectRefusal(.noSuchKey, .noSuchCertificate, of: "its certificates") {
                        try await certificates.certificates(at: uri)
                    }
                }
            }
        },
        Check(statement: "what a listing shows finds the same key, and holds no secret") { suite in
            try await suite.withSession(SessionOptions(isWritable: true, login: .atOnce)) { session in
                let made = try await suite.makeKey("listed", in: session)
                let publicKey = try await made.publicKey()
                let listed = try await session.keys(matching: made.info.uri)
                try suite.expect(listed.count == 1, "\(listed.count) keys are listed for the URI of one")
                try suite.expect(listed[0].hasPrivateKey, "the listing shows no private key after a login")
                try suite.expect(listed[0].uri.redacted == listed[0].uri.text, "the listing shows a secret")
                let found = try await session.key(at: listed[0].uri)
                let foundKey = try await found.publicKey()
                try suite.expect(foundKey == publicKey, "the URI of the listing names another key")
                let all = try await session.keys()
                try suite.expect(all.contains { $0.uri == listed[0].uri }, "the key is not in the full listing")
            }
        },
        Check(statement: "a listing ends when the caller has seen enough") { suite in
            try await suite.withSession(SessionOptions(isWritable: true, login: .atOnce)) { session in
                _ = try await suite.makeKey("enough-1", in: session)
                _ = try await suite.makeKey("enough-2", in: session)
                let seen = Counter()
                try await session.forEachKey(matching: nil) { _ in
                    seen.add()
                    return false
                }
                try suite.expect(seen.value == 1, "\(seen.value) keys were shown")
            }
        },
        Check(statement: "two keys that match one reference are ambiguousKey, with both listed") { suite in
            guard let everyKey = suite.subject.everyKey else { return }
            try await suite.withSession { session in
                let first = try await suite.makeKey("double-1", in: session)
                let second = try await suite.makeKey("double-2", in: session)
                do {
                    _ = try await session.key(at: everyKey)
                    throw Disproof("one of them was chosen")
                } catch let error as KeyStoreError {
                    try suite.expect(error.code == .ambiguousKey, "the error is \(error)")
                    let listed = try await session.keys(matching: everyKey).map(\.uri)
                    try suite.expect(
                        listed.contains(first.info.uri) && listed.contains(second.info.uri),
                        "a listing lacks one of them")
                    try suite.expect(
                        listed.filter { error.message.contains($0.text) }.count >= 2, "the error does not list the keys"
                    )
                }
            }
        },
        Check(statement: "a key is found again after the store was opened anew, and is the same") { suite in
            let (uri, publicKey) = try await suite.withSession { session in
                let key = try await suite.makeKey("again", in: session)
                return (key.info.uri, try await key.publicKey())
            }
            try await suite.withSession(SessionOptions()) { session in
                let key = try await session.key(at: uri)
                let found = try await key.publicKey()
                let read = try await session.publicKey(at: uri)
                try suite.expect(found == publicKey && read == publicKey, "it has another public key")
            }
        },
    ]
}

/// Counts from several threads.
final class Counter: @unchecked Sendable {
    // Used by the body of one listing at a time.
    private(set) var value = 0
    func add() { value += 1 }
}
