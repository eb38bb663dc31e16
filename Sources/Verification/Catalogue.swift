/// Every attack of the design's catalogue that can be tried from inside, and why the others cannot.
public enum Catalogue {
    public static let attacks: [Attack] =
        names + network + identity + processes + system + files + limits + control

    /// Rows of which nothing can be tried from inside a live container, with the reason; the
    /// end-to-end suite tries them from outside.
    public static let untried: [(row: Int, reason: String)] = [
        (4, "would spend the live agent's budget of an allowed zone"),
        (5, "needs an allowed name whose data is known: an empty answer shows nothing"),
        (8, "needs a hostile upstream"),
        (9, "needs a hostile upstream"),
        (10, "needs a hostile upstream"),
        (11, "needs a hostile network between resolver and upstream"),
        (15, "needs an address that the policy opens, and would send to it"),
        (19, "needs a change of the operator's policy"),
        (20, "is about moments that are over once the container runs"),
    ]

    /// What boot tries.
    public static let fast = attacks.filter { $0.pace == .fast }

    /// The attacks on what is in force, in the catalogue's order.
    public static func attacks(
        fastOnly: Bool, audits: Bool, allowsNamespaces: Bool
    ) -> [Attack] {
        (fastOnly ? fast : attacks).filter { attack in
            switch attack.subject {
            case .process: true
            case .egress: !audits
            case .namespaces: !allowsNamespaces
            }
        }
    }
}
