import FoundationEssentials
import NIOHTTP1
import NIOSSL

/// How a run speaks to the controller.
extension EnrollmentRun {
    /// The first contact. Throws what `FirstContact.open` throws.
    func openContact() async throws(EnrollmentError) -> FirstContact {
        try await FirstContact.open(
            LeafCheck(jwt: jwt, now: now), proxy: try options.proxy.proxy(for: jwt.controller), deadline: deadline)
    }

    /// Throws `jwtExpired` for a JWT whose time is over. The controller is asked for nothing but the time then, so that a
    /// wrong clock is named.
    mutating func requireCurrent() async throws(EnrollmentError) {
        do throws(EnrollmentError) {
            try jwt.requireCurrent(at: now())
        } catch {
            if let contact = try? await openContact() { note(await contact.askTime()) }
            throw ClockSkew.explain(error, controllerIsAhead: controllerIsAhead)
        }
    }

    /// A connection that trusts what the configuration trusts, for exchanges that begin now.
    func connect(tls: TLSConfiguration) throws(EnrollmentError) -> ControllerConnection {
        ControllerConnection(
            jwt.controller, tls: tls, proxy: try options.proxy.proxy(for: jwt.controller), deadline: deadline)
    }

    /// One request that spends nothing.
    func ask(_ method: HTTPMethod, _ path: String, tls: TLSConfiguration) async throws(EnrollmentError)
        -> ControllerAnswer
    {
        let connection = try connect(tls: tls)
        do throws(EnrollmentError) {
            let answer = try await connection.send(method, path)
            await connection.close()
            return answer
        } catch {
            await connection.close()
            throw error
        }
    }
}
