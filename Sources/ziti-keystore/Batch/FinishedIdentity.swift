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
        switch try await comparison(identity, leaf, demand.key, plan) {
        case .same: break
        case .other: throw exists(out, "is an identity with another key")
        case .hidden: throw exists(out, "is an identity with another key, as far as can be seen without a PIN")
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

    /// How the identity's key compares with the one that a reference names.
    private enum Comparison {
        case same
        /// It is another one, or the reference names none.
        case other
        /// The reference's is not visible without a PIN.
        case hidden
    }

    /// Compares the identity's key with the one that the reference names. The references tell mostly; where they do not, the
    /// public key does. No PIN is asked or sent for it: only a row that has something to enroll may spend a try.
    private static func comparison(
        _ identity: IdentityFile, _ leaf: Certificate, _ uri: KeyStoreURI, _ plan: BatchPlan
    ) async throws -> Comparison {
        if !identity.holdsPrivateKey, let known = try? identity.keyReference(),
            let normalised = try? plan.loader.describe(uri, backend: plan.context.backend).normalised,
            (try? plan.loader.uri(normalised, matches: known, backend: plan.context.backend)) == true
        {
            return .same
        }
        let key: PublicKey
        do throws(KeyStoreError) {
            key = try await visibleKey(at: uri, plan)
        } catch {
            switch error.code {
            case .noSuchKey: return .other
            case .pinRequired: return .hidden
            default: throw error
            }
        }
        guard let ours = try? Certificate.PublicKey(derEncoded: key.der) else { return .other }
        return leaf.publicKey == ours ? .same : .other
    }

    /// The public key that the reference names, as it is seen without a login.
    private static func visibleKey(at uri: KeyStoreURI, _ plan: BatchPlan) async throws(KeyStoreError) -> PublicKey {
        let store = try await plan.open(uri)
        let found: Result<PublicKey, KeyStoreError>
        do throws(KeyStoreError) {
            let session = try await store.openSession(SessionOptions(login: .never), pin: .none)
            do throws(KeyStoreError) {
                found = .success(try await session.publicKey(at: uri))
            } catch {
                found = .failure(error)
            }
            await session.close()
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        return try found.get()
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
