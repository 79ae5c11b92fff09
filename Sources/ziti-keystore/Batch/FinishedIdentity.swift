import FoundationEssentials
import Glibc
import KeyStoreCore
import SwiftASN1
import X509
import ZitiEnrollment

/// The identity that an earlier run wrote for a row.
struct FinishedIdentity: Sendable {
    /// The identity's identifier; empty where the enrollment JWT does not tell it.
    let identityID: String
    let controller: ControllerAddress
    /// The key's reference as the identity file has it, without secrets.
    let key: String
    let certificateExpiry: Date
}

extension FinishedIdentity {
    /// What a row asks of its output.
    struct Demand: Sendable {
        let jwt: EnrollmentJWT
        /// The key's reference.
        let key: KeyStoreURI
        /// The identity file.
        let out: String
    }

    /// The identity that stands where the row's is to go; nil where nothing does, or where an interrupted enrollment has still
    /// something to do. Throws `outputExists` if it is not the row's: another identity's or controller's, or of another key.
    static func find(_ demand: Demand, in plan: BatchPlan) async throws -> FinishedIdentity? {
        let (jwt, out) = (demand.jwt, demand.out)
        guard isThere(out), !isThere(out + ".enrolling") else { return nil }
        guard let identity = try? IdentityFile(path: out), let der = identity.certificates.first,
            let leaf = try? Certificate(derEncoded: der)
        else { throw exists(out, "is no identity") }
        guard identity.controller == jwt.controller else { throw exists(out, "is the identity of another controller") }
        if jwt.method == .ott, !names(jwt.identityID, leaf) {
            throw exists(out, "is another identity than the enrollment JWT's")
        }
        guard try await isOfKey(identity, leaf, demand.key, plan) else {
            throw exists(out, "is an identity with another key")
        }
        let key = identity.holdsPrivateKey ? demand.key.redacted : KeyStoreURI.redact(identity.key)
        return FinishedIdentity(
            // One JWT of the method 'ca' is for many identities, and names the authority.
            identityID: jwt.method == .ca ? "" : jwt.identityID, controller: identity.controller, key: key,
            certificateExpiry: leaf.notValidAfter)
    }

    /// Whether the controller issued the certificate for this identity. It keeps the subject that the request has, whose common
    /// name is the identity's.
    private static func names(_ identityID: String, _ leaf: Certificate) -> Bool {
        leaf.subject.contains { name in
            name.contains { attribute in
                attribute.type == .RDNAttributeType.commonName && String(attribute.value) == identityID
            }
        }
    }

    /// Whether the identity's key is the one that the reference names. The references tell mostly; where they do not, the public
    /// key does, for which no PIN is asked.
    private static func isOfKey(
        _ identity: IdentityFile, _ leaf: Certificate, _ uri: KeyStoreURI, _ plan: BatchPlan
    ) async throws -> Bool {
        if !identity.holdsPrivateKey, let known = try? identity.keyReference(),
            let normalised = try? plan.loader.describe(uri, backend: plan.context.backend).normalised,
            (try? plan.loader.uri(normalised, matches: known, backend: plan.context.backend)) == true
        {
            return true
        }
        let store = try await plan.open(uri)
        let key: PublicKey?
        do throws(KeyStoreError) {
            let session = try await store.openSession(SessionOptions(), pin: plan.secrets)
            key = try? await session.publicKey(at: uri)
            await session.close()
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        guard let key, let ours = try? Certificate.PublicKey(derEncoded: key.der) else { return false }
        return leaf.publicKey == ours
    }

    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private static func exists(_ out: String, _ what: String) -> CommandFailure {
        CommandFailure(
            status: .exists, code: "\(EnrollmentError.Code.outputExists)",
            message: "the output file '\(out)' exists already, and \(what)", operation: "reserve the output file",
            subject: out, hint: "move it away, or give the row another 'out'; its enrollment JWT is untouched")
    }
}
