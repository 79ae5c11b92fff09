/// An answer other than success: one of a closed list of kinds, and what is particular to this one.
struct Refusal: Error, Sendable, Equatable {
    let kind: Kind
    /// The `cause` of the envelope, where the real controller gives one.
    let cause: JSON?

    private init(_ kind: Kind, cause: JSON? = nil) {
        self.kind = kind
        self.cause = cause
    }

    /// Every kind of refusal. The fidelity test names the recording that judges each, or lists it as unjudged.
    enum Kind: String, Sendable, CaseIterable {
        case invalidEnrollmentToken, invalidEnrollMethod, enrollmentExpired, couldNotProcessCSR
        case noSuitableAccept, unsupportedContentType, bodyNotJSON
        case fieldTooShort, fieldTooLong, fieldNotUUID, fieldRequired, queryNotUUID, queryRequired, queryNotListed
        case headerRequired
        case caCertificateRefused, noAuthorities, authorityNotValid, clientCertificateFailedValidation
        case certificateInUse, passwordMissing, alreadyEnrolled, enrollmentNotAllowed
        case noSession, badSession, authenticationRefused
        case unauthorized, badAccessToken, entityNotFound, authenticatorNotUpdatable, clientCertificateInvalid
        case pathNotFound, verbNotAllowed, bodyTooLarge, internalFailure
        case rateLimited, tooManyRequests, timeout, noLeader

        /// The HTTP status; 601 to 606 are codes of a validator that the real controller really sends.
        var status: Int {
            switch self {
            case .invalidEnrollmentToken, .invalidEnrollMethod, .enrollmentExpired, .couldNotProcessCSR, .bodyNotJSON,
                .fieldTooShort, .fieldTooLong, .fieldNotUUID, .fieldRequired, .caCertificateRefused,
                .noAuthorities, .authorityNotValid, .clientCertificateFailedValidation, .clientCertificateInvalid:
                400
            case .noSession, .badSession, .badAccessToken, .unauthorized, .authenticationRefused: 401
            case .pathNotFound, .entityNotFound: 404
            case .verbNotAllowed: 405
            case .authenticatorNotUpdatable, .certificateInUse, .alreadyEnrolled, .enrollmentNotAllowed: 409
            case .bodyTooLarge: 413
            case .noSuitableAccept, .unsupportedContentType: 415
            case .internalFailure, .passwordMissing: 500
            case .rateLimited, .tooManyRequests: 429
            case .timeout, .noLeader: 503
            case .queryNotUUID: 601
            case .headerRequired, .queryRequired: 602
            case .queryNotListed: 606
            }
        }

        /// The `code` of the envelope.
        var code: String {
            switch self {
            case .invalidEnrollmentToken: "INVALID_ENROLLMENT_TOKEN"
            case .invalidEnrollMethod: "INVALID_ENROLL_METHOD"
            case .enrollmentExpired: "ENROLLMENT_EXPIRED"
            case .couldNotProcessCSR: "COULD_NOT_PROCESS_CSR"
            case .noSuitableAccept: "UNSUPPORTED_MEDIA"
            case .bodyNotJSON: "COULD_NOT_PARSE_BODY"
            case .unsupportedContentType, .fieldTooShort, .fieldTooLong, .fieldNotUUID, .fieldRequired, .queryNotUUID,
                .queryRequired, .queryNotListed, .headerRequired:
                "COULD_NOT_VALIDATE"
            case .caCertificateRefused: "CERT_FAILED_VALIDATION"
            case .noAuthorities: "ENROLLMENT_NO_VALID_CAS"
            case .authorityNotValid: "ENROLLMENT_CA_NOT_VALID"
            case .clientCertificateFailedValidation: "CERTIFICATE_FAILED_VALIDATION"
            case .certificateInUse: "CERT_IN_USE"
            case .alreadyEnrolled: "ENROLLMENT_IDENTITY_ALREADY_ENROLLED"
            case .enrollmentNotAllowed: "INVALID_ENROLLMENT_NOT_ALLOWED"
            case .noSession, .badSession, .badAccessToken, .unauthorized: "UNAUTHORIZED"
            case .authenticationRefused: "INVALID_AUTH"
            case .authenticatorNotUpdatable: "CAN_NOT_UPDATE_AUTHENTICATOR"
            case .clientCertificateInvalid: "INVALID_CLIENT_CERT"
            case .pathNotFound, .entityNotFound: "NOT_FOUND"
            case .verbNotAllowed: "METHOD_NOT_ALLOWED"
            case .bodyTooLarge: "REQUEST_ENTITY_TOO_LARGE"
            case .internalFailure, .passwordMissing: "UNHANDLED"
            case .rateLimited: "RATE_LIMITED"
            case .tooManyRequests: "SERVER_TOO_MANY_REQUESTS"
            case .timeout: "TIMEOUT"
            case .noLeader: "CLUSTER_NO_LEADER"
            }
        }

