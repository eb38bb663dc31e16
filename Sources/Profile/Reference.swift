/// What a person may set, described: the text of `codetainer help profile` and of docs/profile.md.
///
/// Tests hold the keys, types, defaults and examples to the parser, and the variables to the sources.
public enum Reference {
    /// A table of the profile.
    public struct Table: Sendable {
        /// Names of the tables around it and its own, with periods; empty for the document itself.
        public let path: String
        /// Whether it may be there several times: `[[path]]`.
        public let repeats: Bool
        public let meaning: String
        public let keys: [Key]

        init(_ path: String, repeats: Bool = false, _ meaning: String, _ keys: [Key]) {
            (self.path, self.repeats, self.meaning, self.keys) = (path, repeats, meaning, keys)
        }

        /// As a document writes it; empty for the document itself.
        public var header: String {
            path.isEmpty ? "" : repeats ? "[[\(path)]]" : "[\(path)]"
        }
    }

    public struct Key: Sendable {
        public let name: String
        /// What the parser wants, in its own words, and what else is asked of the value.
        public let type: String
        /// What holds without it, as the document would write it or in words; nil where it is needed.
        public let fallback: String?
        /// A value, as a document writes it.
        public let example: String
        public let meaning: String

        init(
            _ name: String, _ type: String, default fallback: String?, _ example: String,
            _ meaning: String
        ) {
            (self.name, self.type, self.fallback) = (name, type, fallback)
            (self.example, self.meaning) = (example, meaning)
        }
    }

    /// A variable of the container's environment, or of an operator's.
    public struct Variable: Sendable {
        public let name: String
        /// What its value must be.
        public let type: String
        /// What holds without it.
        public let fallback: String
        public let example: String
        public let meaning: String

        init(
            _ name: String, _ type: String, default fallback: String, _ example: String,
            _ meaning: String
        ) {
            (self.name, self.type, self.fallback) = (name, type, fallback)
            (self.example, self.meaning) = (example, meaning)
        }
    }
}
