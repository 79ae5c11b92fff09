import ChildProcess
import Crypto
import DeviceMaker
import Foundation
import Testing

extension CommandLine {
    /// Surroundings with a key in `key.pem` that is attested to unless it counts as imported, a plugin that hands that out, and
    /// the arguments that choose it.
    static func withDevice(
        _ statement: DeviceStatement? = DeviceStatement()
    ) async throws -> (line: CommandLine, plugin: [String]) {
        let line = try CommandLine()
        mkdir(line.path("plugins"), 0o755)
        try FileManager.default.createSymbolicLink(
            atPath: line.path("plugins/libkeystore-file.so"),
            withDestinationPath: "\(BuildFolder.path)/libAttestingPlugin.so")
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let key = try P256.Signing.PrivateKey(
            pemRepresentation: String(decoding: try line.read("key.pem"), as: UTF8.self))
        let attested = try AttestedKey(statement ?? DeviceStatement(), key: key)
        if statement != nil {
            for (index, certificate) in try attested.certificates.enumerated() {
                line.write("key.pem.attestation.\(index)", certificate)
            }
        }
        line.write("root.pem", try attested.root.pem)
        line.write("other.pem", try DeviceAuthority.root("Other").pem)
        return (line, ["--plugin-path", line.path("plugins")])
    }
}
