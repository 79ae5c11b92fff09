/// A fault that is to come.
struct ScheduledFault {
    var remaining: Int
    var instruction: UInt8?
    var fault: Fault
}
