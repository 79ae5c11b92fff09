import Testing

@testable import ZitiEnrollment

struct ControllerAnswerTests {
    private func refusal(_ name: String) throws -> EnrollmentError {
        let answer = try Recordings.answer(name)
        return ControllerAnswer(status: answer.status, contentType: "", body: answer.body).refused()
    }

    @Test(arguments: [
        ("enroll-ott-token-reused", 400, "INVALID_ENROLLMENT_TOKEN"),
        ("enroll-ott-bad-csr-garbage", 400, "COULD_NOT_PROCESS_CSR"),
        ("enroll-wrong-method-ottca-for-ott-token", 400, "INVALID_ENROLL_METHOD"),
        ("enroll-ottca-expired-token", 400, "ENROLLMENT_EXPIRED"),
        ("authenticate-cert-unknown-cert", 401, "INVALID_AUTH"), ("unknown-path", 404, "NOT_FOUND"),
    ])
    func aRecordedRefusalKeepsTheControllersWords(_ name: String, _ status: Int, _ code: String) throws {
        let error = try refusal(name)
        #expect(error.code == .refusedByController)
        #expect(error.refusal?.status == status)
        #expect(error.refusal?.code == code)
        #expect(error.refusal?.message.isEmpty == false)
        #expect(error.refusal?.requestID.isEmpty == false)
        #expect(error.group == .refused)
    }

    @Test func theCauseIsKept() throws {
        #expect(try refusal("enroll-ott-bad-csr-garbage").refusal?.cause.isEmpty == false)
    }

    @Test func aRefusalThatIsNoEnvelopeKeepsItsStatus() {
        let error = ControllerAnswer(status: 502, contentType: "text/html", body: Array("<html>".utf8)).refused()
        #expect(error.code == .refusedByController)
        #expect(error.refusal == ControllerRefusal(status: 502))
    }

    @Test func aRedirectIsNoAnswerOfAController() {
        #expect(ControllerAnswer(status: 302, contentType: "", body: []).refused().code == .answerInvalid)
    }

    @Test func controlCharactersAndOverlongTextsDoNotReachTheTerminal() {
        let body = #"{"error":{"code":"\u001b[31mX","message":"\#(String(repeating: "m", count: 5000))"}}"#
        let refusal = ControllerAnswer(status: 400, contentType: "", body: Array(body.utf8)).refused().refusal
        #expect(refusal?.code == " [31mX")
        #expect(refusal?.message.count == 1000)
    }

    @Test(arguments: ["enroll-ott-success-json", "enroll-ott-key-ed25519", "v1.6.20-rsa/enroll-ott-success-json"])
    func aRecordedCertificateIsReadWithItsIntermediate(_ name: String) throws {
        let answer = try Recordings.answer(name)
        let issued = try IssuedCertificate(
            ControllerAnswer(status: answer.status, contentType: "application/json", body: answer.body))
        #expect(CertificateList.parse(pem: issued.pem)?.count == 2)
        #expect(issued.controllers == nil)
    }

    @Test func intermediatesThatCannotBeReadAreLeftOutAndCounted() throws {
        let recorded = try Recordings.answer("enroll-ott-success-json")
        let whole = try IssuedCertificate(ControllerAnswer(status: 200, contentType: "", body: recorded.body))
        #expect(whole.droppedCount == 0)
        let certificates = try #require(CertificateList.parse(pem: whole.pem)).map { try $0.derBytes }
        let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        let cutShort = "-----BEGIN CERTIFICATE-----\nMIIB"
        let text =
            CertificateList.pem([certificates[0]]) + "a line\n" + junk + key + CertificateList.pem([certificates[1]])
            + cutShort
        let issued = try IssuedCertificate(ControllerAnswer(status: 200, contentType: "", body: Array(text.utf8)))
        #expect(issued.pem == whole.pem)
        #expect(issued.droppedCount == 3)
        // What follows is nobody's certificate.
        #expect(CertificateList.readable(pem: junk + whole.pem).certificates.isEmpty)
    }

    @Test(arguments: ["message", "causeMessage", "requestId", "code"])
    func aMemberThatRepeatsASecretIsLeftOut(_ member: String) {
        // The same secret as it is, as JSON has it, and where the text would be cut.
        for text in ["x pass\"word", "{ pass\\\"word }", String(repeating: "m", count: 996) + "pass\"word"] {
            let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let body = "{\"error\":{\"code\":\"C\",\"\(member)\":\"\(escaped)\"}}"
            let answer = ControllerAnswer(status: 400, contentType: "", body: Array(body.utf8))
            let error = answer.refused(hiding: ["pass\"word"])
            #expect(!"\(error) \(error.hint)".contains("pass"))
            #expect(error.refusal?.status == 400)
        }
    }

    @Test func barePEMIsReadToo() throws {
        let recorded = try Recordings.answer("enroll-ott-success-json")
        let pem = try IssuedCertificate(ControllerAnswer(status: 200, contentType: "", body: recorded.body)).pem
        let bare = ControllerAnswer(status: 200, contentType: "application/x-pem-file", body: Array("\n\(pem)".utf8))
        #expect(try IssuedCertificate(bare).pem == pem)
    }

    @Test func theAddressesOfOtherControllersAreKeptWhereTheyAreAddresses() throws {
        let recorded = try Recordings.answer("enroll-ott-success-json")
        let pem = try IssuedCertificate(ControllerAnswer(status: 200, contentType: "", body: recorded.body)).pem
        let cert = pem.replacing("\n", with: "\\n")
        let list = #"[{"apiAddresses":{"edge-client":[{"url":"https://c1:1280/edge/client/v1"},{"url":"ftp://c2"}]}}]"#
        let body = #"{"data":{"cert":"\#(cert)","controllers":\#(list)},"meta":{}}"#
        let issued = try IssuedCertificate(ControllerAnswer(status: 200, contentType: "", body: Array(body.utf8)))
        #expect(issued.controllers == ["https://c1:1280/edge/client/v1"])
        let odd = #"{"data":{"cert":"\#(cert)","controllers":7}}"#
        #expect(
            try IssuedCertificate(ControllerAnswer(status: 200, contentType: "", body: Array(odd.utf8))).controllers
                == nil)
    }

    @Test(arguments: [
        "", "{}", "{\"data\":{}}", "{\"data\":{\"cert\":\"\"}}", "{\"data\":{\"cert\":7}}", "hello",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
    ])
    func whatHoldsNoCertificateIsRefused(_ body: String) {
        #expect(throws: EnrollmentError(.answerInvalid, "")) {
            try IssuedCertificate(ControllerAnswer(status: 200, contentType: "", body: Array(body.utf8)))
        }
    }
}
