/// Looks for the keys that leave among those that are typed. Pure.
///
/// What is pasted is not typed: a terminal that marks it does so with `CSI 200 ~` and `CSI 201 ~`
/// (ctlseqs of xterm, "Bracketed Paste Mode"), and lets nothing that is pasted be the second.
struct LeaveKeys {
    /// The last eight octets, the latest lowest.
    private var recent: UInt64 = 0
    private var isPasted = false
    /// Whether the last of them is a prefix after a prefix.
    private var isSecondPrefix = false

    /// Whether tmux's own `C-b d` ends in `octets`, which follow those of the last call. `C-b C-b d` is
    /// for a tmux in the session.
    mutating func detach(in octets: [UInt8]) -> Bool {
        var isFound = false
        for octet in octets {
            let isPrefixed = recent & 0xff == 0x02 && !isSecondPrefix && !isPasted
            isSecondPrefix = octet == 0x02 && isPrefixed
            isFound = isFound || octet == 0x64 && isPrefixed
            note(octet)
            isFound = isFound || !isPasted && Self.isExtendedDetach(recent)
        }
        return isFound
    }

    private mutating func note(_ octet: UInt8) {
        recent = recent << 8 | UInt64(octet)
        switch recent & 0xffff_ffff_ffff {
        case 0x1b_5b_32_30_30_7e: isPasted = true
        case 0x1b_5b_32_30_31_7e: isPasted = false
        default: break
        }
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
            note(octet)
            guard !isPasted else { continue }
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
