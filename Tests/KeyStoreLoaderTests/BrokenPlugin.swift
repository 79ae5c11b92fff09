import Foundation
import KeyStoreCore
import KeyStoreLoader

/// The plugin that misbehaves, and what it counts.
enum BrokenPlugin {
    /// Its library.
    static var path: String { "\(TestPlugins.directory)/libkeystore-broken.so" }

    /// A path for a reference of the plugin that no other test uses, so that its counts are this test's own.
    static func reference(_ fault: String) -> String { "broken:\(fault);\(UUID().uuidString)" }

    static func open(
        _ reference: String, timeoutMilliseconds: UInt32? = nil,
        onNotice: @escaping @Sendable (Notice) -> Void = { _ in }
    ) async throws -> any KeyStore {
        let uri = try KeyStoreURI(reference)
        return try await TestPlugins.loader(onNotice: onNotice)
            .open(OpenRequest(uri: uri, timeoutMilliseconds: timeoutMilliseconds))
    }

    static func openBlocking(
        _ reference: String, onNotice: @escaping @Sendable (Notice) -> Void = { _ in }
    ) throws -> BlockingKeyStore {
        try TestPlugins.loader(onNotice: onNotice).openBlocking(OpenRequest(uri: try KeyStoreURI(reference)))
    }

    /// What is open of a reference's path.
    struct Counts: Equatable {
        var stores, sessions, keys, misordered: Int
        static let none = Counts(stores: 0, sessions: 0, keys: 0, misordered: 0)
    }

    static func counts(_ reference: String) throws -> Counts {
        let serial = try openBlocking(reference).tokens()[0].serial
        let numbers = serial.split(separator: " ").compactMap { Int($0) }
        // The store that was just opened to ask is one of them.
        return Counts(stores: numbers[0] - 1, sessions: numbers[1], keys: numbers[2], misordered: numbers[3])
    }
}
