import Linux
import SystemPackage

/// Row 27: becoming somebody else, or more.
extension Catalogue {
    static let identity: [Attack] = [
        Attack(
            "become root", rows: [27], stops: [.refused(.notPermitted): .noCapability],
            control: Trial("its own ids may be set again") { _ throws(SystemCallError) in
                let (user, group) = (UInt64(System.userID), UInt64(System.groupID))
                return try Trial.observe([
                    Call("setresgid", .word(group), .word(group), .word(group)),
                    Call("setresuid", .word(user), .word(user), .word(user)),
                ])
            },
            attempts: .calls([
                Call("setresuid", 0, 0, 0), Call("setresgid", 0, 0, 0),
                Call("setgroups", 1, .octets([0, 0, 0, 0])),
            ])),
        Attack(
            "gain a capability", rows: [27], stops: [.refused(.notPermitted): .noCapability],
            control: .calls([
                Call("capset", capabilityHeader, .octets([UInt8](repeating: 0, count: 24)))
            ]),
            attempts: .calls([
                Call("capset", capabilityHeader, .octets(networkAdministration)),
                Call("prctl", 28, 0x10, 0, 0, 0, as: "PR_SET_SECUREBITS"),
            ])),
        Attack(
            "gain by set-id programs", rows: [27],
            stops: [.said("no-new-privileges"): .noNewPrivileges, .said("empty"): .noCapability],
            control: .calls([Call("prctl", 39, 0, 0, 0, 0, as: "PR_GET_NO_NEW_PRIVS answers")]),
            attempts: Trial("execve of su and sudo") { _ in
                let status = ProcessStatus.of(System.processID)
                let bounding = Privileges.boundingSet()
                return [
                    Observation(
                        "execve",
                        .said(
                            status?.noNewPrivileges == true
                                ? "no-new-privileges" : "no-new-privileges is not set")),
                    Observation(
                        "bounding set", .said(bounding.isEmpty ? "empty" : "it holds \(bounding)")),
                ]
            }),
    ]

    /// struct __user_cap_header_struct: version 3, the calling thread.
    private static let capabilityHeader = RawCall.Argument.octets(
        [0x22, 0x05, 0x08, 0x20, 0, 0, 0, 0])
    /// Effective and permitted CAP_NET_ADMIN, the twelfth bit.
    private static let networkAdministration: [UInt8] =
        [0, 0x10, 0, 0, 0, 0x10, 0, 0] + [UInt8](repeating: 0, count: 16)
}
