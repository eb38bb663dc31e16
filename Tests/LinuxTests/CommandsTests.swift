import Linux
import TestSupport
import Testing

@Suite struct CommandsTests {
    let scratch: Scratch
    let path: String

    init() throws {
        scratch = try Scratch()
        let second = try Scratch.below(scratch, "second")
        path = "\(scratch.path)::\(second):/nonexistent"
        try scratch.write("#!/bin/sh\n", to: "program", mode: 0o755)
        try scratch.write("text", to: "plain", mode: 0o644)
        try scratch.write("text", to: "shadowed", mode: 0o644)
        try Directory(second).write(
            Array("#!/bin/sh\n".utf8), to: "shadowed", ownership: .root(mode: 0o755))
    }

    @Test func findsOnThePath() throws {
        #expect(try Commands.find("program", path: path) == "\(scratch.path)/program")
        #expect(
            try Commands.find("\(scratch.path)/program", path: "") == "\(scratch.path)/program")
    }

    @Test func goesOnPastWhatCannotBeRun() throws {
        #expect(try Commands.find("shadowed", path: path) == "\(scratch.path)/second/shadowed")
    }

    @Test(arguments: ["absent", "./absent", "/nonexistent/program"])
    func says127(command: String) {
        let error = #expect(throws: Commands.LookUpError.self) {
            try Commands.find(command, path: path)
        }
        #expect(error == .notFound(command))
        #expect(error?.code == 127)
        #expect(
            error?.description
                == "\(command): command not found: check the spelling, PATH, and that the image has it"
        )
    }

    @Test func aNameOfNothingIsNowhere() {
        let error = #expect(throws: Commands.LookUpError.self) {
            try Commands.find("", path: path)
        }
        #expect(error == .notFound("\"\""))
    }

    @Test(arguments: ["plain", "second"])
    func says126(command: String) {
        let error = #expect(throws: Commands.LookUpError.self) {
            try Commands.find(command, path: path)
        }
        #expect(error == .notExecutable(command))
        #expect(error?.code == 126)
        #expect(
            error?.description == "\(command): not an executable file: chmod +x, or name another")
    }
}
