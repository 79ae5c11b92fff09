import DevelopmentController
import Foundation
import Testing

extension CommandLine {
    /// Makes a certificate authority of a partner's with openssl, and a certificate of it for a key in a store, in
    /// `ziggy.crt`. Returns the authority's certificate in PEM.
    func certify(_ key: String, _ use: [String] = []) async throws -> String {
        try await tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=partner")
        try await output(["csr", key, "--subject", "CN=ziggy", "--out", "ziggy.csr"] + use)
        write("client.cnf", "extendedKeyUsage=clientAuth\nbasicConstraints=critical,CA:FALSE\n")
        try await tool(
            "openssl", "x509", "-req", "-in", "ziggy.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7",
            "-days", "1", "-extfile", "client.cnf", "-out", "ziggy.crt")
        return String(decoding: try read("ca.pem"), as: UTF8.self)
    }
}
