import DeviceMaker
import KeyStoreCore
import Testing
import X509

@testable import KeyStoreAttestation

/// Bundles and certificates with damage in every place: each is refused, and none does harm.
struct DamagedBundleTests {
    /// Reads and verifies; answers what was proven, or nil where it was refused.
    private func proven(_ json: [UInt8], _ roots: AttestationRoots) async -> AttestationStatement? {
        do throws(AttestationError) {
            return try await AttestationVerifier(roots: roots).verify(AttestationBundle(json: json)).statement
        } catch {
            #expect(AttestationError.Code.known.contains(error.code))
            #expect(!error.message.isEmpty)
            return nil
        }
    }

    @Test func aBundleThatWasCutShortAnywhereProvesNothing() async throws {
        let attested = try AttestedKey()
        let json = try attested.bundle().json()
        let roots = try AttestationRoots(pem: [attested.root.pem])
        // Without its last newline it is whole.
        for length in 0..<json.count - 1 { #expect(await proven(Array(json[..<length]), roots) == nil) }
    }

    @Test func aBitThatIsTurnedOverAnywhereProvesNothingElse() async throws {
        let attested = try AttestedKey()
        let json = try attested.bundle().json()
        let roots = try AttestationRoots(pem: [attested.root.pem])
        let truth = try await attested.verify().statement
        for position in json.indices {
            var damaged = json
            damaged[position] ^= 1 << UInt8(position % 8)
            // It may stand in what does not count: a date, a name that is passed over then.
            let statement = await proven(damaged, roots)
            #expect(statement == nil || statement == truth)
        }
    }

    @Test func aCertificateWithAByteChangedAnywhereProvesNothingElse() async throws {
        let attested = try AttestedKey()
        let verifier = AttestationVerifier(roots: try AttestationRoots(pem: [attested.root.pem]))
        let certificates = try attested.certificates
        let truth = try await attested.verify().statement
        var accepted = 0
        for index in certificates.indices {
            for position in certificates[index].indices {
                var damaged = certificates
                damaged[index][position] &+= 1
                let bundle = try? AttestationBundle(certificates: damaged, uri: KeyStoreURI("token:a"))
                guard let bundle, let proven = try? await verifier.verify(bundle) else { continue }
                #expect(proven.statement == truth, "certificate \(index), byte \(position)")
                accepted += 1
            }
        }
        // A signature is a bit string, and that it is one of whole bytes is not signed (X.690 §8.6.2).
        #expect(accepted <= certificates.count)
    }

    @Test func piecesOfBundlesInAnyOrderProveNothing() async throws {
        let attested = try AttestedKey()
        let json = try attested.bundle().json()
        let roots = try AttestationRoots(pem: [attested.root.pem])
        var generator = Repeatable(state: 0x5EED)
        for _ in 0..<500 {
            var mixed: [UInt8] = []
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let start = Int.random(in: json.indices, using: &generator)
                mixed += json[start..<Int.random(in: start...json.count, using: &generator)]
            }
            #expect(await proven(mixed, roots) == nil || mixed == json)
        }
    }

    /// Random numbers that are the same each time (SplitMix64), so that a failure can be looked at again.
    private struct Repeatable: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }
}
