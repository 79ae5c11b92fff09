public import ZitiEnrollment

extension ZitiIdentity {
    /// Logs in at the first controller that serves, by OIDC where it has that, else for a `zt-session`. The session has
    /// connections of its own, which are closed by `logout` or `close`.
    ///
    /// Throws `refusedByController`, `keyStore` for what the key fails with, and what the transport fails with; where several
    /// controllers were tried, `underlying` is a `ControllerFailures`.
    public func session(as client: ClientInfo = ClientInfo()) async throws(EnrollmentError) -> ZitiSession {
        let session = ZitiSession(self, info: client)
        try await session.begin()
        return session
    }
}
