extension ControllerRefusal {
    /// What a person can do about the refusal; empty where only the controller's own words help.
    var hint: String {
        switch code {
        case "INVALID_ENROLLMENT_TOKEN":
            "The one-time token was used already, or was withdrawn. Ask for a new JWT."
        case "ENROLLMENT_EXPIRED": "The one-time token is too old. Ask for a new JWT; the key can be used again."
        case "INVALID_ENROLL_METHOD": "The token is for another way of enrolling. Ask for a JWT of the method 'ott'."
        case "COULD_NOT_PROCESS_CSR":
            "The controller does not take a request of this key's type. The one-time token is still good: use another key."
        case "INVALID_AUTH":
            "The certificate is not known to this controller, was replaced, or expired. Enroll the identity anew."
        case "UNAUTHORIZED": "The API session ended. Try again."
        case "RATE_LIMITED", "SERVER_TOO_MANY_REQUESTS", "TIMEOUT", "CLUSTER_NO_LEADER":
            "The controller is busy or not ready. Try again later."
        default: ""
        }
    }
}
