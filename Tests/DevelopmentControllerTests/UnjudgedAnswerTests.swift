import DevelopmentController
import Testing

/// The answers other than refusals that no recording judges: what an SDK asks for once it has authenticated.
struct UnjudgedAnswerTests {
    @Test(arguments: ["/services?limit=25&offset=0", "/current-identity/edge-routers?limit=25&offset=0"])
    func aListIsAnEmptyPage(_ path: String) async throws {
        try await withController { controller in
            let client = try await Endpoint.enrolled(at: controller).endpoint.client(of: controller)
            let session = try #require(try await client.send("POST /authenticate?method=cert").header("zt-session"))
            let answer = try await client.send("GET \(path)", [("zt-session", session)])
            let expected =
                #"{"data":[],"meta":{"filterableFields":[],"pagination":{"limit":25,"offset":0,"totalCount":0}}}"#
            #expect(answer.status == 200)
            #expect(answer.text == expected + "\n")
        }
    }

    @Test func servicesChangedWhenTheSessionBegan() async throws {
        try await withController { controller in
            let client = try await Endpoint.enrolled(at: controller).endpoint.client(of: controller)
            let session = try await client.send("POST /authenticate?method=cert")
            let token = try #require(session.header("zt-session"))
            let answer = try await client.send("GET /current-api-session/service-updates", [("zt-session", token)])
            #expect(answer.data?["lastChangeAt"] as? String == session.data?["createdAt"] as? String)
            #expect(answer.data?["lastChangeAt"] != nil)
        }
    }
}
