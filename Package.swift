// swift-tools-version:6.2
import PackageDescription

/// Swift 6 language mode comes with the tools version; a warning in our own code stops the build.
///
/// Not `MemberImportVisibility`: where one compiler process takes a file with Crypto before one with Glibc, Swift 6.3.1 ascribes
/// `struct stat` to CoreFoundation, and refuses its fields to whoever imports Glibc. Which files share a process depends on
/// their number and on the machine's cores.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A plugin exports its entry function and nothing else.
let pluginLinkerSettings: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/exports.map"])
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "ziti-keystore",
    products: [
        .executable(name: "ziti-keystore", targets: ["ziti-keystore"]),
        .library(name: "KeyStoreCore", targets: ["KeyStoreCore"]),
        .library(name: "KeyStorePlugin", targets: ["KeyStorePlugin"]),
        .library(name: "KeyStoreLoader", targets: ["KeyStoreLoader"]),
        .library(name: "KeyStoreTLS", targets: ["KeyStoreTLS"]),
        .library(name: "KeyStoreAttestation", targets: ["KeyStoreAttestation"]),
        .library(name: "KeyStoreTesting", targets: ["KeyStoreTesting"]),
        .library(name: "ZitiEnrollment", targets: ["ZitiEnrollment"]),
        .library(name: "ZitiHTTP", targets: ["ZitiHTTP"]),
        .executable(name: "ziti-example", targets: ["ziti-example"]),
        // Backends. `keystore-SCHEME` makes `libkeystore-SCHEME.so`, which is where a URI of that scheme is looked for.
        .library(name: "keystore-file", type: .dynamic, targets: ["FileKeyStorePlugin"]),
        .library(name: "keystore-pkcs11", type: .dynamic, targets: ["PKCS11KeyStorePlugin"]),
        .library(name: "keystore-piv", type: .dynamic, targets: ["PIVKeyStorePlugin"]),
        // For tests, which copy them to names that a scheme finds: a backend in one C file, the in-memory one, one that
        // misbehaves, and one that attests.
        .library(name: "SamplePlugin", type: .dynamic, targets: ["SamplePlugin"]),
        .library(name: "MemoryPlugin", type: .dynamic, targets: ["MemoryPlugin"]),
        .library(name: "BrokenPlugin", type: .dynamic, targets: ["BrokenPlugin"]),
        .library(name: "AttestingPlugin", type: .dynamic, targets: ["AttestingPlugin"]),
        // A PKCS#11 module that misbehaves on command.
        .library(name: "MockPKCS11", type: .dynamic, targets: ["MockPKCS11"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1.git", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates.git", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client.git", exact: "1.37.0"),
    ],
    targets: [
        // MARK: Sources

        .systemLibrary(name: "CKeyStore"),
        .target(name: "KeyStoreCore", swiftSettings: settings),
        .target(name: "KeyStoreBridge", dependencies: ["CKeyStore", "KeyStoreCore"], swiftSettings: settings),
        .target(
            name: "KeyStorePlugin", dependencies: ["CKeyStore", "KeyStoreBridge", "KeyStoreCore"],
            swiftSettings: settings),
        .target(
            name: "KeyStoreLoader", dependencies: ["CKeyStore", "KeyStoreBridge", "KeyStoreCore"],
            swiftSettings: settings),
        .target(
            name: "KeyStoreVerification", dependencies: ["KeyStoreCore", crypto, cryptoExtras], swiftSettings: settings),
        .target(
            name: "KeyStoreTLS",
            dependencies: ["KeyStoreCore", "KeyStoreVerification", asn1, nioCore, nioSSL, x509],
            swiftSettings: settings),
        .target(
            name: "KeyStoreAttestation", dependencies: ["KeyStoreCore", asn1, crypto, x509], swiftSettings: settings),
        .target(
            name: "KeyStoreTesting",
            dependencies: [
                "KeyStoreCore", "KeyStorePlugin", "KeyStoreVerification", asn1, crypto, cryptoExtras, x509,
            ],
            swiftSettings: settings),
        .target(
            name: "ZitiEnrollment",
            dependencies: [
                "KeyStoreCore", "KeyStoreTLS", "KeyStoreVerification", asn1, asyncHTTPClient, crypto, nioCore, nioHTTP1,
                nioPosix, nioSSL, nioTLS, x509,
            ],
            exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "ZitiHTTP",
            dependencies: [
                "KeyStoreCore", "KeyStoreTLS", "ZitiEnrollment", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioSSL,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "ziti-example",
            dependencies: ["KeyStoreCore", "KeyStoreLoader", "ZitiEnrollment", "ZitiHTTP", asyncHTTPClient],
            swiftSettings: settings),
        .executableTarget(
            name: "ziti-keystore",
            dependencies: [
                "KeyStoreAttestation", "KeyStoreCore", "KeyStoreLoader", "KeyStoreTLS", "KeyStoreVerification",
                "ZitiEnrollment", argumentParser, asn1, crypto, x509,
            ],
            // Manifests of schedulers, and systemd units, which `make install` installs.
            exclude: ["Examples", "Service"], swiftSettings: settings),

        // MARK: Plugins
        // Backends found at run time; ordinary targets, not SwiftPM build plugins. The CLI links none of them.

        .systemLibrary(
            name: "CLibCrypto", path: "Plugins/CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CP11Kit", path: "Plugins/CP11Kit", pkgConfig: "p11-kit-1", providers: [.apt(["libp11-kit-dev"])]),
        .target(
            name: "LibCrypto", dependencies: ["CLibCrypto", "KeyStoreCore"], path: "Plugins/LibCrypto",
            swiftSettings: settings),
        .target(
            name: "FileKeyStore", dependencies: ["KeyStoreCore", "KeyStorePlugin", "LibCrypto"],
            path: "Plugins/FileKeyStore/Backend", swiftSettings: settings),
        .target(
            name: "FileKeyStorePlugin", dependencies: ["CKeyStore", "FileKeyStore", "KeyStorePlugin"],
            path: "Plugins/FileKeyStore/Entry", swiftSettings: settings, linkerSettings: pluginLinkerSettings),
        .target(
            name: "PKCS11KeyStore", dependencies: ["CP11Kit", "KeyStoreCore", "KeyStorePlugin", "LibCrypto"],
            path: "Plugins/PKCS11KeyStore/Backend", swiftSettings: settings),
        .target(
            name: "PKCS11KeyStorePlugin", dependencies: ["CKeyStore", "KeyStorePlugin", "PKCS11KeyStore"],
            path: "Plugins/PKCS11KeyStore/Entry", swiftSettings: settings, linkerSettings: pluginLinkerSettings),
        .systemLibrary(
            name: "CPCSC", path: "Plugins/CPCSC", pkgConfig: "libpcsclite", providers: [.apt(["libpcsclite-dev"])]),
        .systemLibrary(name: "CZlib", path: "Plugins/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "PIVKeyStore", dependencies: ["CPCSC", "CZlib", "KeyStoreCore", "KeyStorePlugin", "LibCrypto"],
            path: "Plugins/PIVKeyStore/Backend", swiftSettings: settings),
        .target(
            name: "PIVKeyStorePlugin", dependencies: ["CKeyStore", "KeyStorePlugin", "PIVKeyStore"],
            path: "Plugins/PIVKeyStore/Entry", swiftSettings: settings, linkerSettings: pluginLinkerSettings),

        // MARK: Tests

        .target(
            name: "DevelopmentController",
            dependencies: [asn1, crypto, cryptoExtras, nioCore, nioHTTP1, nioPosix, nioSSL, x509],
            path: "Tests/DevelopmentController/Controller", swiftSettings: settings),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "KeyStoreCore", "KeyStoreLoader", "ZitiEnrollment", "ZitiHTTP", argumentParser, asyncHTTPClient,
                nioCore,
            ],
            path: "Tests/Benchmarks/Program", swiftSettings: settings),
        .executableTarget(
            name: "development-controller", dependencies: ["DevelopmentController", argumentParser, nioCore, nioPosix],
            path: "Tests/DevelopmentController/Program", swiftSettings: settings),
        .target(name: "ChildProcess", path: "Tests/ChildProcess", swiftSettings: settings),
        .target(name: "TemporaryFiles", path: "Tests/TemporaryFiles", swiftSettings: settings),
        .target(name: "Threads", path: "Tests/Threads", swiftSettings: settings),
        .target(
            name: "MutualTLS",
            dependencies: [
                "ChildProcess", "KeyStoreCore", "KeyStoreTLS", "TemporaryFiles", "ZitiEnrollment", asn1, crypto,
                nioCore,
                nioHTTP1, nioPosix, nioSSL, x509,
            ],
            path: "Tests/MutualTLS", swiftSettings: settings),
        .target(
            name: "ModuleMatrix",
            dependencies: [
                "ChildProcess", "DevelopmentController", "KeyStoreCore", "KeyStoreLoader", "KeyStoreTesting",
                "MutualTLS",
                "VirtualYubiKey", "ZitiEnrollment", "ZitiHTTP", asyncHTTPClient, nioCore, nioSSL,
            ],
            path: "Tests/ModuleMatrix/Matrix", swiftSettings: settings),
        .executableTarget(
            name: "module-matrix", dependencies: ["ModuleMatrix"], path: "Tests/ModuleMatrix/Program",
            swiftSettings: settings),
        .target(
            name: "VirtualYubiKey", dependencies: ["ChildProcess", "CLibCrypto", "TemporaryFiles"],
            path: "Tests/VirtualYubiKey/Key", swiftSettings: settings),
        .executableTarget(
            name: "virtual-yubikey", dependencies: ["VirtualYubiKey", argumentParser],
            path: "Tests/VirtualYubiKey/Program", swiftSettings: settings),
        .testTarget(
            name: "VirtualYubiKeyTests",
            dependencies: ["ChildProcess", "OpenSSL", "TemporaryFiles", "virtual-yubikey", "VirtualYubiKey"],
            swiftSettings: settings),
        .testTarget(
            name: "ModuleMatrixTests",
            dependencies: [
                "ChildProcess", "KeyStoreCore", "KeyStoreTesting", "module-matrix", "ModuleMatrix", "TemporaryFiles",
                "ziti-keystore",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ConformanceTests",
            dependencies: [
                "FileKeyStore", "KeyStoreCore", "KeyStoreLoader", "KeyStorePlugin", "KeyStoreTesting", "PKCS11KeyStore",
                "SoftHSMTokens", "TemporaryFiles",
            ],
            swiftSettings: settings),
        .target(
            name: "ZitiCompatibility",
            dependencies: ["ChildProcess", "DevelopmentController", "OpenSSL", "TemporaryFiles"],
            path: "Tests/ZitiCompatibility", swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "ChildProcess", "DevelopmentController", "SoftHSMTokens", "TemporaryFiles", "ZitiCompatibility", crypto,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "ChildProcess", "DeviceMaker", "DevelopmentController", "KeyStoreAttestation", "KeyStoreCore",
                "TemporaryFiles", "Threads", "ziti-keystore", "ZitiEnrollment", crypto, x509,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DevelopmentControllerTests",
            dependencies: [
                "ChildProcess", "development-controller", "DevelopmentController", "TemporaryFiles", asn1, crypto,
                cryptoExtras, nioCore, nioPosix, nioSSL, x509,
            ],
            swiftSettings: settings),
        .target(
            name: "BrokenPlugin", path: "Tests/BrokenPlugins", publicHeadersPath: ".",
            cSettings: [.headerSearchPath("../../Sources/CKeyStore")], linkerSettings: pluginLinkerSettings),
        .target(
            name: "AttestingPlugin", dependencies: ["CKeyStore", "FileKeyStore", "KeyStoreCore", "KeyStorePlugin"],
            path: "Tests/AttestingPlugin", swiftSettings: settings, linkerSettings: pluginLinkerSettings),
        .target(
            name: "SamplePlugin", dependencies: ["CLibCrypto"], path: "Tests/SamplePlugin", publicHeadersPath: ".",
            cSettings: [.headerSearchPath("../../Sources/CKeyStore")], linkerSettings: pluginLinkerSettings),
        .target(
            name: "MemoryPlugin", dependencies: ["CKeyStore", "KeyStoreCore", "KeyStorePlugin", "KeyStoreTesting"],
            path: "Tests/MemoryPlugin", swiftSettings: settings, linkerSettings: pluginLinkerSettings),
        .testTarget(
            name: "KeyStoreCoreTests", dependencies: ["KeyStoreCore"], swiftSettings: settings),
        .testTarget(
            name: "KeyStoreTLSTests",
            dependencies: [
                "ChildProcess", "KeyStoreCore", "KeyStoreTesting", "KeyStoreTLS", asn1, crypto, nioCore, nioPosix,
                nioSSL,
                nioTLS, x509,
            ],
            swiftSettings: settings),
        .target(
            name: "DeviceMaker", dependencies: [asn1, crypto, cryptoExtras, x509], path: "Tests/DeviceMaker",
            swiftSettings: settings),
        .testTarget(
            name: "KeyStoreAttestationTests",
            dependencies: [
                "DeviceMaker", "KeyStoreAttestation", "KeyStoreCore", "VirtualYubiKey", asn1, crypto, x509,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ZitiEnrollmentTests",
            dependencies: [
                "DeviceMaker", "DevelopmentController", "KeyStoreAttestation", "KeyStoreCore", "KeyStoreTesting",
                "KeyStoreTLS", "TemporaryFiles", "ZitiEnrollment", asn1, crypto, nioCore, nioHTTP1, nioPosix, nioSSL,
                x509,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ZitiHTTPTests",
            dependencies: [
                "ChildProcess", "DevelopmentController", "KeyStoreCore", "KeyStoreLoader", "KeyStoreTesting",
                "KeyStoreTLS", "MutualTLS", "SoftHSMTokens", "TemporaryFiles", "ziti-example", "ZitiEnrollment",
                "ZitiHTTP", asn1,
                asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix, nioSSL, x509,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ReadmeTests",
            dependencies: [
                "ChildProcess", "CKeyStore", "KeyStoreCore", "KeyStoreLoader", "KeyStorePlugin", "KeyStoreTesting",
                "ziti-keystore", "ZitiEnrollment", "ZitiHTTP", asyncHTTPClient,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "KeyStoreBridgeTests", dependencies: ["CKeyStore", "KeyStoreBridge", "KeyStoreCore"],
            swiftSettings: settings),
        .testTarget(
            name: "KeyStoreTestingTests",
            dependencies: [
                "KeyStoreCore", "KeyStoreLoader", "KeyStorePlugin", "KeyStoreTesting", "OpenSSL", "TemporaryFiles",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "KeyStoreLoaderTests",
            dependencies: [
                "CKeyStore", "KeyStoreCore", "KeyStoreLoader", "KeyStorePlugin", "KeyStoreTesting",
                "KeyStoreVerification", "TemporaryFiles",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ManifestTests", dependencies: ["ChildProcess", "TemporaryFiles"], swiftSettings: settings),
        .target(
            name: "OpenSSL", dependencies: ["ChildProcess", "TemporaryFiles"], path: "Tests/OpenSSL",
            swiftSettings: settings),
        .testTarget(
            name: "LibCryptoTests",
            dependencies: ["CLibCrypto", "KeyStoreCore", "LibCrypto", "OpenSSL", "TemporaryFiles"],
            swiftSettings: settings),
        .testTarget(
            name: "FileKeyStoreTests",
            dependencies: ["FileKeyStore", "KeyStoreCore", "KeyStorePlugin", "LibCrypto", "OpenSSL", "TemporaryFiles"],
            swiftSettings: settings),
        .target(
            name: "SoftHSMTokens", dependencies: ["CP11Kit", "TemporaryFiles"], path: "Tests/SoftHSMTokens",
            swiftSettings: settings),
        .executableTarget(
            name: "stress",
            dependencies: ["CLibCrypto", "KeyStoreCore", "KeyStoreLoader", "SoftHSMTokens", "TemporaryFiles"],
            path: "Tests/Stress", exclude: ["leaks", "races", "run"], swiftSettings: settings),
        .target(
            name: "MockPKCS11", dependencies: ["CLibCrypto", "CP11Kit"], path: "Tests/MockPKCS11",
            exclude: ["Check", "README.md", "exports.map"],
            linkerSettings: [
                // Symbolic, so that its lists hold its own functions, whatever other module is loaded.
                .unsafeFlags([
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/Tests/MockPKCS11/exports.map", "-Xlinker",
                    "-Bsymbolic",
                ])
            ]),
        .testTarget(
            name: "MockPKCS11Tests",
            dependencies: [
                "ChildProcess", "CP11Kit", "KeyStoreCore", "KeyStoreLoader", "KeyStorePlugin", "KeyStoreVerification",
                "LibCrypto", "OpenSSL", "PKCS11KeyStore", "hazards", "TemporaryFiles",
                "Threads",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "PIVKeyStoreTests",
            dependencies: [
                "ChildProcess", "hazards", "KeyStoreCore", "KeyStoreLoader", "KeyStorePlugin", "KeyStoreTesting",
                "KeyStoreVerification", "LibCrypto", "OpenSSL", "PIVKeyStore", "TemporaryFiles", "VirtualYubiKey",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "YubiKeyEndToEndTests",
            dependencies: [
                "ChildProcess", "DevelopmentController", "OpenSSL", "TemporaryFiles", "VirtualYubiKey", "ziti-example",
                "ZitiCompatibility",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "PKCS11KeyStoreTests",
            dependencies: [
                "ChildProcess", "CP11Kit", "KeyStoreCore", "KeyStorePlugin", "LibCrypto", "OpenSSL", "PKCS11KeyStore",
                "hazards", "SoftHSMTokens", "TemporaryFiles", "Threads", crypto,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "hazards", dependencies: ["KeyStoreCore", "KeyStorePlugin", "PIVKeyStore", "PKCS11KeyStore"],
            path: "Tests/Hazards", swiftSettings: settings),
    ]
)

// MARK: Instrumented builds

// Fuzzing and the sanitizers take seconds to build because they leave out every target that needs another package; and they
// have programs of their own, some of which only link with a sanitizer. Tests/Instrumented/build sets the variable: to
// `packages` for the one that cannot do without them.
if Context.environment["KEYSTORE_INSTRUMENTED"] == "packages" {
    package.targets.removeAll { $0.type == .test }
    // The command line as a library, without its main function: libFuzzer brings one, and a program links no other program.
    if let program = package.targets.firstIndex(where: { $0.name == "ziti-keystore" }) {
        let target = package.targets.remove(at: program)
        package.products.removeAll { $0.name == target.name }
        package.targets.append(
            .target(
                name: target.name, dependencies: target.dependencies,
                exclude: target.exclude + ["Process/EntryPoint.swift"], swiftSettings: settings))
    }
    package.targets += [
        .executableTarget(
            name: "enrollment-fuzzer", dependencies: ["ZitiEnrollment"], path: "Tests/Fuzzing/EnrollmentFuzzer",
            swiftSettings: settings),
        .executableTarget(
            name: "manifest-fuzzer", dependencies: ["ziti-keystore"], path: "Tests/Fuzzing/ManifestFuzzer",
            swiftSettings: settings),
        .executableTarget(
            name: "session-fuzzer", dependencies: ["ZitiEnrollment", "ZitiHTTP", nioHTTP1],
            path: "Tests/Fuzzing/SessionFuzzer", swiftSettings: settings),
    ]
} else if Context.environment["KEYSTORE_INSTRUMENTED"] != nil {
    var removed = Set(package.targets.filter { $0.type == .test }.map(\.name))
    var previous = -1
    while removed.count > previous {
        previous = removed.count
        for target in package.targets {
            let isMissingPart = target.dependencies.contains { dependency in
                switch dependency {
                case .targetItem(let name, _), .byNameItem(let name, _): removed.contains(name)
                default: true
                }
            }
            if isMissingPart { removed.insert(target.name) }
        }
    }
    package.dependencies = []
    package.targets.removeAll { removed.contains($0.name) }
    package.products.removeAll { product in
        switch product {
        case let product as Product.Executable: !removed.isDisjoint(with: product.targets)
        case let product as Product.Library: !removed.isDisjoint(with: product.targets)
        default: true
        }
    }
    package.targets += [
        .executableTarget(
            name: "attribute-fuzzer", dependencies: ["CP11Kit", "KeyStoreCore", "PKCS11KeyStore"],
            path: "Tests/Fuzzing/AttributeFuzzer", swiftSettings: settings),
        .executableTarget(
            name: "card-fuzzer", dependencies: ["KeyStoreCore", "LibCrypto", "PIVKeyStore"],
            path: "Tests/Fuzzing/CardFuzzer", swiftSettings: settings),
        .executableTarget(
            name: "encoding-fuzzer", dependencies: ["KeyStoreCore", "LibCrypto", "PKCS11KeyStore"],
            path: "Tests/Fuzzing/EncodingFuzzer", swiftSettings: settings),
        .target(name: "ThreadSanitizer", path: "Tests/ThreadSanitizer", publicHeadersPath: "."),
        .executableTarget(
            name: "uri-fuzzer", dependencies: ["KeyStoreCore", "PKCS11KeyStore"],
            path: "Tests/Fuzzing/URIFuzzer", swiftSettings: settings),
    ]
    package.targets.first { $0.name == "stress" }?.dependencies.append("ThreadSanitizer")
}
