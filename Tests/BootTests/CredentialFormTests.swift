import Testing

@testable import Boot

@Suite struct CredentialFormTests {
    // Put together, so that nobody's scanner takes this file for a leak.
    private static let token = "gh" + "p_" + String(repeating: "a1B2", count: 9)

    @Test(
        arguments: [
            ("-----BEGIN OPENSSH PRIVATE " + "KEY-----", .privateKey),
            ("-----BEGIN " + "PRIVATE KEY-----", .privateKey),
            ("curl -H 'Authorization: Bearer \(token)'", .token), (token, .token),
            ("https://ada:hunter2@git.example.com", .password),
            ("url = https://x:y@example.com/a.git", .password),
            ("machine example.com login ada password hunter2", .password),
            ("  password hunter2", .password),
            ("//npm.pkg.github.com/:_authToken=0123456789abcdef", .secret),
            ("_auth=YWRhOmh1bnRlcjI=", .secret), ("GH_TOKEN=0123456789", .secret),
            ("export API_KEY=\"0123456789\"", .secret), ("DB_PASSWORD: 'correct-horse'", .secret),
            ("aws_secret_access_key = 0123456789abcdef", .secret),
            ("  \"refresh_token\": \"1//0123456789\",", .secret),
            ("\"accessToken\":\"0123456789\"", .secret), ("    oauth_token: 0123456789", .secret),
            ("            \"auth\": \"YWRhOmh1bnRlcjI=\"", .secret),
            ("client-key-data: 0123456789", .secret), ("set -gx GITHUB_PAT=0123456789", .secret),
            // A file in one line.
            ("{\"auths\":{\"r.example\":{\"auth\":\"YWRhOmh1bnRlcjI=\"}}}", .secret),
            ("{\"http-basic\":{\"r\":{\"username\":\"a\",\"password\":\"hunter2\"}}}", .secret),
            ("[{\"tokenType\":\"Bearer\",\"accessToken\":\"0123456789\"}]", .secret),
            ("{\"credentials\": {\"a.example\": {\"token\": \"0123456789\"}}}", .secret),
            ("{\"a\":\"https://a.example\",\"b\":\"https://ada:x@b.example\"}", .password),
            ("npm_config_a=b # \(token) npm_", .token),
            ("<password>hunter2</password>", .secret),
            ("<server><id>a</id><privateKey>0123456789</privateKey></server>", .secret),
            (":rubygems_api_key: 0123456789", .secret), ("password=hunter2", .secret),
            ("registry = { url = \"u\", token = \"0123456789\" }", .secret),
            ("export A=1 GH_TOKEN=0123456789", .secret),
            ("alias up='deploy --token=0123456789'", .secret),
            ("url = https://a.example/?access_token=0123456789", .secret),
        ] as [(String, CredentialForm)])
    func isOne(line: String, form: CredentialForm) {
        #expect(CredentialForm.find(in: Array(line.utf8)[...]) == form)
    }

    @Test(arguments: [
        "", "# GH_TOKEN=0123456789", "; password = 0123456789",
        // By reference, as a profile's own files have it.
        "//npm.pkg.github.com/:_authToken=${CODETAINER_NPM_TOKEN}", "GH_TOKEN=$1234567",
        "token=$(cat /somewhere/else)", "TOKEN=`read_token`", "PASSWORD=<your password>",
        "API_KEY={{ api_key }}", "SSH_KEY=/home/ada/.ssh/id_ed25519",
        "GIT_ASKPASS=/usr/bin/askpass",
        "PASSWORD_STORE_DIR=~/.password-store", "TOKEN=short", "TOKEN=", "PATH=/usr/bin:/bin",
        "LESSOPEN=| lesspipe %s", "helper = store", "url = https://github.com/ada/project",
        "url = ssh://git@github.com/ada/project", "insteadOf = git@github.com:",
        "user.name=Ada Lovelace",
        "https://ada:$TOKEN@git.example.com", "if [ \"$PS1\" ]; then",
        "machine example.com login ada",
        "-----BEGIN CERTIFICATE-----", "KEYTIMEOUT=123456789", "\"projects\": { \"/app\": {} }",
        "github_pat_", "the password is secret and long", "monkey=0123456789",
        "{\"tokenType\":\"Bearer\",\"expiresIn\":\"0123456789\"}",
        "{\"token\":\"${GH_TOKEN}\",\"auth\":{\"url\":\"https://a.example\"}}",
        "{\"tokenLimit\":\"a\",\"sinceToken\":0123456789}", "<password></password>",
        "<password>${env.PASSWORD}</password>", "<password>{COQLCE6DU6GtcS5P=}</password>",
        "<username>0123456789</username>", "PATH=/opt/token:0123456789/bin:/bin", "password=short",
        "complete -W \"--token= --password= --verbose\" deploy",
        "if [ \"$token\" = \"0123456789\" ]",
        "[[ $GH_TOKEN == 0123456789 ]]", "time: 10:00, token: none of yours",
    ])
    func isNone(line: String) {
        #expect(CredentialForm.find(in: Array(line.utf8)[...]) == nil)
    }
}
