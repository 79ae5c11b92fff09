public import ChildProcess
public import DevelopmentController
import Foundation
import OpenSSL
public import TemporaryFiles

/// Enrolls `laptop` once with a method, and says what came of it in the words of `CompatibilityCase`.
public struct CompatibilityTrial {
    /// The controller.
    public let controller: Controller
    /// Where everything is written; the command line runs here.
    public let folder: TemporaryFolder
    /// The key's reference; nil to enroll without one.
    public let key: String?
    /// What the command line is to be told when it makes the key, when it writes beside it, and when it uses it.
    public let secrets: (making: [String], writing: [String], using: [String])
    /// Whether the certificate of a third party is put beside the key, or given as a file.
    public let storesCertificates: Bool
    /// Further options of `enroll`.
    public var options: [String] = []
    /// Runs the command line.
    public let run: ([String]) async throws -> ProgramOutcome
    /// Has an identity file used by somebody else than the command line, who opens an API session with it.
    public var judge: ((_ identity: String) async throws -> Void)?

    /// Prepares a trial.
    public init(
        controller: Controller, folder: TemporaryFolder, key: String?,
        secrets: (making: [String], writing: [String], using: [String]) = ([], [], []),
        storesCertificates: Bool = false, run: @escaping ([String]) async throws -> ProgramOutcome
    ) {
        self.controller = controller
        self.folder = folder
        self.key = key
        self.secrets = secrets
        self.storesCertificates = storesCertificates
        self.run = run
    }

