import CCurl
import LeaseExchange
import Linux
import Policy
import Secrets

/// One HTTPS POST at a time, with libcurl; nothing is kept from one to the next: no connection, no
/// address, no cookie.
struct Exchange {
    enum Outcome {
        case answer([UInt8])
        case fault(LeaseFault)
        /// It was given up for the sake of the descriptor that was named.
        case interrupted
    }

    private let url: String
    private let authorities: String

    init(url: String, authorities: String) {
        (self.url, self.authorities) = (url + LeaseQuestion.path, authorities)
        _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    }

    /// - Parameters:
    ///   - body: a JSON document.
    ///   - time: for all of it, from the look-up of the name to the last octet of the answer.
    ///   - descriptor: gives it up once it is readable; -1 for none.
    func post(_ body: Secret, within time: Milliseconds, unless descriptor: CInt) -> Outcome {
        body.withBytes { octets in
            unsafe octets.withUnsafeBufferPointer { octets in
                guard let handle = unsafe curl_easy_init(), let multi = unsafe curl_multi_init()
                else { return .fault(.connection) }
                let answer = Answer()
                defer {
                    _ = unsafe curl_multi_remove_handle(multi, handle)
                    unsafe curl_easy_cleanup(handle)
                    _ = unsafe curl_multi_cleanup(multi)
                }
                let headers = unsafe Self.headers()
                defer { unsafe curl_slist_free_all(headers) }
                unsafe configure(handle, octets, headers, time)
                unsafe answer.take(from: handle)
                _ = unsafe curl_multi_add_handle(multi, handle)
                guard let result = unsafe Self.perform(multi, within: time, unless: descriptor)
                else { return .interrupted }
                return unsafe Self.outcome(result, handle, answer)
            }
        }
    }

    @unsafe private static func headers() -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        // Without `Expect`, curl would wait for leave to send a longer body.
        for header in ["Content-Type: application/json", "Accept: application/json", "Expect:"] {
            unsafe list = curl_slist_append(list, header)
        }
        return unsafe list
    }

    @unsafe private func configure(
        _ handle: UnsafeMutableRawPointer, _ body: UnsafeBufferPointer<UInt8>,
        _ headers: UnsafeMutablePointer<curl_slist>?, _ time: Milliseconds
    ) {
        let milliseconds = Int(time.nanoseconds / 1_000_000)
        let texts: [(CURLoption, String)] = [
            (CURLOPT_URL, url), (CURLOPT_CAINFO, authorities),
            (CURLOPT_PROTOCOLS_STR, "https"), (CURLOPT_PROXY, ""),
            (CURLOPT_USERAGENT, "codetainer-lease"),
        ]
        for (option, text) in texts {
            _ = unsafe codetainer_curl_set_text(handle, option, text)
        }
        _ = unsafe codetainer_curl_set_text(handle, CURLOPT_CAPATH, nil)
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_NETRC, 0), (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_NOPROGRESS, 1), (CURLOPT_FORBID_REUSE, 1), (CURLOPT_DNS_CACHE_TIMEOUT, 0),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            // A look-up that hangs must not hold up the end.
            (CURLOPT_QUICK_EXIT, 1), (CURLOPT_TIMEOUT_MS, milliseconds),
            (CURLOPT_CONNECTTIMEOUT_MS, milliseconds / 2), (CURLOPT_POST, 1),
            (CURLOPT_POSTFIELDSIZE, body.count),
        ]
        for (option, number) in numbers {
            _ = unsafe codetainer_curl_set_number(handle, option, number)
        }
        _ = unsafe codetainer_curl_set_pointer(
            handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: body.baseAddress))
        _ = unsafe codetainer_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
    }

    /// - Returns: curl's result; nil when `descriptor` came first.
    @unsafe private static func perform(
        _ multi: UnsafeMutableRawPointer, within time: Milliseconds, unless descriptor: CInt
    ) -> CURLcode? {
        var running: CInt = 1
        // curl's own limit comes first; this one is for a defect of it.
        let end = Instant.now + time + 1_000
        while Instant.now < end {
            guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else {
                return CURLE_COULDNT_CONNECT
            }
            let result = unsafe codetainer_curl_result(multi)
            if result >= 0 { return CURLcode(rawValue: UInt32(result)) }
            var other = curl_waitfd(fd: descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
            let polled = unsafe curl_multi_poll(
                multi, &other, descriptor < 0 ? 0 : 1, 1_000, nil)
            guard polled == CURLM_OK else { return CURLE_COULDNT_CONNECT }
            if descriptor >= 0, other.revents != 0 { return nil }
        }
        return CURLE_OPERATION_TIMEDOUT
    }

    @unsafe private static func outcome(
        _ result: CURLcode, _ handle: UnsafeMutableRawPointer, _ answer: Answer
    ) -> Outcome {
        switch result {
        case CURLE_OK: break
        case CURLE_COULDNT_RESOLVE_HOST: return .fault(.name)
        case CURLE_COULDNT_CONNECT: return .fault(.connection)
        case CURLE_OPERATION_TIMEDOUT: return .fault(.timeOut)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            return .fault(.certificate)
        case CURLE_WRITE_ERROR where answer.isTooLong: return .fault(.tooLong)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL: return .fault(.nonsense)
        default: return .fault(.transport)
        }
        switch unsafe codetainer_curl_status(handle) {
        case 200, 403: return .answer(answer.octets)
        case 300..<400: return .fault(.redirect)
        default: return .fault(.status)
        }
    }
}

/// The body of an answer, up to what an answer may have.
private final class Answer {
    private(set) var octets: [UInt8] = []
    private(set) var isTooLong = false

    /// Has `handle` write to this object, which must outlive the transfer.
    @unsafe func take(from handle: UnsafeMutableRawPointer) {
        _ = unsafe codetainer_curl_set_writer(handle) { data, _, count, answer in
            guard let data = unsafe data, let answer = unsafe answer else { return 0 }
            let octets = unsafe UnsafeRawBufferPointer(start: data, count: count)
            let taken = unsafe Unmanaged<Answer>.fromOpaque(answer).takeUnretainedValue()
                .append(octets)
            // Fewer than came end the transfer.
            return taken ? count : 0
        }
        _ = unsafe codetainer_curl_set_pointer(
            handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque())
    }

    @unsafe private func append(_ more: UnsafeRawBufferPointer) -> Bool {
        guard octets.count + more.count <= LeaseQuestion.longestAnswer else {
            isTooLong = true
            return false
        }
        unsafe octets += more
        return true
    }
}
