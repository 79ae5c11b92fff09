import DevelopmentController

/// The controller's side of an enrollment. Both sides call theirs `Enrollment`, and a module that is named as a type of its
/// own cannot be used to tell them apart; this file sees only one.
typealias ControllerEnrollment = Enrollment
