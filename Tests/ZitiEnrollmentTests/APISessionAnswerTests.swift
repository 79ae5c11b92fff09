import Testing

@testable import ZitiEnrollment

/// What is read of what a controller says of an API session.
struct APISessionAnswerTests {
    private func read(_ body: String) throws -> APISessionAnswer {
        try APISessionAnswer(
            ControllerAnswer(status: 200, contentType: "application/json", body: Array(body.utf8)), of: "authenticate")
    }

    @Test func everyMemberIsRead() throws {
        let session = try read(
            """
            {"data":{"id":"s","token":"t","identityId":"i","identity":{"id":"j"},"authenticatorId":"a","expiresAt":"e",
            "isCertExtendable":true,"isCertExtendRequested":false,"isCertKeyRollRequested":true,
            "improperClientCertChain":false}}
            """)
        #expect([session.id, session.token, session.identityID] == ["s", "t", "i"])
        #expect([session.authenticatorID, session.expiresAt] == ["a", "e"])
        #expect(session.isExtendable == true && session.isExtendRequested == false)
        #expect(session.isKeyRollRequested == true && session.isChainIncomplete == false)
        #expect(try read(#"{"data":{"identity":{"id":"j"}}}"#).identityID == "j")
    }

    @Test func whatIsNotAsItShouldBeCountsAsNotSaid() throws {
        let session = try read(
            #"{"data":{"id":1,"token":"t","identityId":null,"identity":[],"expiresAt":{},"isCertExtendable":"yes"}}"#)
        #expect([session.id, session.identityID, session.expiresAt, session.authenticatorID] == [nil, nil, nil, nil])
        #expect(session.isExtendable == nil && session.isExtendRequested == nil)
        #expect(session.token == "t")
    }

    @Test func aSecondFactorIsWantedWhereThereAreQueries() throws {
        #expect(try read(#"{"data":{"authQueries":[{"typeId":"MFA"}]}}"#).wantsSecondFactor)
        for queries in ["[]", "null", "{}", "1"] {
            #expect(try !read(#"{"data":{"authQueries":\#(queries)}}"#).wantsSecondFactor)
        }
    }

    @Test(arguments: ["", "a b", "a\\r\\nb", "\\u00e9", "\\u007f", String(repeating: "t", count: 4097)])
    func aTokenThatCannotStandInAHeaderIsNone(_ token: String) throws {
        #expect(try read(#"{"data":{"token":"\#(token)"}}"#).token == nil)
    }

    @Test func textsCommandNoTerminal() throws {
        let session = try read(#"{"data":{"id":"\u001b[2J","identityId":"a\nb","authenticatorId":"\u0000"}}"#)
        #expect([session.id, session.identityID, session.authenticatorID] == [" [2J", "a b", " "])
    }

    @Test(arguments: ["", "{}", "[]", #"{"data":[]}"#, #"{"data":null}"#, #"{"data":"t"}"#])
    func anAnswerWithoutASessionIsInvalid(_ body: String) {
        #expect(throws: EnrollmentError(.answerInvalid, "")) { try read(body) }
    }
}
