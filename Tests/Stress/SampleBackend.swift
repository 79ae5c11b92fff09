import KeyStoreCore
import KeyStoreLoader
import TemporaryFiles

/// The backend in one C file, once through all that it does, so that its sanitizer sees it.
struct SampleBackend {
    let plugin: String

    func run() async throws {
        let folder = TemporaryFolder()
        try folder.link("libkeystore-sample.so", to: plugin)
        let loader = BackendLoader(pluginDirectories: [folder.path])
        let store = try await loader.open("sample:token=stress")
        try await store.withSession(SessionOptions(isWritable: true), pin: .none) { session in
            for number in 0..<32 {
                let uri = try KeyStoreURI("sample:token=stress;object=key\(number);id=%\(10 + number)")
                let key = try await session.generateKey(.ecP256, at: uri)
                let message = Array("message \(number)".utf8)
                try Verifier(try await key.publicKey())
                    .verify(try await key.sign(message, using: .ecdsaP256SHA256), of: message)
            }
            let keys = try await session.keys()
            try StressFailure.demand(keys.count == 32, "the backend in C lists \(keys.count) keys of 32")
            for key in keys { _ = try await session.key(at: key.uri) }
            do {
                _ = try await session.key(at: try KeyStoreURI("sample:token=stress;object=none"))
                throw StressFailure("the backend in C finds a key that is not there")
            } catch let error as KeyStoreError {
                try StressFailure.demand(error.code == .noSuchKey, "the backend in C answers \(error)")
            }
        }
        await store.close()
        print("the backend in C: 32 keys and signatures")
    }
}
