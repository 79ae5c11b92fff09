import struct FoundationEssentials.Data
import struct FoundationEssentials.Date
import class FoundationEssentials.JSONDecoder
import class FoundationEssentials.JSONEncoder

/// A controller's answer to one request.
package struct ControllerAnswer: Sendable {
    /// The HTTP status.
    package let status: Int
    /// The content type, with parameters if it has any.
    package let contentType: String
    /// The body, bounded by whoever read it.
    package let body: [UInt8]
    /// The time on the controller\'s clock; nil where it does not tell.
    var date: Date?

    /// Makes an answer from what was received.
    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// The body's `data` member. Throws `answerInvalid`.
    package func data<Value: Decodable>(_ type: Value.Type, of what: String) throws(EnrollmentError) -> Value {
        do {
            return try JSONDecoder().decode(Envelope<Value>.self, from: Data(body)).data
        } catch {
            throw EnrollmentError(
                .answerInvalid, "the controller's answer to \(what) is not what a controller sends", underlying: error)
        }
    }

    /// What to throw for an answer that is a refusal. The error envelope is kept where there is one, but for the members that
    /// repeat a secret, which a controller that was sent it may do and this must not.
    package func refused(hiding secrets: [String] = []) -> EnrollmentError {
        let envelope = try? JSONDecoder().decode(ErrorEnvelope.self, from: Data(body))
        guard status >= 400 else {
            return EnrollmentError(
                .answerInvalid, "the controller answered with the status \(status)",
                hint: "A controller does not redirect. Check the address in the JWT, and for a proxy on the way.",
                refusal: ControllerRefusal(status: status))
        }
        let error = envelope?.error
        // Compared before the texts are cut, and as JSON has the secret too.
        let hidden = secrets.filter { !$0.isEmpty }.flatMap { [$0, Self.inJSON($0)] }
        func shown(_ text: String?) -> String {
            guard let text, !hidden.contains(where: { text.contains($0) }) else { return "" }
            return text
        }
        let refusal = ControllerRefusal(
            status: status, code: shown(error?.code), message: shown(error?.message),
            cause: [error?.cause?.message, error?.cause?.reason, error?.causeMessage]
                .map(shown).filter { !$0.isEmpty }.joined(separator: "; "),
            requestID: shown(error?.requestId))
        let said = refusal.message.isEmpty ? "the status \(status)" : "\"\(refusal.message)\""
        return EnrollmentError(
            .refusedByController, "the controller refused with \(said)", hint: refusal.hint, refusal: refusal)
    }

    private static func inJSON(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(text) else { return text }
        return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
    }

    private struct Envelope<Value: Decodable>: Decodable { let data: Value }

    private struct ErrorEnvelope: Decodable {
        struct Cause: Decodable {
            let message: String?
            let reason: String?
        }
        struct Contents: Decodable {
            let code: String?
            let message: String?
            let cause: Cause?
            let causeMessage: String?
            let requestId: String?

            private enum CodingKeys: CodingKey { case code, message, cause, causeMessage, requestId }

            // Whatever is not as it should be is left out: half an explanation is better than none.
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                code = try? values.decode(String.self, forKey: .code)
                message = try? values.decode(String.self, forKey: .message)
                cause = try? values.decode(Cause.self, forKey: .cause)
                causeMessage = try? values.decode(String.self, forKey: .causeMessage)
                requestId = try? values.decode(String.self, forKey: .requestId)
            }
        }
        let error: Contents
    }
}
