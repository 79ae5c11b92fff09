import KeyStoreCore
import ZitiEnrollment

/// The enrollment of one row, alone or beside others.
struct RowEnrollment: Sendable {
    let plan: BatchPlan
    let row: ManifestRow
    let line: Int
    private let safePoint = SafePoint()
    private let ticket: TokenTicket

    init(_ plan: BatchPlan, _ row: ManifestRow, line: Int) {
        self.plan = plan
        self.row = row
        self.line = line
        ticket = TokenTicket(plan.tokens)
    }

    /// Enrolls, and says what became of it. Where the batch is stopped meanwhile, the row ends at its safe point, if that is
    /// still ahead; running it again goes on from there.
    func run() async -> RowResult.Outcome {
        await withTaskGroup(of: RowResult.Outcome?.self) { group in
            group.addTask { await attempt() }
            group.addTask {
                await plan.stop.wait()
                return nil
            }
            while let outcome = await group.next() {
                if let outcome {
                    group.cancelAll()
                    return outcome
                }
                safePoint.stop { group.cancelAll() }
            }
            return .interrupted
        }
    }

    private func attempt() async -> RowResult.Outcome {
        do {
            let outcome = try await enroll()
            ticket.end(nil)
            return outcome
        } catch {
            let isStopped =
                (safePoint.isStopped || plan.stop.isStopping) && CommandFailure(error).status == .cancelled
            let cause = (error as? EnrollmentError)?.keyStoreError ?? error as? KeyStoreError
            ticket.end(isStopped ? nil : cause)
            if isStopped { return .interrupted }
            return .failed(failure(error))
        }
    }

    private func enroll() async throws -> RowResult.Outcome {
        let jwt = try readJWT()
        let uri = try KeyStoreURI(row.key)
        // What is wrong with the reference itself is found out here, before anything is done.
        _ = try plan.loader.describe(uri, backend: plan.context.backend)
        let options = try options()
        let demand = FinishedIdentity.Demand(jwt: jwt, key: uri, out: row.out)
        if let finished = try await FinishedIdentity.find(demand, in: plan) { return .alreadyDone(finished) }
        let ticket = ticket
        let source = KeySource(uri: uri, pin: plan.secrets) { () throws(KeyStoreError) in try await ticket.open(uri) }
        let result = try await Enrollment(jwt: jwt, options: options).run(key: source) { tell($0) }
        ticket.keyHasSigned()
        if let used = result.key { await ticket.succeed(uri, key: used) }
        return .enrolled(result)
    }

    private func options() throws -> EnrollmentOptions {
        let generates = row.generate ?? plan.generates
        guard generates || row.type == nil else {
            throw CommandFailure.badData(
                "'kty', 'crv' and 'size' go with keys that are made: 'generate' or '--generate'")
        }
        var options = plan.options
        options.outputPath = row.out
        options.certificate = try row.cert.map { try InputFile(path: $0).readCertificates() }
        options.generate = generates ? row.type ?? plan.keyType : nil
        return options
    }

    private func readJWT() throws -> EnrollmentJWT {
        let text = row.holdsJWT ? row.jwt : try InputFile(path: row.jwt).readText(limit: EnrollmentJWT.maximumLength)
        return try EnrollmentJWT(text)
    }

    private func tell(_ progress: EnrollmentProgress) {
        if progress.kind == .began {
            if progress.step == .makeRequest { ticket.keyHasSigned() }
            if progress.step == .enroll { safePoint.pass() }
        }
        switch progress.kind {
        case .began: plan.screen.detail("line \(line): \(progress.step.title)")
        case .detail: plan.screen.detail("line \(line): \(progress.text)")
        case .warning: plan.screen.tell("warning: line \(line): \(progress.text)")
        }
    }

    private func failure(_ error: any Error) -> CommandFailure {
        var failure =
            if let error = error as? EnrollmentError, !row.holdsJWT {
                CommandFailure(error, file: row.jwt)
            } else {
                CommandFailure(error)
            }
        failure.message = failure.message.isEmpty ? failure.code : failure.message
        return failure
    }
}