        /// The `message` of the envelope.
        var message: String {
            switch code {
            case "INVALID_ENROLLMENT_TOKEN": "The supplied token is not valid"
            case "INVALID_ENROLL_METHOD": "The supplied enrollment method is not valid"
            case "ENROLLMENT_EXPIRED": "The window for this enrollment has expired"
            case "COULD_NOT_PROCESS_CSR": "The supplied csr could not be processed"
            case "UNSUPPORTED_MEDIA": "No suitable accept media types were detected, supports: application/json"
            case "COULD_NOT_PARSE_BODY": "The body of the request could not be parsed"
            case "COULD_NOT_VALIDATE":
                "The supplied request contains an invalid document or no valid accept content were available, see cause"
            case "CERT_FAILED_VALIDATION": "certificate failed to validate against CA"
            case "ENROLLMENT_NO_VALID_CAS": "No CAs are valid for this request"
            case "ENROLLMENT_CA_NOT_VALID": "The CA tied to the supplied token is no longer valid"
            case "CERTIFICATE_FAILED_VALIDATION":
                "The supplied certificate failed to validate against the CA's certificate chain"
            case "CERT_IN_USE": "The certificate supplied is already associated with another identity"
            case "ENROLLMENT_IDENTITY_ALREADY_ENROLLED": "The supplied token already has a matching identity"
            case "INVALID_ENROLLMENT_NOT_ALLOWED": "The supplied token may not be used for this enrollment"
            case "UNAUTHORIZED":
                "The request could not be completed. The session is not authorized or the credentials are invalid"
            case "INVALID_AUTH": "The authentication request failed"
            case "CAN_NOT_UPDATE_AUTHENTICATOR": "The authenticator cannot be updated in this fashion"
            case "INVALID_CLIENT_CERT": "The provided client certificate is invalid"
            case "NOT_FOUND": "The resource requested was not found or is no longer available"
            case "METHOD_NOT_ALLOWED": "The resource requested does not support this HTTP verb"
            case "REQUEST_ENTITY_TOO_LARGE": "The request body is too large"
            case "RATE_LIMITED":
                "The requested operation is rate limited and the rate limit has been exceeded. Please try again later"
            case "SERVER_TOO_MANY_REQUESTS": "Too many requests to alter state have been issued"
            case "TIMEOUT": "The requested operation took too much time to reply"
            case "CLUSTER_NO_LEADER": "The cluster has no leader"
            default: "An unhandled error occurred"
            }
        }
    }

