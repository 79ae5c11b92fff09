import KeyStoreCore
import KeyStorePlugin
import KeyStoreVerification
import PKCS11KeyStore
import Synchronization
import Testing
import Threads

/// Tokens with many keys: what is asked of the module does not grow with their number.
struct ScaleTests {
    /// How often the functions were called that cost a token something.
    private func calls(_ module: MockModule) -> [Int] {
        ["C_FindObjectsInit", "C_FindObjects", "C_GetAttributeValue"].map(module.value)
    }

    @Test func aKeyAmongTenThousandCostsNoMoreCallsThanOneAlone() throws {
        var counts: [[Int]] = []
        for count in [1, 1000, 10_000] {
            // The last one is another key than all others.
            let open = try OpenMock(
                script: "remove any\nkeys \(count - 1) P-256\nkey P-256 label=key-\(count) id=FF seed=2")
            let key = try open.key("object=key-\(count)")
            #expect(try key.signsValidly(by: KnownKeys.publicKey(seed: 2)))
            counts.append(calls(open.module))
        }
        #expect(counts[1] == counts[0] && counts[2] == counts[0])
        #expect(counts[0][0] == 1)
    }

    /// Each session is used by one thread.
    private struct Box: @unchecked Sendable {
        let open: OpenMock
    }

    @Test(arguments: [1, 2, 8, 64])
    func aThousandSignaturesFromManyThreadsAreRight(threads: Int) async throws {
        let module = try MockModule("sessions 8")
        let boxes = try (0..<threads).map { _ in Box(open: try OpenMock(module)) }
        let failures = Mutex<[String]>([])
        await RealThreads.run(threads) { thread in
            do {
                let key = try boxes[thread].open.key()
                for number in 0..<1000 where number % threads == thread {
                    let message = Array("message \(number)".utf8)
                    let signature = try key.sign(message)
                    guard KnownKeys.first.isValidSignature(signature, of: message, using: .ecdsaP256SHA256) else {
                        throw KeyStoreError(.invalidReply, "signature \(number) is wrong")
                    }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(module.value("C_Sign") == 1000)
        #expect(module.value("C_Login") == 1)
        #expect(module.violations == [])
    }

    @Test func tenThousandKeysAreListedWithTwoSearchesAndOneReadForEachObject() throws {
        let open = try OpenMock(script: "remove any\nkeys 10000 P-256", SessionOptions(login: .atOnce))
        var count = 0
        try open.session.forEachKey(matching: nil) { _ in
            count += 1
            return true
        }
        #expect(count == 10_000)
        // One for the certificates, and one for everything.
        #expect(open.module.value("C_FindObjectsInit") == 2)
        #expect(open.module.value("C_GetAttributeValue") == 20_000)
    }
}