    /// Enrolls, and has the controller say who came. An outcome that is none of the table's is the command line's answer.
    public func outcome(of method: String) async throws -> String {
        let enrolled = try await run(["enroll", "-o", "laptop.json", "--json"] + options + arguments(for: method))
        guard enrolled.status == 0 else {
            // In a sentence of its own, and before anything was sent that can be sent once only.
            let isExplained = enrolled.errorText.contains(#""code":"methodUnsupported""#)
            return isExplained && !controller.requests.contains { $0.method == "POST" } ? "refused" : "\(enrolled)"
        }
        let before = controller.apiSessions.count
        switch method {
        case "network":
            return try judgeTrust() ? "trust" : "the controller is not trusted by what was written"
        case "updb":
            try logInWithPassword()
        default:
            if key == nil {
                try logInWithExternalJWT()
            } else if let judge {
                try await judge(folder.path("laptop.json"))
            } else {
                let login = try await run(["authenticate", "laptop.json"] + secrets.using)
                guard login.status == 0 else { return "\(login)" }
            }
        }
        return controller.apiSessions.count == before + 1 ? "session" : "the controller saw no API session"
    }

    // MARK: Methods

    private func arguments(for method: String) async throws -> [String] {
        let made = key.map { ["-k", $0] } ?? []
        let generated = key == nil ? [] : ["--generate"] + secrets.making
        switch method {
        case "ott":
            return try jwt(controller.makeEnrollment(name: "laptop").jwt) + made + generated
        case "erott", "trott":
            let enrollment = try controller.makeEnrollment(name: "laptop")
            return try jwt(controller.makeJWT(for: enrollment) { $0.method = method }) + made + generated
        case "ottca":
            let authority = try await certify()
            return try jwt(controller.makeEnrollment(name: "laptop", authority: authority).jwt) + made + certificate
        case "ca":
            let authority = try await certify()
            return try jwt(controller.makeAuthorityJWT(authority)) + made + certificate
        case "updb":
            try folder.write("password", "correct horse")
            return try jwt(controller.makeEnrollment(name: "laptop", username: "ziggy").jwt)
                + ["--username", "ziggy", "--password-source", "password"]
        case "token":
            try folder.write("external.jwt", try externalJWT())
            return try jwt(controller.networkJWT) + ["--external-jwt-source", "external.jwt"] + made + generated
        case "network":
            return try jwt(controller.networkJWT)
        default:
            return ["the table names no method '\(method)'"]
        }
    }

    private func jwt(_ text: String) throws -> [String] {
        try folder.write("laptop.jwt", text)
        return ["-j", "laptop.jwt"]
    }

    /// What enrolls with a certificate that is there already.
    private var certificate: [String] {
        storesCertificates ? secrets.writing : ["--cert", "laptop.crt"] + secrets.using
    }

    /// Makes the key, and has `openssl` certify it as a third party whose authority the controller knows. Returns its id.
    private func certify() async throws -> String {
        guard let key else { throw Unprepared("a certificate needs a key") }
        try await require(["generate", key] + secrets.making)
        try await require(["csr", key, "--subject", "CN=laptop", "--out", "laptop.csr"] + secrets.using)
        try folder.write(
            "extensions", "extendedKeyUsage=clientAuth\nbasicConstraints=critical,CA:FALSE\nkeyUsage=digitalSignature\n"
        )
        try OpenSSLCommand.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=third party",
            "-days", "2", "-addext", "keyUsage=critical,keyCertSign", "-keyout", folder.path("authority.key"), "-out",
            folder.path("authority.pem"),
        ])
        try OpenSSLCommand.run([
            "x509", "-req", "-in", folder.path("laptop.csr"), "-CA", folder.path("authority.pem"), "-CAkey",
            folder.path("authority.key"), "-set_serial", "7", "-days", "1", "-extfile", folder.path("extensions"),
            "-out", folder.path("laptop.crt"),
        ])
        if storesCertificates {
            try await require(["certificate", "put", key, "--in", "laptop.crt"] + secrets.writing)
        }
        return try controller.addAuthority(name: "third party", pem: try text("authority.pem"))
    }

    /// A JWT (RFC 7519) of an identity provider that the controller knows, signed by `openssl`.
    private func externalJWT() throws -> String {
        let issuer = "https://provider.example.org"
        try OpenSSLCommand.run([
            "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", folder.path("provider.key"),
        ])
        let publicKey = try OpenSSLCommand.run(["pkey", "-in", folder.path("provider.key"), "-pubout"])
        _ = try controller.addSigner(
            name: "provider", issuer: issuer, publicKeyPEM: String(decoding: publicKey, as: UTF8.self))
        let now = Int(Date().timeIntervalSince1970)
        let parts = [
            #"{"alg":"RS256","kid":"1","typ":"JWT"}"#,
            #"{"iss":"\#(issuer)","sub":"laptop","aud":"openziti","iat":\#(now),"exp":\#(now + 600),"jti":"1"}"#,
        ]
        let signed = parts.map { Self.base64URL(Array($0.utf8)) }.joined(separator: ".")
        let signature = try OpenSSLCommand.run(
            ["dgst", "-sha256", "-sign", folder.path("provider.key")], input: Array(signed.utf8))
        return "\(signed).\(Self.base64URL(signature))"
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    // MARK: Judges

    /// Logs in as the user, with nothing but what the identity file says of the controller.
    private func logInWithPassword() throws {
        try python(
            """
            request = urllib.request.Request(
                base + "/authenticate?method=password", headers={"Content-Type": "application/json"},
                data=json.dumps({"username": "ziggy", "password": "correct horse"}).encode())
            """)
    }

    private func logInWithExternalJWT() throws {
        try python(
            """
            with open("external.jwt") as file: token = file.read()
            request = urllib.request.Request(
                base + "/authenticate?method=ext-jwt", data=b"{}",
                headers={"Content-Type": "application/json", "Authorization": "Bearer " + token})
            """)
    }

    private func judgeTrust() throws -> Bool {
        let before = controller.requests.count
        try python(#"request = urllib.request.Request(base + "/version")"#)
        return controller.requests.count == before + 1
    }

    /// Python's own HTTP client sends a request to the controller of the identity file, and trusts its authorities only.
    private func python(_ request: String) throws {
        let script = """
            import json, ssl, urllib.request
            with open("laptop.json") as file: identity = json.load(file)
            context = ssl.create_default_context(cadata=identity["id"]["ca"].removeprefix("pem:"))
            base = identity["ztAPI"]
            \(request)
            with urllib.request.urlopen(request, context=context) as answer: answer.read()
            """
        var program = try Program.system("python3", ["-c", script])
        program.workingDirectory = folder.path
        let outcome = try program.runBlocking()
        guard outcome.status == 0 else { throw Unprepared("python3: \(outcome)") }
    }

    private func require(_ arguments: [String]) async throws {
        let outcome = try await run(arguments)
        guard outcome.status == 0 else {
            throw Unprepared("ziti-keystore \(arguments.joined(separator: " ")): \(outcome)")
        }
    }

    private func text(_ name: String) throws -> String { String(decoding: try folder.read(name), as: UTF8.self) }

    private struct Unprepared: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
