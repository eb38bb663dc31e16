import Policy
import Testing

@testable import Boot
@testable import Profile

@Suite struct SettingTests {
    private static func setting(_ kind: AgentProfile.Setting.Kind) -> AgentProfile.Setting {
        var setting = AgentProfile.Setting(name: "S", kind: kind)
        if kind == .number { (setting.least, setting.most) = (1, 300) }
        return setting
    }

    @Test(
        arguments: [
            (.text, "a b", "a b"), (.number, "1", "1"), (.number, "300", "300"),
            (.number, "007", "7"), (.switch, "TRUE", "true"), (.switch, "false", "false"),
            (.port, "65535", "65535"), (.address, "0.0.0.0", "0.0.0.0"), (.address, "::", "::"),
            (.target, "Main-App:50051", "main-app:50051"), (.target, "10.1.2.3:1", "10.1.2.3:1"),
            (.target, "[fd00::1]:443", "[fd00::1]:443"), (.file, "/certs/a.pem", "/certs/a.pem"),
        ] as [(AgentProfile.Setting.Kind, String, String)])
    func isTaken(kind: AgentProfile.Setting.Kind, text: String, value: String) throws {
        #expect(try Self.setting(kind).value(text) == value)
    }

    @Test(
        arguments: [
            (.text, "a\nb"), (.number, "0"), (.number, "301"), (.number, "-1"), (.number, "1.5"),
            (.number, "ten"), (.number, "٣"), (.number, "99999999999999999999"),
            (.switch, "yes"), (.switch, "1"), (.port, "0"), (.port, "65536"), (.port, "+1"),
            (.address, "localhost"), (.address, "0.0.0"), (.target, "main-app"),
            (.target, "main-app:"), (.target, ":50051"), (.target, "main-app:0"),
            (.target, "main-app:65536"), (.target, "http://main-app:50051"),
            (.target, "a b:50051"), (.target, "fd00::1:443"), (.target, "*.example.com:443"),
            (.target, "main-app:50051 private"), (.target, "[10.1.2.3]:443"),
            (.file, "certs/a.pem"), (.file, "/certs/"),
        ] as [(AgentProfile.Setting.Kind, String)])
    func isRefused(kind: AgentProfile.Setting.Kind, text: String) throws {
        #expect(throws: AgentProfile.Setting.Invalid.self) { try Self.setting(kind).value(text) }
    }

    @Test func aChoiceIsOneOfThem() throws {
        var setting = Self.setting(.text)
        setting.choices = ["INFO", "DEBUG"]
        #expect(try setting.value("DEBUG") == "DEBUG")
        // In any case, and passed on as its program knows it.
        #expect(try setting.value("debug") == "DEBUG")
        setting.choices = ["Info", "info"]
        #expect(try setting.value("info") == "info")
        setting.choices = []
        #expect(try setting.value("info") == "info")
        setting.choices = ["INFO", "DEBUG"]
        #expect(throws: AgentProfile.Setting.Invalid.self) { try setting.value("LOUD") }
    }

    @Test func hostsAreReadAsTheyAreWritten() {
        let file = HostsFile(
            parsing: """
                127.0.0.1\tlocalhost
                172.17.0.1  host.docker.internal Other # from --add-host
                # 10.0.0.1 host.docker.internal
                nonsense host.docker.internal
                fd00::1 host.docker.internal
                """)
        #expect(
            file.addresses(of: "Host.docker.internal").map(\.description)
                == ["172.17.0.1", "fd00::1"])
        #expect(file.addresses(of: "other").count == 1)
        #expect(file.addresses(of: "docker").isEmpty)
    }
}
