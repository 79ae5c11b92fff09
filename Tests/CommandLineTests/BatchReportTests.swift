import KeyStoreCore
import Testing

@testable import ziti_keystore

/// What is said at the end of a batch, and the bar meanwhile.
struct BatchReportTests {
    private func report(_ outcomes: [RowResult.Outcome], wasInterrupted: Bool = false) -> BatchReport {
        let tally = BatchTally()
        for (number, outcome) in outcomes.enumerated() {
            tally.add(RowResult(line: number + 2, out: "o", key: "k", outcome: outcome))
        }
        return BatchReport(counts: tally.counts, elapsed: .milliseconds(1500), wasInterrupted: wasInterrupted)
    }

    private func failed(_ status: ziti_keystore.ExitStatus, _ code: String = "c") -> RowResult.Outcome {
        .failed(CommandFailure(status: status, code: code, message: "why"))
    }

    @Test func everyFailureHasAPlaceInTheOrderOfSeverity() {
        #expect(Set(BatchReport.severity) == Set(ziti_keystore.ExitStatus.allCases).subtracting([.done]))
        #expect(BatchReport.severity.count == ziti_keystore.ExitStatus.allCases.count - 1)
    }

    @Test func theWorstFailureIsTheExitStatusWhicheverCameFirst() {
        #expect(report([]).failure == nil)
        #expect(report([failed(.notFound, "a"), failed(.tokenSpent, "b")]).failure?.status == .tokenSpent)
        #expect(report([failed(.tokenSpent, "b"), failed(.notFound, "a")]).failure?.status == .tokenSpent)
        #expect(report([failed(ziti_keystore.ExitStatus.refused)], wasInterrupted: true).failure?.status == .cancelled)
        #expect(report([.interrupted], wasInterrupted: true).failure?.message.contains("1 interrupted") == true)
    }

    @Test func aManifestThatCannotBeReadToItsEndHidesNoWorseFailure() throws {
        let unread = CommandFailure.file(.badData, "why", path: "m.csv", function: "read", errno: 5)
        func status(_ outcomes: [RowResult.Outcome]) throws -> ziti_keystore.ExitStatus {
            let failure = try #require(report(outcomes).failure(after: unread) as? CommandFailure)
            #expect(failure.code == unread.code && failure.subject == "m.csv")
            return failure.status
        }
        #expect(try status([]) == .badData)
        #expect(try status([failed(.usage)]) == .badData)
        #expect(try status([failed(.usage), failed(.tokenSpent, "d")]) == .tokenSpent)
    }

    @Test func failuresAreCountedByTheirReasonsTheMostFrequentFirst() {
        let report = self.report([failed(.notFound, "a"), failed(.refused, "b"), failed(.refused, "b")])
        #expect(
            report.text == """
                0 enrolled, 0 already done, 3 failed, in 1.500 s
                  2 b, first in line 3: why
                  1 a, first in line 2: why
                """)
        #expect(
            report.json.text.hasPrefix(
                #"{"enrolled":0,"alreadyDone":0,"failed":3,"interrupted":0,"failures":[{"code":"b","count":2,"firstLine":3,"#
            ))
    }

    @Test func theBarIsShorterThanTheTerminalIsWide() {
        for width in [0, 1, 10, 40, 60, 80, 200] {
            for fraction in [0, 0.5, 1] {
                let text = ProgressBar(fraction: fraction, counts: BatchTally().counts).text(width: width)
                #expect(text.count < max(width, 1) && !text.contains("\n"))
            }
        }
        #expect(
            ProgressBar(fraction: 0.5, counts: BatchTally().counts).text(width: 100)
                == "[####################--------------------] 50 %  enrolled 0, already done 0, failed 0")
    }
}
