@testable import ZitiEnrollment

/// What is true of every enrollment JWT, identity file and answer of a controller, whatever stands in it. Ends the process
/// where something is not.
enum EnrollmentProperties {
    static func hold(for bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        jwt(text)
        jwt(ofParts: bytes)
        address(text)
        identity(bytes)
        bundle(bytes)
        certificates(text)
        answer(bytes)
        renewal(bytes)
        externalJWT(text)
        _ = HTTPDate.parse(text)
    }

    private static func jwt(_ text: String) {
        refusing("reading a JWT", .jwtMalformed) { () throws(EnrollmentError) in
            let jwt = try EnrollmentJWT(text)
            demand(jwt.expiry != nil || !jwt.method.mustExpire, "a JWT that must expire does not")
            demand((1...EnrollmentJWT.maximumTokenLength).contains(jwt.token.utf8.count), "a token has another length")
            demand(jwt.tokenHash.utf8.count == 64, "the digest of a token is none")
            let known = "\(jwt.identityID) \(jwt.controller)"
            if jwt.token.utf8.count >= 16, !known.contains(jwt.token) {
                demand(!"\(jwt)".contains(jwt.token), "the one-time token is shown")
            }
        }
    }

    /// The input as the claims of a JWT: a fuzzer seldom gets through base64 by itself.
    private static func jwt(ofParts bytes: [UInt8]) {
        let header = Array(#"{"alg":"ES256","typ":"JWT"}"#.utf8)
        jwt([header, bytes, [1]].map(encode).joined(separator: "."))
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let number = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
            for index in 0...part.count { text.append(digits[number >> (18 - 6 * index) & 63]) }
            start += 3
        }
        demand(Base64URL.decode(String(decoding: text, as: UTF8.self)) == bytes, "bytes come back as others")
        return String(decoding: text, as: UTF8.self)
    }

    private static func address(_ text: String) {
        guard let address = ControllerAddress(text) else { return }
        demand(ControllerAddress(address.text) == address, "an address reads as another one: \(address)")
        demand(
            ControllerAddress(address.clientAPI, allowsClientAPI: true) == address,
            "an address with the path of the client API reads as another one: \(address)")
        demand((1...65535).contains(address.port) && !address.host.isEmpty, "an address leads nowhere: \(address)")
    }

    private static func identity(_ bytes: [UInt8]) {
        refusing("reading an identity file", .identityInvalid) { () throws(EnrollmentError) in
            let identity = try IdentityFile(json: bytes)
            let again = try IdentityFile(json: try identity.json())
            demand(again.controller == identity.controller, "a rewritten identity names another controller")
            demand(again.controllerAPIs == identity.controllerAPIs, "a rewritten identity names other controllers")
            demand(again.key == identity.key, "a rewritten identity names another key")
            demand(again.certificates == identity.certificates, "a rewritten identity has other certificates")
            demand(again.authorities == identity.authorities, "a rewritten identity has other authorities")
            demand(again.extras == identity.extras, "a rewritten identity has other extras")
            if identity.key.utf8.count >= 16 {
                demand(!"\(identity)".contains(identity.key), "what may be a private key is shown")
            }
        }
    }

    private static func bundle(_ bytes: [UInt8]) {
        refusing("reading a list of authorities", .caBundleInvalid) { () throws(EnrollmentError) in
            let certificates = try CertificateBundle.parse(bytes)
            demand((1...CertificateBundle.maximumCount).contains(certificates.count), "a list has another length")
            demand(certificates.reduce(0) { $0 + $1.count } <= bytes.count, "more was read than there is")
        }
    }

    private static func certificates(_ text: String) {
        guard let certificates = CertificateList.parse(pem: text) else { return }
        refusing("writing certificates", nil) { () throws(EnrollmentError) in
            var encoded: [[UInt8]] = []
            for certificate in certificates { encoded.append(try certificate.derBytes) }
            guard let again = CertificateList.parse(pem: CertificateList.pem(encoded)) else {
                fatalError("certificates that were read cannot be read again")
            }
            demand(again == certificates, "certificates are written as others")
        }
    }

    private static func answer(_ bytes: [UInt8]) {
        for status in [200, 302, 400, 503] {
            let answer = ControllerAnswer(status: status, contentType: "application/json", body: bytes)
            let refusal = answer.refused().refusal
            let texts = [refusal?.code, refusal?.message, refusal?.requestID].compactMap { $0 }
            demand(texts.allSatisfy { $0.unicodeScalars.count <= PlainText.maximumLength }, "a refusal is endless")
            demand(
                texts.allSatisfy { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } },
                "a refusal commands a terminal")
        }
        refusing("reading an issued certificate", .answerInvalid) { () throws(EnrollmentError) in
            let answer = ControllerAnswer(status: 200, contentType: "application/json", body: bytes)
            let issued = try IssuedCertificate(answer)
            demand(CertificateList.parse(pem: issued.pem) != nil, "an issued certificate is none")
        }
        hidden(bytes)
    }

    /// A secret that a controller repeats in a refusal is not told.
    private static func hidden(_ bytes: [UInt8]) {
        let secret = "c2Vj\"cmV0/LXBhc3N3b3Jk"
        let start = #"{"error":{"message":"c2Vj\"cmV0/LXBhc3N3b3Jk"#
        let answer = ControllerAnswer(
            status: 400, contentType: "application/json", body: Array(start.utf8) + bytes)
        let error = answer.refused(hiding: [secret])
        demand(!"\(error) \(String(reflecting: error))".contains(secret), "a refusal repeats a secret")
    }

    private static func renewal(_ bytes: [UInt8]) {
        let answer = ControllerAnswer(status: 200, contentType: "application/json", body: bytes)
        refusing("reading a renewed certificate", .answerInvalid) { () throws(EnrollmentError) in
            demand(!(try ExtendedCertificate(answer).chain.isEmpty), "a renewed certificate is none")
        }
        let enrolled = EnrollmentAnswer(answer)
        demand((enrolled.username?.unicodeScalars.count ?? 0) <= PlainText.maximumLength, "a user's name is endless")
        for url in enrolled.controllers ?? [] {
            demand(ControllerAddress(url, allowsClientAPI: true) != nil, "a controller's address is none: \(url)")
        }
    }

    private static func externalJWT(_ text: String) {
        refusing("reading an external JWT", .inputInvalid) { () throws(EnrollmentError) in
            let jwt = try ExternalJWT(text)
            demand(jwt.subjectHash.utf8.count == 64, "the digest of a subject is none")
            demand(jwt.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "an external JWT breaks a header")
        }
    }

    private static func refusing(
        _ what: String, _ code: EnrollmentError.Code?, _ body: () throws(EnrollmentError) -> Void
    ) {
        do throws(EnrollmentError) { try body() } catch {
            demand(error.code == code, "\(what) fails with \(error)")
        }
    }

    private static func demand(_ condition: Bool, _ complaint: @autoclosure () -> String) {
        if !condition { fatalError(complaint()) }
    }
}
