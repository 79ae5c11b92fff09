import TemporaryFiles
import ChildProcess
import Foundation

/// The package as SwiftPM reads it: targets with their dependencies, and packages with what they are pinned to.
struct Manifest: Decodable {
    struct Target: Decodable {
        var name: String
        var type: String
        var path: String?
        var dependencies: [Dependency] = []

        /// The folder, from the package's root.
        var folder: String { path ?? (type == "test" ? "Tests/\(name)" : "Sources/\(name)") }

        /// The name by which it is imported.
        var module: String { name.replacing("-", with: "_") }

        /// Whether users get it.
        var ships: Bool { type != "test" && !folder.hasPrefix("Tests/") }
    }

    /// What a target depends on: a target of this package, or a product of another.
    struct Dependency: Decodable {
        var name: String
        var package: String?

        private enum Kind: String, CodingKey { case byName, target, product }

        init(name: String, package: String? = nil) {
            self.name = name
            self.package = package
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Kind.self)
            for kind in [Kind.byName, .target, .product] where container.contains(kind) {
                var parts = try container.nestedUnkeyedContainer(forKey: kind)
                name = try parts.decode(String.self)
                package = kind == .product ? try parts.decode(String?.self) : nil
                return
            }
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "a dependency"))
        }
    }

    /// A package that this one needs.
    struct Package: Decodable {
        struct Source: Decodable {
            struct Requirement: Decodable { var exact: [String]? }
            var identity: String
            var requirement: Requirement
        }
        var sourceControl: [Source]?
    }

    struct Product: Decodable {
        var name: String
        var targets: [String]
    }

    var targets: [Target]
    var dependencies: [Package]
    var products: [Product]

    /// The package's root, two folders above this one.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Reads Package.swift with SwiftPM. In a folder of its own, because the build that runs the tests holds the usual one.
    static func load() throws -> Manifest {
        let scratch = TemporaryFolder()
        let outcome = try Program.system(
            "swift", ["package", "--package-path", root, "--scratch-path", scratch.path, "dump-package"]
        ).runBlocking()
        return try JSONDecoder().decode(Manifest.self, from: Data(outcome.output))
    }
}
