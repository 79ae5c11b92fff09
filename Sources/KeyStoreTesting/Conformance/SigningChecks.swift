import KeyStoreCore
import KeyStoreVerification

extension KeyStoreConformance {
    static let signingChecks: [Check] = [
        Check(statement: "messages of no byte, one byte and 100,000 bytes are signed") { suite in
            try await suite.withSession { session in
                let key = try await suite.makeKey("lengths", in: session)
                let publicKey = try await key.publicKey()
                guard let algorithm = key.info.algorithms.first else { throw Disproof("the key has no algorithm") }
                for length in [0, 1, 100_000] {
                    let message = [UInt8](repeating: 0x5A, count: length)
                    let signature = try await key.sign(message, using: algorithm)
                    try suite.expect(
                        publicKey.isValidSignature(signature, of: message, using: algorithm),
                        "the signature of \(length) bytes is wrong")
                }
            }
        },
        Check(statement: "an algorithm that does not fit the key is unsupportedMechanism") { suite in
            try await suite.withSession { session in
                let key = try await suite.makeKey("algorithm", in: session)
                for algorithm in SignatureAlgorithm.all + [SignatureAlgorithm(rawValue: 0x0201)]
                where !key.info.algorithms.contains(algorithm) {
                    try await suite.expectRefusal(.unsupportedMechanism, of: "\(algorithm)") {
                        try await key.sign([1, 2, 3], using: algorithm)
                    }
                }
            }
        },
        Check(statement: "a digest of the wrong length is invalidData") { suite in
            try await suite.withSession { session in
                let key = try await suite.makeKey("digest", in: session)
                guard let algorithm = key.info.algorithms.first, let hash = algorithm.hash else { return }
                for length in [0, 1, hash.digestLength - 1, hash.digestLength + 1, 4096] {
                    try await suite.expectRefusal(.invalidData, of: "a digest of \(length) bytes") {
                        try await key.sign(.digest([UInt8](repeating: 0, count: length)), using: algorithm)
                    }
                }
            }
        },
        Check(statement: "sixty-four tasks on two sessions get right signatures") { suite in
            let uri = try await suite.withSession { try await suite.makeKey("tasks", in: $0).info.uri }
            let store = try await suite.subject.open()
            let sessions = [
                try await store.openSession(pin: suite.subject.pin),
                try await store.openSession(pin: suite.subject.pin),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<64 {
                    let session = sessions[task % 2]
                    group.addTask {
                        let key = try await session.key(at: uri)
                        let publicKey = try await key.publicKey()
                        let algorithm = key.info.algorithms[0]
                        for round in 0..<2 {
                            let message = Array("task \(task), round \(round)".utf8)
                            let signature = try await key.sign(message, using: algorithm)
                            try suite.expect(
                                publicKey.isValidSignature(signature, of: message, using: algorithm),
                                "a signature is not that of its message")
                        }
                    }
                }
                try await group.waitForAll()
            }
            for session in sessions { await session.close() }
        },
    ]
}
