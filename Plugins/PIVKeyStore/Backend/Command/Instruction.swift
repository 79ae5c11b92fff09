/// The instructions of the PIV applet: NIST SP 800-73-4 part 2, and Yubico's own from F6 on.
enum Instruction: UInt8 {
    case verify = 0x20
    case changeReference = 0x24
    case resetRetry = 0x2C
    case generate = 0x47
    case generalAuthenticate = 0x87
    case select = 0xA4
    case getResponse = 0xC0
    case getData = 0xCB
    case putData = 0xDB
    case moveKey = 0xF6
    case getMetadata = 0xF7
    case getSerial = 0xF8
    case attest = 0xF9
    case setRetries = 0xFA
    case reset = 0xFB
    case getVersion = 0xFD
    case importKey = 0xFE
    case setManagementKey = 0xFF
    /// Of the management applet: what the device is.
    case readDeviceInfo = 0x1D
    /// Of the OTP applet: the serial number of devices before version 5.
    case otpRequest = 0x01

    /// The name, as an error shows it.
    var name: String {
        switch self {
        case .verify: "VERIFY"
        case .changeReference: "CHANGE REFERENCE DATA"
        case .resetRetry: "RESET RETRY COUNTER"
        case .generate: "GENERATE ASYMMETRIC KEY PAIR"
        case .generalAuthenticate: "GENERAL AUTHENTICATE"
        case .select: "SELECT"
        case .getResponse: "GET RESPONSE"
        case .getData: "GET DATA"
        case .putData: "PUT DATA"
        case .moveKey: "MOVE KEY"
        case .getMetadata: "GET METADATA"
        case .getSerial: "GET SERIAL"
        case .attest: "ATTEST"
        case .setRetries: "SET PIN RETRIES"
        case .reset: "RESET"
        case .getVersion: "GET VERSION"
        case .importKey: "IMPORT ASYMMETRIC KEY"
        case .setManagementKey: "SET MANAGEMENT KEY"
        case .readDeviceInfo: "READ CONFIG"
        case .otpRequest: "OTP REQUEST"
        }
    }
}
