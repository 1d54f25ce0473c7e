#include "transport/http/outgoing.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/url.h"

namespace godwit::http {
namespace {

constexpr std::size_t kKeptAnswer = 1024, kMaxAnswer = 64 << 10;

struct FreeEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// The registries of special-purpose addresses (RFC 6890 and what followed it). In IPv6 everything is special but 2000::/3, and of that
/// what is listed here.
constexpr std::string_view kSpecial[] = {
    "0.0.0.0/8",    "10.0.0.0/8",     "100.64.0.0/10",  "127.0.0.0/8",   "169.254.0.0/16",  "172.16.0.0/12",  "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    "2001::/23",    "2001:db8::/32",  "2002::/16",      "3fff::/20",     "5f00::/16",
};

const std::vector<IpPrefix>& special() {
    static const auto prefixes = [] {
        std::vector<IpPrefix> out;
        for (const auto text : kSpecial) out.push_back(IpPrefix::parse(text).value());
        return out;
    }();
    return prefixes;
}

std::optional<IpAddress> address_of(const sockaddr& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = nullptr;
    if (address.sa_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    if (address.sa_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (!bytes || !inet_ntop(address.sa_family, bytes, text.data(), text.size())) return std::nullopt;
    return parse_ip(text.data());
}

/// One call under way, as its callbacks see it.
struct Call {
    const OutgoingOptions& options;
    std::string body;
    std::size_t received = 0;
    std::string refused;  ///< the address that was not allowed
};

/// In place of curl's socket(): the last look at where a connection really goes.
curl_socket_t open_socket(void* of, curlsocktype purpose, curl_sockaddr* to) {
    auto& call = *static_cast<Call*>(of);
    const auto address = address_of(to->addr);
    if (purpose != CURLSOCKTYPE_IPCXN || !address || !(is_public(*address) || contains(call.options.allowed, *address))) {
        call.refused = address ? address->to_string() : "an address of an unknown kind";
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

std::size_t take_body(const char* bytes, std::size_t size, std::size_t count, void* of) {
    auto& call = *static_cast<Call*>(of);
    call.received += size * count;
    if (call.received > kMaxAnswer) return 0;
    call.body.append(bytes, std::min(size * count, kKeptAnswer - std::min(kKeptAnswer, call.body.size())));
    return size * count;
}

}  // namespace

bool is_public(const IpAddress& address) {
    static const IpPrefix global_v6 = IpPrefix::parse("2000::/3").value();
    if (contains(special(), address)) return false;
    // An IPv4 address is public unless it is listed; of IPv6 only the part that is given out.
    return address.v4 || contains(std::span(&global_v6, 1), address);
}

Outgoing::Outgoing(OutgoingOptions options) : options_(std::move(options)) {}

Result<OutgoingAnswer> Outgoing::post(const std::string& url, std::string_view content_type, std::string_view body) const {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    const auto parts = parse_url(url);
    if (!parts || !parts->userinfo.empty() || !(parts->scheme == "https" || (parts->scheme == "http" && options_.plain_http)))
        return fail(Code::invalid_argument, "HTTP-Out01", "\"" + url + "\" is no URL to call");
    const std::unique_ptr<CURL, FreeEasy> handle(ready == CURLE_OK ? curl_easy_init() : nullptr);
    if (!handle) return fail(Code::unavailable, "HTTP-Out03", "no memory for a connection");
    CURL* const curl = handle.get();
    Call call{.options = options_, .body = {}, .refused = {}};
    curl_slist* fields = curl_slist_append(nullptr, ("content-type: " + std::string(content_type)).c_str());
    fields = curl_slist_append(fields, "expect:");
    const std::unique_ptr<curl_slist, FreeList> headers(fields);

    std::array<char, CURL_ERROR_SIZE> reason{};
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, options_.plain_http ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason.data());
    if (!options_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "godwit");
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &call);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call);

    const CURLcode code = curl_easy_perform(curl);
    // A long answer is one all the same; nobody reads it.
    if (code != CURLE_OK && call.received <= kMaxAnswer) {
        if (!call.refused.empty())
            return fail(Code::permission_denied, "HTTP-Out02",
                        parts->host + " leads to " + call.refused + ", which is not of the public internet; an operator can allow it");
        return fail(Code::unavailable, "HTTP-Out03",
                    "cannot reach " + parts->host + ": " + (reason[0] ? reason.data() : curl_easy_strerror(code)));
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return OutgoingAnswer{static_cast<int>(status), std::move(call.body)};
}

}  // namespace godwit::http
