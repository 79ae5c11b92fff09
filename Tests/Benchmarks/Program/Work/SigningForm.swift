internal import ArgumentParser

/// Whether what is signed is hashed within the measured time.
enum SigningForm: String, ExpressibleByArgument, CaseIterable {
    case digest
    case message
}
