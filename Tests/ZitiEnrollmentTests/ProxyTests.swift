import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// Controllers behind an HTTP proxy.
struct ProxyTests {
    private func address(_ text: String) throws -> ControllerAddress { try #require(ControllerAddress(text)) }

    private func settings(_ port: Int, user: String = "", except: String = "") -> ProxySettings {
        ProxySettings(environment: ["HTTPS_PROXY": "http://\(user)127.0.0.1:\(port)", "NO_PROXY": except])
    }

    @Test(arguments: [TLSVersions.tls12, .tls13])
    func everythingGoesThroughTheProxy(_ version: TLSVersions) async throws {
        var configuration = Controller.Configuration()
        configuration.tls = version
        let rig = try await Rig.start(configuration)
        let proxy = try await ConnectProxy.start()
        var options = rig.options
        options.proxy = settings(proxy.port, user: "ziggy:p%40ss@")
        try await rig.enroll(options: options)
        #expect(proxy.requests.count == 2)
        let credentials = Data("ziggy:p@ss".utf8).base64EncodedString()
        for request in proxy.requests {
            #expect(request.hasPrefix("CONNECT localhost:\(rig.controller.port) HTTP/1.1\r\n"))
            #expect(request.lowercased().contains("proxy-authorization: basic \(credentials.lowercased())\r\n"))
        }
        try await proxy.close()
        try await rig.controller.shutdown()
    }

    @Test func aControllerThatIsExceptedIsReachedWithoutTheProxy() async throws {
        let rig = try await Rig.start()
        let proxy = try await ConnectProxy.start()
        var options = rig.options
        options.proxy = settings(proxy.port, except: "example.org, localhost")
        try await rig.enroll(options: options)
        #expect(proxy.requests.isEmpty)
        try await proxy.close()
        try await rig.controller.shutdown()
    }

    @Test(arguments: [
        ("HTTP/1.1 407 Proxy Authentication Required", "user name and password"), ("HTTP/1.1 403 Forbidden", "403"),
        ("HTTP/1.1 200 OK\r\n\r\nextra", "nobody asked for"), ("nonsense", "no HTTP"),
    ])
    func aProxyThatRefusesIsNamed(_ head: String, _ words: String) async throws {
        let rig = try await Rig.start()
        let proxy = try await ConnectProxy.start(.refuse(head))
        var options = rig.options
        options.proxy = settings(proxy.port, user: "ziggy:hidden@")
        let error = try await rig.expectUntouched(.controllerUnreachable, at: .verifyJWT, options: options)
        #expect(error.message.contains("proxy") && error.message.contains(words), "\(error)")
        #expect(!"\(error) \(error.hint)".contains("hidden"))
        try await proxy.close()
        try await rig.controller.shutdown()
    }

    @Test func aProxyThatClosesOrIsNotThereIsNamed() async throws {
        let rig = try await Rig.start()
        let proxy = try await ConnectProxy.start(.close)
        var options = rig.options
        options.proxy = settings(proxy.port)
        let closes = try await rig.expectUntouched(.controllerUnreachable, at: .verifyJWT, options: options)
        #expect(closes.message.contains("proxy"))
        try await proxy.close()
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.message.contains("proxy 127.0.0.1:"))
        #expect(error.hint.contains("NO_PROXY"))
        try await rig.controller.shutdown()
    }

    @Test(arguments: [
        "socks5://127.0.0.1:1080", "https://user:hidden@proxy:3128", "http://", "http://user:hidden@", "http://a b",
        "http://proxy:99999", "http://proxy/path",
    ])
    func aProxyThatCannotBeUsedIsRefusedWithoutBeingRepeated(_ value: String) throws {
        let settings = ProxySettings(environment: ["ALL_PROXY": value])
        let error = try #require(throws: EnrollmentError.self) { try settings.proxy(for: address("https://c:1280")) }
        #expect(error.code == .inputInvalid)
        #expect(error.message.contains("ALL_PROXY"))
        #expect(!"\(error) \(error.hint)".contains("hidden"))
    }

    @Test func theMostSpecificVariableCounts() throws {
        let environment = [
            "ALL_PROXY": "http://all:1", "all_proxy": "http://all:2", "HTTPS_PROXY": "http://upper:3",
            "https_proxy": "lower.example.org", "HTTP_PROXY": "http://other:9",
        ]
        let controller = try address("https://ctrl.example.org:1280")
        func proxy(without names: [String]) throws -> String? {
            try ProxySettings(environment: environment.filter { !names.contains($0.key) }).proxy(for: controller)
                .map { "\($0)" }
        }
        #expect(try proxy(without: []) == "lower.example.org:80")
        #expect(try proxy(without: ["https_proxy"]) == "upper:3")
        #expect(try proxy(without: ["https_proxy", "HTTPS_PROXY"]) == "all:2")
        #expect(try proxy(without: ["https_proxy", "HTTPS_PROXY", "all_proxy"]) == "all:1")
        #expect(try proxy(without: ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]) == nil)
        #expect(try #require(HTTPProxy("http://[::1]:3128")).description == "[::1]:3128")
    }

