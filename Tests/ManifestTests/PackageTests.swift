import Foundation
import Testing

/// The package keeps its own rules.
struct PackageTests {
    private func sources(of target: Manifest.Target) -> [(path: String, source: Source)] {
        let folder = "\(Manifest.root)/\(target.folder)"
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix(".swift") }.sorted().compactMap { file in
            (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)).map {
                ("\(target.folder)/\(file)", Source($0))
            }
        }
    }

    @Test func noTargetDependsOnWhatItMustNot() throws {
        let rules = ImportRules(targets: try Manifest.load().targets)
        #expect(rules.targets.count > 10)
        for objection in rules.objectionsToManifest() { Issue.record("\(objection)") }
    }

    @Test func noSourceFileImportsWhatItMustNot() throws {
        let rules = ImportRules(targets: try Manifest.load().targets)
        var read = 0
        for target in rules.targets {
            for (path, source) in sources(of: target) {
                read += 1
                for objection in rules.objections(toSource: source.text, of: target) {
                    Issue.record("\(path): \(objection)")
                }
            }
        }
        #expect(read > 100)
    }

    /// Where both have one name, the type hides the module, and nothing else of the module can be named in full.
    @Test func noTypeIsNamedAsItsModule() throws {
        for target in try Manifest.load().targets {
            let declaration = try Regex(
                "(?m)^(?!//).*\\b(?:struct|class|enum|actor|protocol|typealias) \(target.module)\\b")
            for (path, source) in sources(of: target) {
                #expect(source.text.firstMatch(of: declaration) == nil, "\(path) names a type as its module")
            }
        }
    }

    @Test func everyPackageIsPinned() throws {
        let packages = try Manifest.load().dependencies
        #expect(packages.count > 5)
        for package in packages {
            let source = try #require(package.sourceControl?.first)
            #expect(source.requirement.exact?.count == 1, "\(source.identity) is not pinned with exact:")
        }
    }

    /// A PIN may come from a `file:` URI (RFC 7512 §2.4), and the certificates of an identity file too, which is no key
    /// store's; and to a YubiKey the OpenZiti SDKs have one way only, Yubico's PKCS#11 module, which they name by such a
    /// reference.
    private static let exempt: Set<String> = [
        "Plugins/PIVKeyStore/Backend/Session/PIVSession+SDKReference.swift", "Sources/KeyStorePlugin/PINFile.swift",
        "Sources/ziti-keystore/Secret/SecretChoice.swift",
        "Sources/ZitiEnrollment/Identity/CertificateReference.swift",
    ]

    @Test func aSchemeIsNamedInItsBackendsFolderOnly() throws {
        let manifest = try Manifest.load()
        var schemes: [String: String] = [:]
        for product in manifest.products where product.name.hasPrefix("keystore-") {
            let target = try #require(manifest.targets.first { $0.name == product.targets.first })
            guard target.ships else { continue }
            let folder = target.folder.split(separator: "/").prefix(2).joined(separator: "/")
            schemes[String(product.name.dropFirst("keystore-".count))] = "\(folder)/"
        }
        #expect(schemes["file"] == "Plugins/FileKeyStore/")
        for target in manifest.targets where target.ships {
            for (path, source) in sources(of: target) where !Self.exempt.contains(path) {
                let foreign = schemes.filter { !path.hasPrefix($0.value) }.map(\.key)
                for line in source.lines(naming: Set(foreign)) { Issue.record("\(path):\(line) names a scheme") }
            }
        }
    }
}
