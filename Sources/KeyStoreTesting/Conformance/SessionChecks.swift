import KeyStoreCore
import KeyStoreVerification
import Synchronization

extension KeyStoreConformance {
    static let sessionChecks: [Check] = [
        Check(statement: "the store lists the token that its sessions are on") { suite in
            let store = try await suite.subject.open()
            let tokens = try await store.tokens()
            let session = try await store.openSession(pin: suite.subject.pin)
            try suite.expect(tokens.count == 1, "\(tokens.count) tokens are listed")
            try suite.expect(tokens[0].uri == session.token.uri, "the session is on another token")
            await session.close()
        },
        Check(statement: "a watch begins with the tokens that are there") { suite in
            let store = try await suite.subject.open()
            guard let watching = store.watching else { return }
            let listed = try await store.tokens()
            var events = watching.tokenEvents().makeAsyncIterator()
            let first = try await events.next()
            guard case .inserted(let token) = first else {
                throw Disproof("it begins with \(String(describing: first))")
            }
            try suite.expect(listed.map(\.uri) == [token.uri], "it begins with \(token.uri)")
        },
        Check(statement: "a scope runs its body with a session and returns what it returns") { suite in
            let store = try await suite.subject.open()
            let isValid = try await store.withSession(SessionOptions(isWritable: true), pin: suite.subject.pin) {
                session in
                let key = try await suite.makeKey("scope", in: session)
                let signature = try await key.sign([1, 2, 3], using: key.info.algorithms[0])
                return try await key.publicKey().isValidSignature(
                    signature, of: [1, 2, 3], using: key.info.algorithms[0])
            }
            try suite.expect(isValid, "a signature made in the scope is wrong")
        },
        Check(statement: "a key of a closed session throws cancelled") { suite in
            let store = try await suite.subject.open()
            let session = try await store.openSession(SessionOptions(isWritable: true), pin: suite.subject.pin)
            let key = try await suite.makeKey("closed", in: session)
            await session.close()
            try await suite.expectRefusal(.cancelled, of: "signing") {
                try await key.sign([1], using: key.info.algorithms[0])
            }
            try await suite.expectRefusal(.cancelled, of: "finding a key") { try await session.key(at: key.info.uri) }
        },
        Check(statement: "a closed store opens no session, and those that are open stay usable") { suite in
            let store = try await suite.subject.open()
            let session = try await store.openSession(SessionOptions(isWritable: true), pin: suite.subject.pin)
            await store.close()
            try await suite.expectRefusal(.cancelled, of: "opening a session") {
                try await store.openSession(pin: suite.subject.pin)
            }
            _ = try await suite.makeKey("store-closed", in: session)
            await session.close()
        },
        Check(statement: "without a PIN source a protected key is pinRequired") { suite in
            guard suite.subject.wrongPIN != nil else { return }
            let uri = try await suite.withSession { try await suite.makeKey("protected", in: $0).info.uri }
            try await suite.withSession(SessionOptions(), pin: PINSource.none) { session in
                try await suite.expectRefusal(.pinRequired, of: "using the key") {
                    try await session.key(at: uri).sign([1], using: .ecdsaP256SHA256)
                }
            }
        },
        Check(statement: "a wrong PIN is pinIncorrect, is asked for once, and the right one works afterwards") {
            suite in
            guard let wrongPIN = suite.subject.wrongPIN else { return }
            let uri = try await suite.withSession { try await suite.makeKey("wrong-pin", in: $0).info.uri }
            let asked = Mutex(0)
            let counting = PINSource.callback { request throws(KeyStoreError) in
                asked.withLock { $0 += 1 }
                return try wrongPIN.pin(for: request)
            }
            try await suite.withSession(SessionOptions(), pin: counting) { session in
                try await suite.expectRefusal(.pinIncorrect, of: "using the key") { try await session.key(at: uri) }
            }
            let count = asked.withLock { $0 }
            try suite.expect(count == 1, "the PIN was asked for \(count) times")
            try await suite.withSession(SessionOptions()) { session in
                _ = try await session.key(at: uri)
            }
        },
        Check(statement: "abilities are handed out exactly as the backend declares them") { suite in
            let store = try await suite.subject.open()
            let abilities = store.backend.abilities
            try suite.expect((store.administration != nil) == abilities.contains(.administering), "administration")
            try suite.expect((store.watching != nil) == abilities.contains(.watching), "watching")
            try await suite.withSession { session in
                try suite.expect((session.certificates != nil) == abilities.contains(.certificates), "certificates")
                try suite.expect((session.deleting != nil) == abilities.contains(.deleting), "deleting")
                try suite.expect((session.policies != nil) == abilities.contains(.keyPolicies), "policies")
                try suite.expect((session.attesting != nil) == abilities.contains(.attesting), "attesting")
                try suite.expect((session.moving != nil) == abilities.contains(.moving), "moving")
                try suite.expect((session.importing != nil) == abilities.contains(.importing), "importing")
                try suite.expect((session.relabelling != nil) == abilities.contains(.relabelling), "relabelling")
                try suite.expect((session.sdkReferences != nil) == abilities.contains(.sdkReferences), "references")
            }
        },
    ]
}
