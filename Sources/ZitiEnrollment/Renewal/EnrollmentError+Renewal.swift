extension EnrollmentError.Code {
    /// Another process renews the same identity file now.
    public static let renewalBusy = Self(rawValue: "renewalBusy")
    /// A renewal or key roll was interrupted, and only the same command can go on with it.
    public static let unfinishedRenewal = Self(rawValue: "unfinishedRenewal")
    /// The controller does not renew this certificate: an authority of somebody else's issued it, or the identity does not
    /// log in with a certificate.
    public static let notRenewable = Self(rawValue: "notRenewable")
    /// The controller does not know the certificate by which the identity logged in, or takes it for somebody else's.
    public static let authenticatorUnknown = Self(rawValue: "authenticatorUnknown")
    /// The controller wants to see the current certificate in the TLS connection, and does not.
    public static let renewalUnauthorized = Self(rawValue: "renewalUnauthorized")
    /// The controller takes no certificate request of this key.
    public static let requestRefused = Self(rawValue: "requestRefused")
    /// The controller waits for another certificate than the one that it was told of: somebody else renews this identity.
    public static let otherCertificatePending = Self(rawValue: "otherCertificatePending")
    /// The certificate that came cannot be used. The current one goes on working.
    public static let renewedCertificateInvalid = Self(rawValue: "renewedCertificateInvalid")
    /// The controller was told that the certificate is safe, and did not say that it accepts it. Run the same again.
    public static let renewalUnfinished = Self(rawValue: "renewalUnfinished")
    /// Neither the identity file's certificate nor the new one beside it is accepted any more.
    public static let identityLost = Self(rawValue: "identityLost")
    /// The key that is to take over is the one that the identity has.
    public static let keyUnchanged = Self(rawValue: "keyUnchanged")
}
