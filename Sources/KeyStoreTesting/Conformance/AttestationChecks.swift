import KeyStoreCore
import X509

extension KeyStoreConformance {
    static let attestationChecks: [Check] = [
        Check(
            statement: "an attestation begins with a certificate for the key, and each next one issued the one before"
        ) {
            suite in
            try await suite.withSession { session in
                guard let attesting = session.attesting else { return }
                let key = try await suite.makeKey("attest", in: session)
                if suite.subject.limits.contains(.attesting) {
                    return try await suite.expectLimit(
                        .attesting, .unsupportedOperation, .unsupportedMechanism, .policyRefused, of: "an attestation"
                    ) {
                        try await attesting.attestation(at: key.info.uri)
                    }
                }
                let chain = try await attesting.attestation(at: key.info.uri).map { try Certificate(derEncoded: $0) }
                let known = try Certificate.PublicKey(derEncoded: try await key.publicKey().der)
                try suite.expect(chain.first?.publicKey == known, "it is for another key")
                for (certificate, issuer) in zip(chain, chain.dropFirst()) {
                    try suite.expect(
                        issuer.publicKey.isValidSignature(certificate.signature, for: certificate),
                        "\(issuer.subject) did not sign the certificate of \(certificate.subject)")
                }
                try await suite.expectRefusal(.noSuchKey, of: "attesting what is not there") {
                    try await attesting.attestation(at: try suite.uri("nowhere"))
                }
            }
        },
        Check(statement: "a key that came from outside is not attested") { suite in
            guard !suite.subject.limits.contains(.attesting), suite.subject.givenTypes.isEmpty else { return }
            try await suite.withSession { session in
                guard let attesting = session.attesting, let importing = session.importing,
                    let type = KeyType.signing.first(where: { !suite.subject.limits.contains(.importing($0)) })
                else { return }
                let pem = try PIN(try InMemoryKey.generate(type).pem)
                let key = try await importing.importKey(pem: pem, at: try suite.uri("attest-imported"))
                try await suite.expectRefusal(.policyRefused, of: "it") {
                    try await attesting.attestation(at: key.info.uri)
                }
            }
        },
    ]
}
