/// What controllers ask for beside the certificate, and what this library does not give.
package enum SecondFactor {
    /// What to throw where one is asked for.
    package static func required(status: Int) -> EnrollmentError {
        EnrollmentError(
            .refusedByController, "the controller wants a second factor beside the certificate",
            hint: "Let an administrator give the identity an authentication policy that is content with certificates.",
            refusal: ControllerRefusal(status: status))
    }
}
