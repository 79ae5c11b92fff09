import Foundation
import KeyStoreAttestation
import KeyStoreCore
import Testing
import ZitiEnrollment

@testable import ziti_keystore

/// The one table from codes to exit statuses, complete: the other tests meet only what real stores report.
struct ExitStatusTests {
    private static let documented: [KeyStoreError.Code: Int32] = [
        .invalidURI: 64, .invalidData: 65, .noSuchToken: 66, .noSuchKey: 66, .noSuchCertificate: 66,
        .identityChanged: 66,
        .ambiguousToken: 67, .ambiguousKey: 67, .keyExists: 68, .tokenRemoved: 69, .busy: 69, .invalidReply: 69,
        .backendFailure: 69, .unsupportedMechanism: 69, .unsupportedOperation: 69, .writeFailed: 73, .pinRequired: 77,
        .pinIncorrect: 77, .pinLocked: 77, .pinLastTry: 77, .policyRefused: 77, .noSuchBackend: 78,
        .incompatibleBackend: 78, .untrustedLibrary: 78, .timedOut: 124, .touchTimeout: 124, .cancelled: 130,
    ]

    @Test func everyCodeOfAKeyStoreHasItsDocumentedStatus() {
        #expect(Set(Self.documented.keys) == KeyStoreError.Code.known)
        for (code, status) in Self.documented {
            #expect(CommandFailure(KeyStoreError(code, "a reason")).status.rawValue == status, "\(code)")
        }
    }

    @Test func aCodeOfANewerPluginIsUnavailable() {
        let failure = CommandFailure(KeyStoreError(KeyStoreError.Code(rawValue: 4711), "a reason"))
        #expect(failure.status == .unavailable)
        #expect(failure.code == "code4711")
    }

    @Test func everyGroupOfEnrollmentErrorsHasItsDocumentedStatus() {
        let documented: [(EnrollmentError.Code, Int32)] = [
            (.jwtExpired, 65), (.identityInvalid, 65), (.outputExists, 68), (.controllerUnreachable, 69),
            (.answerInvalid, 69),
            (.defect, 70), (.outputNotWritable, 73), (.answerLost, 75), (.tokenSpent, 75), (.refusedByController, 76),
            (.attestationRefused, 77),
            (.timedOut, 124), (.cancelled, 130),
        ]
        for (code, status) in documented {
            #expect(CommandFailure(EnrollmentError(code, "a reason")).status.rawValue == status, "\(code)")
        }
    }

    @Test func everyCodeOfAttestationHasItsDocumentedStatus() {
        let others: [AttestationError.Code: Int32] = [
            .otherKey: 66, .otherDevice: 66, .pinPolicyTooWeak: 77, .touchPolicyTooWeak: 77, .firmwareTooOld: 77,
        ]
        for code in AttestationError.Code.known {
            let failure = CommandFailure(AttestationError(code, "a reason"))
            #expect(failure.status.rawValue == others[code] ?? 65, "\(code)")
            // In an enrollment it stays what it is.
            let wrapped = EnrollmentError(
                .attestationRefused, "refused", underlying: AttestationError(code, "a reason"))
            #expect(CommandFailure(wrapped).status == failure.status)
            #expect(CommandFailure(wrapped).code == failure.code && failure.message == "a reason")
        }
    }

    @Test func aKeyStoresFailureInAnEnrollmentKeepsItsOwnCodeStatusAndTries() {
        let error = EnrollmentError(KeyStoreError(.pinIncorrect, "wrong", triesLeft: 1))
        let failure = CommandFailure(error)
        #expect(failure.status == .notPermitted)
        #expect(failure.code == "pinIncorrect")
        #expect(failure.message == "wrong (1 try left)")
    }

    @Test func triesThatAreLeftAreTold() {
        let failure = CommandFailure(KeyStoreError(.pinIncorrect, "the PIN was wrong", triesLeft: 2))
        #expect(failure.message == "the PIN was wrong (2 tries left)")
    }

    @Test func anErrorThatNobodyForesawIsADefect() {
        struct Unforeseen: Error {}
        #expect(CommandFailure(Unforeseen()).status == .defect)
    }

    @Test func theTableInTheHelpIsTheEnumeration() {
        for status in ExitStatus.allCases { #expect(ExitStatus.help.contains("\n  \(status.rawValue) ")) }
    }

    @Test func theServiceTriesAgainOnlyWhatMayPassByItself() throws {
        let unit = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/ziti-keystore/Service/ziti-keystore-renew@.service").standardized
        let lines = try String(contentsOf: unit, encoding: .utf8).split(separator: "\n")
        func values(_ setting: String) -> [[Int32]] {
            lines.filter { $0.hasPrefix("\(setting)=") }
                .map { $0.dropFirst(setting.count + 1).split(separator: " ").compactMap { Int32($0) } }
        }
        // Nobody cancels a service but systemd, which does not start again what it has stopped.
        let others = ExitStatus.allCases.filter { ![.done, .unavailable, .timedOut, .cancelled].contains($0) }
        #expect(values("RestartPreventExitStatus") == [others.map { $0.rawValue }])
        // A status that is not 0 is a failure that monitors see.
        #expect(values("SuccessExitStatus").isEmpty)
        #expect(lines.contains("Restart=on-failure"))
    }
}