    static let invalidEnrollmentToken = Refusal(.invalidEnrollmentToken)
    static let invalidEnrollMethod = Refusal(.invalidEnrollMethod)
    static let enrollmentExpired = Refusal(.enrollmentExpired)
    static let noSuitableAccept = Refusal(.noSuitableAccept)
    static let caCertificateRefused = Refusal(.caCertificateRefused)
    /// There is no third-party CA at all.
    static let noAuthorities = Refusal(.noAuthorities)
    static let authorityNotValid = Refusal(.authorityNotValid)
    static let clientCertificateFailedValidation = Refusal(.clientCertificateFailedValidation)
    static let certificateInUse = Refusal(.certificateInUse)
    static let passwordMissing = Refusal(
        .passwordMissing, cause: unhandled("password expected for updb enrollment"))
    static let alreadyEnrolled = Refusal(.alreadyEnrolled)
    static let enrollmentNotAllowed = Refusal(.enrollmentNotAllowed)
    static let noSession = Refusal(.noSession, cause: unhandled("unauthenticated for invalid credentials"))
    static let badSession = Refusal(.badSession)
    static let authenticationRefused = Refusal(.authenticationRefused)
    /// A session that is good, but not for what was asked.
    static let unauthorized = Refusal(.unauthorized)
    static let badAccessToken = Refusal(.badAccessToken)
    static let entityNotFound = Refusal(.entityNotFound)
    static let authenticatorNotUpdatable = Refusal(.authenticatorNotUpdatable)
    static let clientCertificateInvalid = Refusal(.clientCertificateInvalid)
    static let rateLimited = Refusal(.rateLimited)
    static let tooManyRequests = Refusal(.tooManyRequests)
    static let timeout = Refusal(.timeout)
    static let noLeader = Refusal(.noLeader)
    static let bodyTooLarge = Refusal(.bodyTooLarge)
    /// Something of ours failed, a file above all; the text that says so is not sent.
    static let internalFailure = Refusal(.internalFailure)

    static func certificateInUse(fingerprint: String) -> Refusal {
        Refusal(.certificateInUse, cause: ["data": ["fingerprint": .string(fingerprint)]])
    }

    static func csr(_ reason: String) -> Refusal {
        Refusal(.couldNotProcessCSR, cause: unhandled(reason))
    }

    static func unsupportedContentType(_ given: String, allowed: [String]) -> Refusal {
        let list = allowed.joined(separator: " ")
        return Refusal(
            .unsupportedContentType,
            cause: field(
                "Content-Type", "unsupported media type \"\(given)\", only [\(list)] are allowed", value: given))
    }

    static func bodyNotJSON(_ reason: String) -> Refusal {
        Refusal(.bodyNotJSON, cause: unhandled(reason))
    }

    static func fieldTooShort(_ name: String, minimum: Int, value: String) -> Refusal {
        Refusal(
            .fieldTooShort,
            cause: field(name, "\(name) in body should be at least \(minimum) chars long", value: value))
    }

    static func fieldTooLong(_ name: String, maximum: Int, value: String) -> Refusal {
        Refusal(
            .fieldTooLong, cause: field(name, "\(name) in body should be at most \(maximum) chars long", value: value))
    }

    static func fieldNotUUID(_ name: String, value: String) -> Refusal {
        Refusal(.fieldNotUUID, cause: field(name, "\(name) in body must be of type uuid: \"\(value)\"", value: value))
    }

    static func fieldRequired(_ name: String) -> Refusal {
        Refusal(.fieldRequired, cause: field(name, "\(name) in body is required", value: "<nil>"))
    }

    static func queryNotUUID(_ name: String, value: String) -> Refusal {
        Refusal(.queryNotUUID, cause: field(name, "\(name) in query must be of type uuid: \"\(value)\"", value: value))
    }

    static func queryRequired(_ name: String) -> Refusal {
        Refusal(.queryRequired, cause: field(name, "\(name) in query is required", value: ""))
    }

    static func queryNotListed(_ name: String, value: String, list: [String]) -> Refusal {
        let list = list.joined(separator: " ")
        return Refusal(
            .queryNotListed, cause: field(name, "\(name) in query should be one of [\(list)]", value: value))
    }

    static func headerRequired(_ name: String) -> Refusal {
        Refusal(.headerRequired, cause: field(name, "\(name) in header is required", value: ""))
    }

    static func pathNotFound(_ path: String) -> Refusal {
        Refusal(.pathNotFound, cause: unhandled("path \(path) was not found"))
    }

    static func verbNotAllowed(_ verb: String, allowed: [String]) -> Refusal {
        let list = allowed.joined(separator: ",")
        return Refusal(.verbNotAllowed, cause: unhandled("method \(verb) is not allowed, but [\(list)] are"))
    }

    private static func unhandled(_ reason: String) -> JSON {
        ["code": "UNHANDLED", "message": .string(reason)]
    }

    private static func field(_ name: String, _ reason: String, value: String) -> JSON {
        ["field": .string(name), "reason": .string(reason), "value": .string(value)]
    }
}
