import Linux
import Policy
import Profile
import Supervision
import SystemPackage

/// What a licensed image asks its server, and how often.
struct LicenceRequest {
    let settings: AgentProfile.Licence
    let server: LicenceServer
    /// Seconds.
    let heartbeat: UInt32
}

extension ConfigurationReader {
    mutating func readLicence(_ profile: AgentProfile) -> LicenceRequest? {
        guard let licence = profile.licence else { return nil }
        if profile.services.contains(where: { $0.name == LeaseService.name }) {
            mistakes.append(
                "service \(LeaseService.name): that is what codetainer's own is called, which asks the licence server: give it another name"
            )
        }
        for file in [licence.authorities, LeaseService.program]
        where (try? FileStatus(of: FilePath(file))).flatMap({ $0 }) == nil {
            mistakes.append(
                "licence: \(file) is not there: build the image with `scripts/build --agent licensed --tag codetainer:licensed`, or mount it"
            )
        }
        let heartbeat = readHeartbeat(licence)
        let given = given(licence.server)
        do throws(LicenceServer.Invalid) {
            let server = try LicenceServer(parsing: given ?? licence.defaultServer)
            return LicenceRequest(settings: licence, server: server, heartbeat: heartbeat)
        } catch {
            mistakes.append(
                "\(given == nil ? "licence.server-default" : licence.server) \(error.reason): write it like https://licence.example.com"
            )
            return nil
        }
    }

    private func given(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func readHeartbeat(_ licence: AgentProfile.Licence) -> UInt32 {
        guard let text = given(licence.heartbeat) else { return UInt32(licence.defaultHeartbeat) }
        guard let seconds = AgentProfile.Licence.seconds(text),
            AgentProfile.Licence.heartbeats.contains(seconds)
        else {
            mistakes.append(
                "\(licence.heartbeat) \"\(text)\" must be seconds from 1 to 86400: write 300 or 5m")
            return UInt32(licence.defaultHeartbeat)
        }
        return UInt32(seconds)
    }
}