    @Test(arguments: [
        ("*", true), ("example.org", true), (".example.org", true), ("*.example.org", true), ("ctrl.example.org", true),
        ("ctrl.example.org:1280", true), ("ctrl.example.org:443", false), ("ample.org", false), ("", false),
        ("other.org,CTRL.example.org", true), ("10.0.0.0/8", false),
    ])
    func exceptionsAreNamesAndTheirSubdomains(_ exceptions: String, _ isExcepted: Bool) throws {
        let settings = ProxySettings(environment: ["https_proxy": "http://p:1", "no_proxy": exceptions])
        #expect(try (settings.proxy(for: address("https://ctrl.example.org:1280")) == nil) == isExcepted)
    }

    @Test(arguments: [
        ("https://10.1.2.3", "10.0.0.0/8", true), ("https://11.1.2.3", "10.0.0.0/8", false),
        ("https://10.1.2.3", "10.1.2.3", true), ("https://10.1.2.3", "2.3", false),
        ("https://10.1.2.3", "0.0.0.0/0", true),
        ("https://[fd00::1]:1280", "fd00::/8", true), ("https://[fd00::1]:1280", "[fd00::1]:1280", true),
        ("https://[fd00::1]:1280", "fd00::1", true), ("https://[fe00::1]:1280", "fd00::/8", false),
        ("https://10.1.2.3", "10.0.0.0/x", false), ("https://10.1.2.3", "10.0.0.0/33", false),
    ])
    func exceptionsAreAddressesAndNetworks(_ controller: String, _ exception: String, _ isExcepted: Bool) throws {
        let settings = ProxySettings(environment: ["https_proxy": "http://p:1", "no_proxy": exception])
        // One that goes through the proxy is refused, because it is named by its address.
        let controller = try address(controller)
        if isExcepted {
            #expect(try settings.proxy(for: controller) == nil)
        } else {
            #expect(throws: EnrollmentError(.inputInvalid, "")) { try settings.proxy(for: controller) }
        }
    }

    @Test func aControllerThatIsNamedByItsAddressIsRefusedAndNotTakenForTheProxy() async throws {
        var configuration = Controller.Configuration()
        configuration.host = "127.0.0.1"
        // What a certificate would need that is compared with the address of the proxy.
        configuration.certificateAddresses = ["127.0.0.1", "127.0.0.2"]
        let rig = try await Rig.start(configuration)
        let proxy = try await ConnectProxy.start(host: "127.0.0.2")
        var options = rig.options
        func settings(except: String) -> ProxySettings {
            ProxySettings(environment: ["HTTPS_PROXY": "http://127.0.0.2:\(proxy.port)", "NO_PROXY": except])
        }
        options.proxy = settings(except: "")
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.code == .inputInvalid)
        #expect(error.message.contains("IP address"))
        #expect(error.hint.contains("127.0.0.1 in NO_PROXY"))
        #expect(rig.posts == 0)
        options.proxy = settings(except: "127.0.0.0/8")
        try await rig.enroll(options: options)
        #expect(proxy.requests.isEmpty)
        try await proxy.close()
        try await rig.controller.shutdown()
    }

    @Test func aControllerWithANameIsVerifiedByItThroughAProxyWithAnotherAddress() async throws {
        var configuration = Controller.Configuration()
        configuration.certificateAddresses = ["192.0.2.1"]
        let rig = try await Rig.start(configuration)
        let proxy = try await ConnectProxy.start(host: "127.0.0.2")
        var options = rig.options
        options.proxy = ProxySettings(environment: ["HTTPS_PROXY": "http://127.0.0.2:\(proxy.port)"])
        try await rig.enroll(options: options)
        #expect(proxy.requests.count == 2)
        try await proxy.close()
        try await rig.controller.shutdown()
    }

    @Test func noDescriptionShowsThePassword() throws {
        let proxy = try #require(HTTPProxy("http://user:hidden@p:1"))
        let secret = try #require(proxy.credentials)
        var dumped = ""
        dump(proxy, to: &dumped)
        for text in ["\(proxy)", String(reflecting: proxy), dumped] {
            #expect(!text.contains("hidden") && !text.contains(secret))
        }
    }
}
