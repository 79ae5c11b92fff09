import KeyStoreCore
import Testing

@testable import ZitiEnrollment

struct EnrollmentErrorTests {
    @Test(arguments: [
        (EnrollmentError.Code.jwtMalformed, EnrollmentError.Group.badInput), (.jwtSignatureInvalid, .badInput),
        (.jwtExpired, .badInput), (.methodUnsupported, .badInput), (.identityInvalid, .badInput),
        (.inputInvalid, .badInput), (.journalInvalid, .badInput), (.outputExists, .exists),
        (.unfinishedEnrollment, .exists), (.controllerUnreachable, .unavailable),
        (.certificateNotTrusted, .unavailable),
        (.caBundleInvalid, .unavailable), (.answerInvalid, .unavailable), (.enrollmentBusy, .unavailable),
        (.noUsableAlgorithm, .unavailable), (.outputNotWritable, .cannotWrite), (.answerLost, .tokenSpent),
        (.tokenSpent, .tokenSpent), (.certificateMismatch, .tokenSpent), (.refusedByController, .refused),
        (.attestationRefused, .notPermitted), (.renewalBusy, .unavailable), (.unfinishedRenewal, .exists),
        (.keyUnchanged, .exists), (.notRenewable, .refused), (.authenticatorUnknown, .refused),
        (.renewalUnauthorized, .refused), (.requestRefused, .refused), (.otherCertificatePending, .refused),
        (.identityLost, .refused), (.renewedCertificateInvalid, .unavailable), (.renewalUnfinished, .unavailable),
        (.timedOut, .timedOut), (.cancelled, .cancelled), (.defect, .defect), (.init(rawValue: "later"), .unavailable),
    ])
    func everyCodeBelongsToAGroup(_ code: EnrollmentError.Code, _ group: EnrollmentError.Group) {
        #expect(EnrollmentError(code, "").group == group)
    }

    @Test func aFailureOfTheKeyStoreIsKeptWholeAndCancellingStaysCancelling() {
        let failed = EnrollmentError(KeyStoreError(.pinLocked, "the PIN is locked"))
        #expect(failed.code == .keyStore)
        #expect(failed.group == .keyStore)
        #expect(failed.keyStoreError?.code == .pinLocked)
        #expect(failed.message == "the PIN is locked")
        #expect(EnrollmentError(KeyStoreError(.cancelled, "")).code == .cancelled)
    }

    @Test func theStepThatIsKnownFirstStays() {
        #expect(EnrollmentError(.defect, "").at(.enroll).at(.openKey).step == .enroll)
    }

    @Test func theDescriptionHoldsWhatTheControllerSaid() {
        let refusal = ControllerRefusal(status: 400, code: "X", message: "no", cause: "because", requestID: "r1")
        let error = EnrollmentError(.refusedByController, "refused", refusal: refusal)
        #expect("\(error)" == "refusedByController: refused [400 X: no (because), request r1]")
    }

    @Test(arguments: [
        (401, "INVALID_AUTH", EnrollmentError.Group.refused), (400, "", .refused), (429, "RATE_LIMITED", .unavailable),
        (503, "CLUSTER_NO_LEADER", .unavailable), (502, "", .unavailable),
    ])
    func aControllerThatCannotWorkNowIsUnavailableAndHasRefusedNothing(
        _ status: Int, _ code: String, _ group: EnrollmentError.Group
    ) {
        let refusal = ControllerRefusal(status: status, code: code)
        #expect(EnrollmentError(.refusedByController, "", refusal: refusal).group == group)
    }
}
