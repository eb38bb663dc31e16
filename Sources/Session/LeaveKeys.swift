/// Looks for the keys that leave among those that are typed. Pure.
struct LeaveKeys {
    /// The last eight octets, the latest lowest.
    private var recent: UInt64 = 0
    /// Whether the last of them is a prefix after a prefix.
    private var isSecondPrefix = false

    /// Whether tmux's own `C-b d` ends in `octets`, which follow those of the last call. `C-b C-b d` is
    /// for a tmux in the session.
    mutating func detach(in octets: [UInt8]) -> Bool {
        var isFound = false
        for octet in octets {
            let isPrefixed = recent & 0xff == 0x02 && !isSecondPrefix
            isSecondPrefix = octet == 0x02 && isPrefixed
            isFound = isFound || octet == 0x64 && isPrefixed
            recent = recent << 8 | UInt64(octet)
            isFound = isFound || Self.isExtendedDetach(recent)
        }
        return isFound
    }

    private static func isExtendedDetach(_ recent: UInt64) -> Bool {
        // …u d, …~ d
        recent == 0x1b_5b_39_38_3b_35_75_64 || recent == 0x37_3b_35_3b_39_38_7e_64
    }

    /// Whether `C-b d`, or `C-c`, ends in `octets`, which follow those of the last call.
    ///
    /// Each is also known as a terminal sends it whose keys were extended, which the agent's tmux may
    /// have asked for: `CSI 98 ; 5 u`, and xterm's `CSI 27 ; 5 ; 98 ~` by its last octets.
    mutating func leave(in octets: [UInt8]) -> Bool {
        for octet in octets {
            recent = recent << 8 | UInt64(octet)
            if octet == 0x03 || recent & 0xffff == 0x02_64 { return true }
            if Self.isExtendedDetach(recent) { return true }
            switch recent & 0xff_ffff_ffff_ffff {
            case 0x1b_5b_39_39_3b_35_75, 0x37_3b_35_3b_39_39_7e: return true
            default: break
            }
        }
        return false
    }
}
