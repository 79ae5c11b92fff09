import Foundation
import Testing

/// What a real controller sent, recorded beside the development controller.
enum Recordings {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "DevelopmentController/Recordings")

    /// The whole recording as JSON.
    static func read(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appending(path: name + ".json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// All recordings, of every controller.
    static func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
            .map { String($0.dropLast(".json".count)) }.sorted()
    }

    /// Whether a recording is of a request that was refused.
    static func isRefusal(_ name: String) throws -> Bool {
        guard let response = try read(name)["response"] as? [String: Any] else { return false }
        return try #require(response["status"] as? Int) >= 400
    }

    /// The status and body of the answer in a recording.
    static func answer(_ name: String) throws -> (status: Int, body: [UInt8]) {
        let response = try #require(try read(name)["response"] as? [String: Any])
        let body = try #require(response["body"] as? String)
        return (try #require(response["status"] as? Int), Array(body.utf8))
    }

    /// A text in a recording.
    static func text(_ key: String, of name: String) throws -> String {
        try #require(try read(name)[key] as? String)
    }
}
