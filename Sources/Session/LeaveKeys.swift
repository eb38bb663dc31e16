/// Looks for the keys that leave among those that a watcher types and nobody gets. Pure.
struct LeaveKeys {
    /// The last eight octets, the latest lowest.
    private var recent: UInt64 = 0

    /// Whether tmux's own `C-b d`, or `C-c`, ends in `octets`, which follow those of the last call.
    ///
    /// Each is also known as a terminal sends it whose keys were extended, which the agent's tmux may
    /// have asked for: `CSI 98 ; 5 u`, and xterm's `CSI 27 ; 5 ; 98 ~` by its last octets.
    mutating func leave(in octets: [UInt8]) -> Bool {
        for octet in octets {
            recent = recent << 8 | UInt64(octet)
            if octet == 0x03 || recent & 0xffff == 0x02_64 { return true }
            switch recent {
            case 0x1b_5b_39_38_3b_35_75_64, 0x37_3b_35_3b_39_38_7e_64: return true  // …u d, …~ d
            default: break
            }
            switch recent & 0xff_ffff_ffff_ffff {
            case 0x1b_5b_39_39_3b_35_75, 0x37_3b_35_3b_39_39_7e: return true
            default: break
            }
        }
        return false
    }
}
