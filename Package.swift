// swift-tools-version: 6.2
import PackageDescription

/// Swift 6 mode and strict memory safety hold everywhere; a release build is fully static, so that
/// the one executable runs in an image that holds nothing else.
let checks: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"]),
]
let swiftSettings =
    checks + [.unsafeFlags(["-static-executable"], .when(configuration: .release))]

/// What runs once or when a person asks is built for size; what a query or a grant goes through for
/// speed.
let rarelyRun: Set = [
    "Boot", "Confinement", "Control", "Filesystem", "Inspection", "Profile", "Reaper", "Secrets",
    "Session", "Supervision", "TOML", "Verification",
]
let forSize = SwiftSetting.unsafeFlags(["-Osize"], .when(configuration: .release))

let systemTypes = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let commandLine = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies,
        swiftSettings: swiftSettings + (rarelyRun.contains(name) ? [forSize] : []))
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let package = Package(
    name: "codetainer",
    products: [.executable(name: "codetainer", targets: ["codetainer"])],
    // No newer ones by themselves: Package.resolved is not kept, and the same commit is to give the
    // same bytes.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    ],
    targets: [
        .executableTarget(
            name: "codetainer",
            dependencies: [
                "Boot", "Inspection", "Supervision", "Session", "Reaper", "Egress", "Resolver",
                "Confinement", "Control", "Secrets", "Policy", "Profile", "Verification", "Linux",
                "CStartUp", "CBuild", commandLine, logging, systemTypes,
            ],
            swiftSettings: swiftSettings + [forSize],
            linkerSettings: [
                // The entry: Sources/CStartUp/Entry.c.
                .unsafeFlags(
                    ["-static-executable", "-Xlinker", "--entry=codetainer_entry"],
                    .when(configuration: .release))
            ]
        ),

        // What asks a licence server: the one program with a TLS library, in licensed images alone.
        // scripts/lease-release builds it; it is linked dynamically but for the Swift runtime.
        .executableTarget(
            name: "codetainer-lease",
            dependencies: [
                "LeaseExchange", "CCurl", "CStartUp", "Secrets", "Policy", "Linux", systemTypes,
            ],
            swiftSettings: checks),

        // For scripts/bench; never in an image.
        .executableTarget(
            name: "codetainer-bench",
            dependencies: [
                "Supervision", "Egress", "Resolver", "Control", "Policy", "Linux", logging,
                systemTypes,
            ],
            swiftSettings: swiftSettings,
            linkerSettings: [.unsafeFlags(["-static-executable"], .when(configuration: .release))]
        ),

        // Arrows point down this list, never up.
        library(
            "Boot",
            [
                "Supervision", "Session", "Egress", "Resolver", "Confinement", "Filesystem",
                "Secrets", "Verification", "Control", "Profile", "Policy", "Linux", logging,
                systemTypes,
            ]),
        library(
            "Inspection",
            [
                "Control", "Egress", "Filesystem", "Resolver", "DNSWire", "Policy", "Linux",
                systemTypes,
            ]),
        library("Verification", ["Confinement", "Control", "DNSWire", "Linux", systemTypes]),
        library("Session", ["Confinement", "Control", "Profile", "Linux", systemTypes]),
        library(
            "Supervision",
            [
                "Inspection", "Confinement", "Control", "Egress", "Resolver", "Secrets", "Policy",
                "Linux",
                logging, systemTypes,
            ]
        ),
        library("Reaper", ["Linux", systemTypes]),
        library("Egress", ["Policy", "Linux", "CNftnl", "CMnl", systemTypes]),
        library("Resolver", ["DNSWire", "Egress", "Policy", "Linux", systemTypes]),
        library("Confinement", ["Linux", "CSeccomp", systemTypes]),
        library("Filesystem", ["Linux", systemTypes]),
        library("Secrets", ["Linux", systemTypes]),
        library("Control", ["Policy", "Linux", systemTypes]),
        library("Profile", ["Policy", "TOML"]),
        library("Policy"),
        library("TOML"),
        .target(
            name: "LeaseExchange", dependencies: ["Policy"], swiftSettings: checks),
        library("DNSWire"),
        library("Linux", ["CLinux", systemTypes]),

        // What tests of several targets need; below Sources, because an image is built without Tests.
        library("TestSupport", ["Linux", systemTypes]),

        .target(name: "CLinux"),
        .target(
            name: "CStartUp", exclude: ["order"],
            cSettings: [.define("CODETAINER_STATIC", .when(configuration: .release))]),
        .target(name: "CBuild"),
        .target(name: "CMnl"),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CNftnl", pkgConfig: "libnftnl", providers: [.apt(["libnftnl-dev"])]),
        .systemLibrary(
            name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),

        tests(
            "BootTests",
            [
                "Boot", "Supervision", "Egress", "Profile", "Policy", "Linux", "TestSupport",
                systemTypes,
            ]),
        tests(
            "ConfinementTests", ["Confinement", "CSeccomp", "Linux", "TestSupport", systemTypes]),
        tests("ControlTests", ["Control", "Policy", "Linux"]),
        tests("DNSWireTests", ["DNSWire"]),
        tests("EgressTests", ["Egress", "Policy", "Linux", "CMnl"]),
        tests("FilesystemTests", ["Filesystem", "Linux", "TestSupport", systemTypes]),
        tests(
            "InspectionTests",
            [
                "Inspection", "Control", "Resolver", "Egress", "DNSWire", "Policy", "Linux",
                "TestSupport",
            ]),
        tests("LeaseExchangeTests", ["LeaseExchange", "Policy"]),
        tests("LinuxTests", ["Linux", "TestSupport", systemTypes]),
        tests("MessageTests", ["Linux", "TestSupport", systemTypes]),
        tests("PolicyTests", ["Policy"]),
        tests(
            "VerificationTests",
            ["Verification", "Confinement", "Control", "Linux", "TestSupport", systemTypes]),
        tests("ProfileTests", ["Profile"]),
        tests("TOMLTests", ["TOML"]),
        tests("ReaperTests", ["Reaper", "Linux", "TestSupport", systemTypes]),
        tests(
            "ResolverTests",
            [
                "Resolver", "Confinement", "DNSWire", "Policy", "Linux", "TestSupport", systemTypes,
            ]),
        tests("SecretsTests", ["Secrets", "Linux"]),
        tests("SessionTests", ["Session", "Profile", "Linux", "TestSupport", systemTypes]),
        tests(
            "SupervisionTests",
            [
                "Supervision", "Confinement", "Control", "Egress", "Resolver", "Secrets", "Policy",
                "Linux", "TestSupport", logging, systemTypes,
            ]),
    ],
    cLanguageStandard: .gnu11
)

// Instrumented, and without a main function of its own, so only scripts/fuzz builds it.
if Context.environment["CODETAINER_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Supervision", "Resolver", "Egress", "LeaseExchange", "DNSWire", "Policy", "TOML",
            ],
            path: "Tests/Fuzz",
            swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])]))
}
