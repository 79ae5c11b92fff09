import Glibc
import KeyStoreCore

/// The attestation of the key, a part of step 5: what it takes is known before the token is spent.
extension EnrollmentRun {
    /// Fetches the attestation and lets it be judged, where the caller asked for one. Throws `attestationRefused`.
    func attest(to key: EnrollmentKey) async throws {
        if let attestation = options.attestation {
            let journal = try requireJournal()
            let mayKeep = journal.record.certificate != nil && journal.record.attestation != nil
            if !mayKeep || attestation.isRequired {
                let text = try await judged(attestation, key)
                if !mayKeep { try journal.update { $0.attestation = text } }
            }
        }
        try milestone(.keyAttested)
        try requireNotCancelled()
    }

    private func judged(_ attestation: EnrollmentAttestation, _ key: EnrollmentKey) async throws(EnrollmentError)
        -> String
    {
        let uri = key.handle.info.uri
        guard let attesting = opened?.session.attesting else {
            throw EnrollmentError(
                KeyStoreError(
                    .unsupportedOperation, "the backend does not attest to keys", operation: "attest key",
                    subject: uri.text))
        }
        let certificates: [[UInt8]]
        do {
            certificates = try await attesting.attestation(at: uri)
        } catch {
            throw EnrollmentError(error)
        }
        let text: String
        do {
            text = try await attestation.judge(
                EnrollmentAttestation.Evidence(certificates: certificates, publicKey: key.publicKey, uri: uri))
        } catch {
            throw EnrollmentError(
                .attestationRefused, "the attestation of the key is refused: \(error)",
                hint: journal?.record.isPosted == true ? "" : "Use another key. The one-time token is untouched.",
                underlying: error)
        }
        tell(.detail, attestation.isRequired ? "attested to, and verified" : "attested to")
        return text
    }

    /// The file that the attestation goes into.
    private var attestationFile: OutputFile {
        get throws(EnrollmentError) { try OutputFile(path: output.path + ".attestation.json") }
    }

    /// Throws `outputExists` if a file stands where the attestation goes and is not the one that the journal holds, and
    /// `outputNotWritable` if no file can have its name.
    func reserveAttestation() throws(EnrollmentError) {
        guard options.attestation != nil else { return }
        let file = try attestationFile
        guard let name = file.path.split(separator: "/").last, name.utf8.count <= Int(NAME_MAX) else {
            throw EnrollmentError(
                .outputNotWritable, "the name of '\(file.path)' is too long", hint: "Give a shorter --out.")
        }
        guard file.exists, try !isAttestationWrittenAlready() else { return }
        throw file.alreadyThere()
    }

    /// Writes the attestation beside where the identity goes. Returns its path, or nil where none was asked for.
    func writeAttestation() throws(EnrollmentError) -> String? {
        guard options.attestation != nil, let text = try requireJournal().record.attestation else { return nil }
        let file = try attestationFile
        if try !isAttestationWrittenAlready() { try file.write(Array(text.utf8)) }
        return file.path
    }

    private func isAttestationWrittenAlready() throws(EnrollmentError) -> Bool {
        guard let text = journal?.record.attestation else { return false }
        return try attestationFile.contents(maximumLength: text.utf8.count) == Array(text.utf8)
    }
}
