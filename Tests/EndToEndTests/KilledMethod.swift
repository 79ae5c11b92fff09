import DevelopmentController
import Foundation
import Testing

/// A method of enrollment besides `ott`, as an operator uses it, with a key file where it takes a key.
enum KilledMethod: String, CaseIterable, Sendable {
    case ottca
    case ca
    case updb
    case tokenWithRequest = "token with a certificate request"
    case tokenAlone = "token alone"
    case network

    /// Who is enrolled.
    static let name = "gateway"

    private static let password = "Throw-away-1"

    /// The numbers of the steps that it announces.
    var steps: [Int] {
        switch self {
        case .ottca, .ca, .tokenWithRequest: Array(1...10)
        case .updb, .tokenAlone: [1, 2, 3, 7, 10]
        case .network: [1, 2, 3, 10]
        }
    }

    /// The end of the path of the request that enrolls; nil where there is none.
    var path: String? {
        switch self {
        case .ottca, .ca, .updb: "/enroll"
        case .tokenWithRequest, .tokenAlone: "/enroll/token"
        case .network: nil
        }
    }

    /// Whether a lost answer is lost for good: it held a certificate, and there is no second one.
    var losesItsAnswer: Bool { self == .tokenWithRequest }

    /// What stands in the folder when all is done, besides what `prepare` has put there.
    var results: [String] {
        self == .tokenWithRequest ? ["gateway.json", "gateway.pem", "gateway.pem.crt"] : ["gateway.json"]
    }

    /// Makes what the method needs, and returns the arguments of its command.
    func prepare(_ place: Workplace) async throws -> [String] {
        let controller = place.controller
        let start = ["enroll", "-o", "gateway.json"]
        switch self {
        case .ottca, .ca:
            let authority = try controller.addAuthority(name: "partner", pem: try await certify(place))
            let jwt =
                try self == .ca
                ? controller.makeAuthorityJWT(authority)
                : controller.makeEnrollment(name: Self.name, authority: authority).jwt
            try place.write(jwt, "gateway.jwt")
            return start + ["-j", "gateway.jwt", "-k", "file:gateway.pem", "--cert", "gateway.crt"]
                + (self == .ca ? ["--name", Self.name] : [])
        case .updb:
            try place.write(try controller.makeEnrollment(name: Self.name, username: Self.name).jwt, "gateway.jwt")
            try place.write(Self.password, "password")
            return start + ["-j", "gateway.jwt", "--username", Self.name, "--password-source", "password"]
        case .tokenWithRequest, .tokenAlone:
            let holder = ExternalHolder()
            _ = try controller.addSigner(
                name: "login", issuer: ExternalHolder.issuer, publicKeyPEM: holder.publicKeyPEM)
            try place.write(try controller.networkJWT, "network.jwt")
            try place.write(try holder.jwt(Self.name), "token.jwt")
            let key = ["-k", "file:gateway.pem", "--generate", "--no-passphrase"]
            return start + ["-j", "network.jwt", "--external-jwt-source", "token.jwt"]
                + (self == .tokenWithRequest ? key : [])
        case .network:
            try place.write(try controller.networkJWT, "network.jwt")
            return start + ["-j", "network.jwt"]
        }
    }

    /// Checks that the identity file is the method's, and that the identity can be used.
    func check(_ place: Workplace) async throws {
        switch self {
        case .ottca, .ca, .tokenWithRequest: try await place.run(["authenticate", "gateway.json"])
        case .updb, .tokenAlone, .network:
            let extras = try #require(try place.identity("gateway.json")["zitiKeystore"] as? [String: Any])
            #expect(extras["method"] as? String == (self == .tokenAlone ? "token" : rawValue))
            #expect(extras["username"] as? String == (self == .updb ? Self.name : nil))
        }
    }

    /// Makes an authority of somebody else's, and a key in a file with a certificate of it. Returns the authority's
    /// certificate.
    private func certify(_ place: Workplace) async throws -> String {
        let new = ["req", "-x509", "-days", "1", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        try await place.system(
            "openssl", new + ["-subj", "/CN=partner", "-keyout", "partner.key", "-out", "partner.pem"])
        try place.write(
            """
            [req]
            distinguished_name = name
            x509_extensions = client
            [name]
            [client]
            basicConstraints = critical, CA:FALSE
            extendedKeyUsage = clientAuth

            """, "client.cnf")
        try await place.system(
            "openssl",
            new + [
                "-config", "client.cnf", "-subj", "/CN=gateway", "-CA", "partner.pem", "-CAkey", "partner.key",
                "-keyout", "gateway.pem", "-out", "gateway.crt",
            ])
        return String(decoding: try place.folder.read("partner.pem"), as: UTF8.self)
    }
}
