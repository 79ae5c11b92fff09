/// The answers of the OpenID Connect endpoints, which the client API's envelope and headers are not around.
extension Answer {
    static func openID(_ body: JSON, status: Int = 200) -> Answer {
        var answer = Answer(
            status: status, headers: [("Content-Type", "application/json")], body: body.text + "\n",
            lengthIsSorted: false)
        answer.isOpenID = true
        return answer
    }

    /// An error as RFC 6749 §5.2 has it.
    static func openIDError(_ error: String, _ description: String) -> Answer {
        openID(["error": .string(error), "error_description": .string(description)], status: 400)
    }

    static func redirect(_ location: String) -> Answer {
        var answer = Answer(status: 302, headers: [("Location", location)], body: "", lengthIsSorted: false)
        answer.isOpenID = true
        return answer
    }
}
