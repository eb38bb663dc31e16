import CStartUp

@main
struct Main {
    static func main() {
        codetainer_restore_environment()
    }
}
