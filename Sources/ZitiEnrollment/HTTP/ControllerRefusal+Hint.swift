extension ControllerRefusal {
    /// What a person can do about the refusal; empty where only the controller's own words help.
    var hint: String {
        switch code {
        case "INVALID_ENROLLMENT_TOKEN":
            "The one-time token was used already, or was withdrawn. Ask for a new JWT."
        case "ENROLLMENT_EXPIRED": "The one-time token is too old. Ask for a new JWT; the key can be used again."
        case "INVALID_ENROLL_METHOD":
            "The token is for another way of enrolling, or the controller does not have this one. Ask for a new JWT."
        case "COULD_NOT_PROCESS_CSR":
            "The controller does not take a request of this key's type. The one-time token is still good: use another key."
        case "MISSING_OR_INVALID_CSR":
            "The controller expects what routers send. Ask for an enrollment JWT of an identity."
        case "ENROLLMENT_CA_NOT_VALID":
            "The authority is not open for enrollment with a JWT. Ask the administrator to allow 'ottca' for it."
        case "ENROLLMENT_NO_VALID_CAS":
            "The network has no authority that may enroll. Ask the administrator to add and verify one."
        case "CERT_FAILED_VALIDATION":
            "No verified authority of the network issued the certificate. Check it and its intermediates (--cert), and that "
                + "the administrator has verified the authority."
        case "CERTIFICATE_FAILED_VALIDATION":
            "The authority that the JWT is for did not issue the certificate, or it is out of date or not for clients. Check "
                + "it and its intermediates (--cert). The one-time token is still good."
        case "MISSING_CERT_CLAIM":
            "The certificate lacks the name that the network's rule for this authority looks for. Have one issued with it."
        case "CERT_IN_USE":
            "The certificate belongs to an identity already, perhaps to this one: 'ziti-keystore authenticate' with its "
                + "identity file tells. Otherwise have another certificate issued."
        case "ENROLLMENT_IDENTITY_ALREADY_ENROLLED":
            "There is an identity for this external JWT already. Log in as that, or ask for it to be deleted."
        case "INVALID_ENROLLMENT_NOT_ALLOWED":
            "The network does not enroll holders of such JWTs in this way. Try it with --key, or without, or ask the "
                + "administrator to allow it for the signer."
        case "INVALID_ENROLLMENT_ALREADY_ENROLLED": "The identity is enrolled already. Ask for it to be reset."
        case "ENROLLMENT_EXISTS": "The identity has another enrollment that is open. Use that JWT."
        case "COULD_NOT_VALIDATE" where status == 602:
            "Something that was sent did not arrive. A proxy on the way may take headers away."
        case "COULD_NOT_VALIDATE" where status == 606:
            "The controller does not have this way of logging in or enrolling; its version may be too old."
        case "COULD_NOT_VALIDATE" where status == 415, "UNSUPPORTED_MEDIA":
            "A proxy on the way may change requests. Ask the controller's administrator."
        case "COULD_NOT_PARSE_BODY", "COULD_NOT_VALIDATE":
            "The controller does not take what was sent, for the reason that it gives. Nothing was spent: correct it, and "
                + "enroll again."
        case "INVALID_AUTH":
            "The certificate is not known to this controller, was replaced, or expired. Enroll the identity anew."
        case "UNAUTHORIZED": "The API session ended. Try again."
        case "NOT_FOUND", "METHOD_NOT_ALLOWED":
            "The controller has no such service; its version may be too old. Check the address for a proxy, too."
        case "REQUEST_ENTITY_TOO_LARGE": "What was sent is too long. Use fewer intermediates, or a smaller key."
        case "CAN_NOT_UPDATE_AUTHENTICATOR":
            "The controller renews no certificate of another authority's, and confirms none that it does not wait for."
        case "INVALID_CLIENT_CERT":
            "The controller waits for another certificate than the one that it was told of. Renew the identity again."
        case "RATE_LIMITED", "SERVER_TOO_MANY_REQUESTS", "TIMEOUT", "CLUSTER_NO_LEADER":
            "The controller is busy or not ready. Try again later."
        case "UNHANDLED": "The controller failed. Its log has more, under the request's number."
        default: hintByStatus
        }
    }

    private var hintByStatus: String {
        switch status {
        case 407: "A proxy asks for a user name and password."
        case 501: "The controller knows of the service and does not have it; its version may be too old."
        case 500...599: "The controller failed, or what stands before it. Run the same command again later."
        default: ""
        }
    }

    /// Whether the controller cannot work now and may soon, or what stands before it.
    var isTransient: Bool { status == 429 || (500...599).contains(status) }

    /// Whether the controller says that it turned the request away before looking at it, so that it may be sent again
    /// without anything being done twice. Not `TIMEOUT`: what took too long goes on.
    var isBeforeProcessing: Bool {
        isTransient && ["RATE_LIMITED", "SERVER_TOO_MANY_REQUESTS", "CLUSTER_NO_LEADER"].contains(code)
    }
}
